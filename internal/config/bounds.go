package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// checkBounds checks each option against the min, max, special and oneof tags
// of its field.
func checkBounds(p *problems, c *Config) {
	for _, flag := range optionsOf(c) {
		value := text(flag.Target.Interface())
		switch {
		case flag.Tag.Has("oneof") && !slices.Contains(choices(flag), value):
			p.add(flag.Name, "%q is not one of %s", value, strings.Join(choices(flag), ", "))
		case flag.Tag.Has("min") && !within(flag):
			p.add(flag.Name, "%s is out of bounds: %s", value, boundsText(flag))
		}
	}
}

func choices(flag *kong.Flag) []string { return strings.Split(flag.Tag.Get("oneof"), ",") }

// within reports whether the option's value lies in its bounds, which are
// inclusive, or is its special value.
func within(flag *kong.Flag) bool {
	value := flag.Target.Interface()
	n := number(value)
	if flag.Tag.Has("special") && n == bound(flag, "special") {
		return true
	}
	return bound(flag, "min") <= n && n <= bound(flag, "max")
}

// boundsText says the bounds as people read them; "" if there are none.
func boundsText(flag *kong.Flag) string {
	if flag.Tag.Has("oneof") {
		return strings.Join(choices(flag), ", ")
	}
	if !flag.Tag.Has("min") {
		return ""
	}
	s := flag.Tag.Get("min") + " to " + flag.Tag.Get("max")
	if flag.Tag.Has("special") {
		s += fmt.Sprintf(", or %s: %s", flag.Tag.Get("special"), flag.Tag.Get("means"))
	}
	return s
}

// bound reads a tag of the option in the unit of its value.
func bound(flag *kong.Flag, tag string) int64 {
	s := flag.Tag.Get(tag)
	var n int64
	var err error
	switch flag.Target.Interface().(type) {
	case time.Duration:
		var d time.Duration
		d, err = time.ParseDuration(s)
		n = int64(d)
	case Bytes:
		var b Bytes
		b, err = ParseBytes(s)
		n = int64(b)
	default:
		n, err = strconv.ParseInt(s, 10, 64)
	}
	if err != nil {
		panic(fmt.Sprintf("option %s: tag %s: %v", flag.Name, tag, err)) // a tag; the tests read them all
	}
	return n
}

// number returns the value of an option that has bounds.
func number(value any) int64 {
	switch v := value.(type) {
	case time.Duration:
		return int64(v)
	case Bytes:
		return int64(v)
	case int:
		return int64(v)
	default:
		panic(fmt.Sprintf("bounds on a %T", value)) // a tag on a field without a size; the tests read them all
	}
}

// text writes a value as the file and the environment take it. A secret comes
// out masked.
func text(value any) string {
	if d, isDuration := value.(time.Duration); isDuration {
		return durationText(d)
	}
	return fmt.Sprint(value)
}

// durationText is d.String without the zero minutes and seconds at its end.
func durationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
