package strictjson

import (
	"encoding/json"
	"strings"
	"testing"
)

var accepted = []string{
	`{}`, `[]`, `""`, `0`, `-0`, `1.5e-7`, `10E+2`, `true`, `false`, `null`,
	" \t\r\n{ \"a\" : [ 1 , { } ] } \n", `{"a":{"b":[[],[{}]]}}`,
	`"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"`, `"é 😀"`, `"12345678\"12345678"`,
}

var refused = map[string]int{
	``: 0, ` `: 1, `{`: 1, `[`: 1, `"`: 1, `"a`: 2, `"\`: 2, `"\x"`: 2, `"\u12g4"`: 5, `"\u12`: 5,
	`-`: 1, `+1`: 0, `01`: 1, `1.`: 2, `1.e3`: 2, `.5`: 0, `1e`: 2, `1e+`: 3, `--1`: 1, `0x10`: 1,
	`NaN`: 0, `nan`: 1, `Infinity`: 0, `-inf`: 1, `tru`: 3, `nulL`: 3, `True`: 0,
	`[1,]`: 3, `[,1]`: 1, `[1 2]`: 3, `{"a"}`: 4, `{"a":}`: 5, `{"a":1,}`: 7, `{a:1}`: 1, `{'a':1}`: 1,
	`{"a":1 "b":2}`: 7, `{} {}`: 3, `1 1`: 2, `]`: 0, `}`: 0, `[}`: 1, "\"a\nb\"": 2, "\"a\x01b\\nc\"": 2,
	"\"1234567\x00\"": 8, "{\"a\x1f\":1}": 3, "\v1": 0, "\uFEFF{}": 0, "[1]\x00": 3, `"\ud83d\u"`: 9,
}

func TestCheckAcceptsJSON(t *testing.T) {
	for _, text := range accepted {
		if err := Check([]byte(text)); err != nil {
			t.Errorf("Check(%q) = %v", text, err)
		}
	}
}

func TestCheckNamesTheFirstOffendingByte(t *testing.T) {
	for text, offset := range refused {
		err := Check([]byte(text))
		if err == nil {
			t.Errorf("Check(%q) accepted it", text)
			continue
		}
		if err.Offset != offset || err.TooDeep {
			t.Errorf("Check(%q) = %v (too deep: %v), want offset %d", text, err, err.TooDeep, offset)
		}
		if json.Valid([]byte(text)) {
			t.Errorf("encoding/json accepts %q", text)
		}
	}
}

func TestCheckBoundsDepth(t *testing.T) {
	nest := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if err := Check(nest(MaxDepth)); err != nil {
		t.Errorf("depth %d: %v", MaxDepth, err)
	}
	if err := Check(nest(MaxDepth + 1)); err == nil || !err.TooDeep || err.Offset != MaxDepth {
		t.Errorf("depth %d: %v, want too deep at byte %d", MaxDepth+1, err, MaxDepth)
	}
	if err := Check([]byte(strings.Repeat(`{"a":`, 1<<20))); err == nil || !err.TooDeep {
		t.Errorf("a million objects: %v, want too deep", err)
	}
}

func addSeeds(f *testing.F) {
	for _, text := range accepted {
		f.Add([]byte(text))
	}
	for text := range refused {
		f.Add([]byte(text))
	}
}

// FuzzCheckAgreesWithEncodingJSON also covers the offsets of the special bytes
// that are searched for eight at a time.
func FuzzCheckAgreesWithEncodingJSON(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		err := Check(text)
		if err != nil && err.TooDeep {
			return
		}
		if want := json.Valid(text); (err == nil) != want {
			t.Fatalf("Check(%q) = %v, encoding/json says valid: %v", text, err, want)
		}
		if err != nil && (err.Offset < 0 || err.Offset > len(text)) {
			t.Fatalf("Check(%q): offset %d is outside", text, err.Offset)
		}
	})
}
