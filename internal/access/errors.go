package access

import "fmt"

// Error is a refusal that its cause can be told apart by: Code is part of the
// API and does not change, Message is for people. No Error names a key.
type Error struct {
	Code    string
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Is reports whether target is an Error of the same code, whatever its message.
func (e *Error) Is(target error) bool {
	t, is := target.(*Error)
	return is && t.Code == e.Code
}

// invalid returns an ErrInvalid with a message of its own.
func invalid(format string, args ...any) error {
	return &Error{ErrInvalid.Code, fmt.Sprintf(format, args...)}
}

// What Authenticate and Require refuse with.
var (
	// ErrUnauthorized: no key, an unknown one or a revoked one; the answer does
	// not say which.
	ErrUnauthorized = &Error{"unauthorized", "a valid API key is required"}
	// ErrForbidden: the key is good, its scope is not.
	ErrForbidden = &Error{"forbidden", "this API key's scope does not allow this"}
	// ErrLinkInvalid: a link that was not made here, or was changed.
	ErrLinkInvalid = &Error{"link_invalid", "this link is not whole, or was not made by this server"}
	// ErrLinkExpired: a link whose time is over.
	ErrLinkExpired = &Error{"link_expired", "this link is over"}
	// ErrLinkRevoked: a link that was revoked, or whose project is no more.
	ErrLinkRevoked = &Error{"link_revoked", "this link was revoked"}
	// ErrUnavailable: keys cannot be checked now; the same request may succeed
	// in a moment.
	ErrUnavailable = &Error{"access_unavailable", "API keys cannot be checked at the moment"}
)

// What Store refuses with, wrapped with the name or id in question.
var (
	// ErrProjectExists: a project of this name is there, or was.
	ErrProjectExists = &Error{"project_exists", "a project of this name exists"}
	// ErrNoProject: there is no project of this name.
	ErrNoProject = &Error{"project_not_found", "no such project"}
	// ErrNoKey: there is no key of this id.
	ErrNoKey = &Error{"key_not_found", "no such key"}
	// ErrNoLink: there is no link of this id.
	ErrNoLink = &Error{"link_not_found", "no such link"}
	// ErrKeyInUse: the given key is already that of another project or scope,
	// or was revoked.
	ErrKeyInUse = &Error{"key_in_use", "this key has been given out before"}
	// ErrInvalid: a name, zone, scope, label or given key that breaks its rule.
	ErrInvalid = &Error{"invalid_argument", "invalid argument"}
)
