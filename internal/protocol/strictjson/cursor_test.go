package strictjson

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// tree reads the value under the cursor as encoding/json with UseNumber does.
// Repeated keys and half surrogate pairs make it differ, which tidy reports.
func tree(c *Cursor) (value any, tidy bool) {
	switch c.Kind() {
	case Null:
		c.Literal()
		return nil, true
	case Bool:
		return c.Literal() == "true", true
	case Number:
		return json.Number(c.Literal()), true
	case String:
		s, _, ok := c.Str(nil)
		return s, ok && utf8.ValidString(s)
	case Array:
		return arrayTree(c)
	default:
		return objectTree(c)
	}
}

func arrayTree(c *Cursor) (value any, tidy bool) {
	elements, tidy := []any{}, true
	c.Enter()
	for c.More() {
		element, ok := tree(c)
		elements, tidy = append(elements, element), tidy && ok
	}
	return elements, tidy
}

func objectTree(c *Cursor) (value any, tidy bool) {
	members, tidy := map[string]any{}, true
	c.Enter()
	for c.More() {
		key, _, ok := c.Str(nil)
		c.AfterKey()
		member, memberOK := tree(c)
		_, repeated := members[key]
		members[key] = member
		tidy = tidy && ok && memberOK && !repeated && utf8.ValidString(key)
	}
	return members, tidy
}

func decodeStandard(t *testing.T, text []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("encoding/json on %q: %v", text, err)
	}
	return value
}

func checkCursor(t *testing.T, text []byte) {
	t.Helper()
	c := NewCursor(text)
	got, tidy := tree(&c)
	if c.Kind() != End {
		t.Fatalf("%q: cursor stops at byte %d", text, c.Offset())
	}
	if want := decodeStandard(t, text); tidy {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-encoding/json +cursor):\n%s", text, diff)
		}
	}
	skipper := NewCursor(text)
	skipper.Skip()
	if skipper.Kind() != End {
		t.Fatalf("%q: Skip stops at byte %d", text, skipper.Offset())
	}
	checkCompact(t, text)
}

func checkCompact(t *testing.T, text []byte) {
	t.Helper()
	c := NewCursor(text)
	got, _, _ := c.Compact([]byte("before"))
	var want bytes.Buffer
	if err := json.Compact(&want, text); err != nil {
		t.Fatal(err)
	}
	if string(got) != "before"+want.String() || c.Kind() != End {
		t.Fatalf("Compact(%q) = %q, want %q", text, got, want.String())
	}
}

func TestCursorReadsWhatEncodingJSONReads(t *testing.T) {
	for _, text := range accepted {
		checkCursor(t, []byte(text))
	}
}

func TestStrTellsHalfSurrogatePairs(t *testing.T) {
	for text, want := range map[string]bool{
		`"\ud83d\ude00"`: true, `"\ufffd"`: true, `"\uFFFF"`: true,
		`"\ud83d"`: false, `"\ude00"`: false, `"\ud83d\ud83d"`: false, `"\ud83dx"`: false, `"\ud83d\n"`: false,
		`"\ude00\ud83d"`: false, `"a\\ud83d"`: true,
	} {
		c := NewCursor([]byte(text))
		if _, _, ok := c.Str(nil); ok != want {
			t.Errorf("Str(%s) ok = %v, want %v", text, ok, want)
		}
		c = NewCursor([]byte(`[` + text + `]`))
		if _, _, ok := c.Compact(nil); ok != want {
			t.Errorf("Compact([%s]) ok = %v, want %v", text, ok, want)
		}
	}
}

func TestCompactCountsNesting(t *testing.T) {
	for text, want := range map[string]int{`1`: 0, `"[[["`: 0, `[]`: 1, `{"a":[1],"b":2}`: 2, `[[[]],[]]`: 3} {
		c := NewCursor([]byte(text))
		if _, nested, _ := c.Compact(nil); nested != want {
			t.Errorf("Compact(%s) nests %d, want %d", text, nested, want)
		}
	}
}

func FuzzCursorReadsWhatEncodingJSONReads(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		if Check(text) == nil {
			checkCursor(t, text)
		}
	})
}
