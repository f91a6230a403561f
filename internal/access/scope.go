package access

import "fmt"

// Scope is what a key may do.
type Scope uint8

// The scopes. A key of one scope does not have the rights of another, but an
// admin key has all.
const (
	Write Scope = 1 // post events and page views
	Read  Scope = 2 // ask for reports
	Admin Scope = 3 // both
)

// Scopes lists every scope once.
func Scopes() []Scope { return []Scope{Write, Read, Admin} }

// ParseScope reads "write", "read" or "admin"; anything else is an ErrInvalid.
func ParseScope(name string) (Scope, error) {
	for _, s := range Scopes() {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, invalid("scope %q is not one of write, read, admin", name)
}

// String returns the scope's name, as the table stores it.
func (s Scope) String() string {
	switch s {
	case Write:
		return "write"
	case Read:
		return "read"
	case Admin:
		return "admin"
	default:
		return fmt.Sprintf("scope(%d)", uint8(s))
	}
}

// Allows reports whether a key of scope s may do what needs the scope needed.
func (s Scope) Allows(needed Scope) bool { return s == needed || s == Admin }

// MarshalText writes the name.
func (s Scope) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name.
func (s *Scope) UnmarshalText(text []byte) error {
	parsed, err := ParseScope(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}
