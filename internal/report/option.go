package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// oneOf checks an option that has one of some values.
func oneOf(values ...string) func(string) error {
	return func(value string) error {
		if !slices.Contains(values, value) {
			return fmt.Errorf("is %q; it has to be one of %s", value, strings.Join(values, ", "))
		}
		return nil
	}
}

// wholeNumber checks an option that is a whole number, from least to most.
func wholeNumber(least, most int) func(string) error {
	return func(value string) error {
		if n, err := strconv.Atoi(value); err != nil || n < least || n > most {
			return fmt.Errorf("is %q; it has to be a whole number, %d to %d", value, least, most)
		}
		return nil
	}
}

// aText checks an option that is a text, such as filters are.
func aText(value string) error {
	if err := (Filter{Type: value}).check(); err != nil {
		return fmt.Errorf("%s", strings.TrimPrefix(err.Message, "type "))
	}
	return nil
}
