package event

import "fmt"

// Rejection says why one item was not accepted. It is an answer to the
// producer: sending the same item again gives the same rejection.
type Rejection struct {
	Code    string // one of the codes in codes.go
	Field   string // the field as the API names it, such as properties.plan; empty: the whole item
	Message string // a sentence that names the field and the limit, without the field's value
}

// Error returns the message with its code.
func (r *Rejection) Error() string { return r.Code + ": " + r.Message }

// Reject makes a Rejection whose message is formatted as by fmt.Sprintf.
func Reject(code, field, format string, args ...any) *Rejection {
	return &Rejection{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}
