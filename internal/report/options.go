package report

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// choiceOption is an option with a fixed list of values, the first one its default.
func choiceOption(name, help string, values ...string) Option {
	return Option{
		Name: name, Default: values[0],
		Help: fmt.Sprintf("%s: %s", help, strings.Join(values, ", ")),
		Check: func(value string) error {
			if !slices.Contains(values, value) {
				return fmt.Errorf("is %q; it has to be one of %s", clip(value), strings.Join(values, ", "))
			}
			return nil
		},
	}
}

// numberOption is an option that is a whole number within bounds.
func numberOption(name, help string, standard, least, most int) Option {
	return Option{
		Name: name, Default: strconv.Itoa(standard),
		Help: fmt.Sprintf("%s; a whole number, %d to %d", help, least, most),
		Check: func(value string) error {
			if n, err := strconv.Atoi(value); err != nil || n < least || n > most {
				return fmt.Errorf("is %q; it has to be a whole number, %d to %d", clip(value), least, most)
			}
			return nil
		},
	}
}

// checkText bounds a text that goes into a parameter of a query.
func checkText(value string) error {
	switch {
	case len(value) > maxFilterBytes:
		return fmt.Errorf("has a text of %d bytes; the limit is %d", len(value), maxFilterBytes)
	case !utf8.ValidString(value):
		return errors.New("is not valid UTF-8")
	case strings.ContainsRune(value, 0):
		return errors.New("contains a NUL character")
	}
	return nil
}

// clip keeps a caller's text short in a message.
func clip(value string) string {
	const most = 64
	if len(value) > most {
		return strings.ToValidUTF8(value[:most], "") + "…"
	}
	return value
}

const day = 24 * time.Hour

// parseSpan reads a duration such as 14d, 36h or 90m.
func parseSpan(value string) (time.Duration, error) {
	if days, found := strings.CutSuffix(value, "d"); found {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * day, err
	}
	return time.ParseDuration(value)
}
