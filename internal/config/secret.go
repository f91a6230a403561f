package config

import "fmt"

// mask is what is shown in the place of a secret.
const mask = "***"

// Secret is text that is never shown: whatever prints, logs or encodes it gets
// three asterisks, or nothing where it is empty. Reveal is the one way to the
// text.
type Secret string

// Reveal returns the text itself.
func (s Secret) Reveal() string { return string(s) }

// String returns the mask, or nothing for an empty secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return mask
}

// Format writes the mask for every verb, also for those that do not ask String.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText writes the mask, for JSON, YAML and zap.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the text. It accepts all of it, so that no error has a
// reason to quote it.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = Secret(text)
	return nil
}
