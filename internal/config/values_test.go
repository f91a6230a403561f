package config

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"go.yaml.in/yaml/v3"
)

func TestSizesAreReadInBothSystemsOfUnits(t *testing.T) {
	for text, want := range map[string]Bytes{
		"0": 0, "1": 1, "512": 512, "1B": 1, "64kB": 64_000, "64KB": 64_000, "64MB": 64_000_000,
		"2GB": 2_000_000_000, "1TB": 1e12, "10KiB": 10 << 10, "10MiB": 10 << 20, "10 MiB": 10 << 20,
		"1.5GiB": 3 << 29, "2tib": 2 << 40, "0.5kib": 512,
	} {
		if got, err := ParseBytes(text); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestBadSizesSayWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"": "not a number", "MiB": "not a number", "-1": "not a number", "1,5GiB": "not a number", "0x10": "not a number",
		"10M": "unknown unit", "10PB": "unknown unit", "ten": "unknown unit", "inf": "unknown unit", "NaN": "unknown unit",
		"1.5": "whole number", "0.3KiB": "whole number", "9000TiB": "more than", "1e300": "more than",
	} {
		if _, err := ParseBytes(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestSizesReadBackAsTheyAreWritten(t *testing.T) {
	same := func(n uint64, shift uint8) bool {
		size := Bytes(n>>(shift%64)) % maxBytes
		got, err := ParseBytes(size.String())
		return err == nil && got == size
	}
	if err := quick.Check(same, nil); err != nil {
		t.Error(err)
	}
}

func TestDurationsReadBackAsTheyAreWritten(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", time.Second: "1s", 90 * time.Second: "1m30s", time.Minute: "1m", 10 * time.Minute: "10m",
		time.Hour: "1h", 24 * time.Hour: "24h", time.Hour + time.Minute: "1h1m", time.Hour + 10*time.Second: "1h0m10s",
		200 * time.Millisecond: "200ms", math.MaxInt64: "2562047h47m16.854775807s",
	} {
		got := durationText(d)
		if back, err := time.ParseDuration(got); got != want || err != nil || back != d {
			t.Errorf("%s is written %q and read as %s, %v", d, got, back, err)
		}
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	const text = "hunter2"
	type holder struct {
		Secret  Secret
		Pointer *Secret
	}
	secret := Secret(text)
	for _, v := range []any{secret, &secret, []Secret{secret}, map[string]Secret{"key": secret}, holder{secret, &secret}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v", "%10.3s", "%c"} {
			if got := fmt.Sprintf(verb, v, v); leaks(got, text) {
				t.Errorf("%s of %T prints it: %s", verb, v, got)
			}
		}
		for name, marshal := range map[string]func(any) ([]byte, error){"JSON": json.Marshal, "YAML": yaml.Marshal} {
			if got, err := marshal(v); err != nil || leaks(string(got), text) {
				t.Errorf("%s of %T: %s, %v", name, v, got, err)
			}
		}
	}
	if secret.Reveal() != text || Secret("").String() != "" {
		t.Error("the text is lost, or an empty secret is shown as a set one")
	}
}

// leaks reports whether s holds the text, plain or in hexadecimal.
func leaks(s, text string) bool {
	return strings.Contains(s, text) || strings.Contains(strings.ToLower(s), fmt.Sprintf("%x", text))
}

func TestEveryOptionExplainsAndBoundsItself(t *testing.T) {
	c := Default()
	sized := []reflect.Type{reflect.TypeFor[int](), reflect.TypeFor[time.Duration](), reflect.TypeFor[Bytes]()}
	for _, flag := range optionsOf(&c) {
		if len(flag.Help) < 30 || !strings.HasSuffix(flag.Help, ".") {
			t.Errorf("%s has no help to speak of: %q", flag.Name, flag.Help)
		}
		for _, kind := range sized {
			if flag.Target.Type() != kind {
				continue
			}
			if bound(flag, "min") >= bound(flag, "max") || !within(flag) {
				t.Errorf("%s: bounds %s, default %s", flag.Name, boundsText(flag), text(flag.Target.Interface()))
			}
		}
		if flag.Tag.Has("special") != flag.Tag.Has("means") {
			t.Errorf("%s: a special value has to say what it means", flag.Name)
		}
	}
}
