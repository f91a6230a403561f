package event

import "time"

// Limits bounds what one item may hold. Lengths are bytes of UTF-8, not
// characters. The zero value rejects nearly everything: start from
// DefaultLimits.
type Limits struct {
	// MaxIDBytes bounds the item's own id, which is kept in memory for the
	// deduplication window. Default 128.
	MaxIDBytes int
	// MaxTypeBytes bounds the event type. Default 128.
	MaxTypeBytes int
	// MaxIdentityBytes bounds user_id, anonymous_id, session_id and
	// object_id. Default 256.
	MaxIdentityBytes int
	// MaxLabelBytes bounds user_role and object_type, which have few distinct
	// values. Default 64.
	MaxLabelBytes int
	// MaxTags bounds the number of tags, repeated ones included. Default 32.
	MaxTags int
	// MaxTagBytes bounds one tag. Default 64.
	MaxTagBytes int
	// MaxProperties bounds the number of properties. Default 64.
	MaxProperties int
	// MaxPropertyKeyBytes bounds a property's key. Default 128.
	MaxPropertyKeyBytes int
	// MaxPropertyValueBytes bounds a property's value as text. Default 8192.
	MaxPropertyValueBytes int
	// MaxURLBytes bounds url and referrer. Default 4096.
	MaxURLBytes int
	// MaxTitleBytes bounds a page's title. Default 1024.
	MaxTitleBytes int
	// MaxUserAgentBytes bounds user_agent. Default 1024.
	MaxUserAgentBytes int
	// MaxItemBytes bounds one item's JSON, white space included; in a stream
	// of lines also the memory that a line can take. Default 1 MiB.
	MaxItemBytes int
	// MaxDepth bounds how deep objects and arrays nest, the item itself being
	// 1 and its properties 2. Default 8.
	MaxDepth int
	// MaxAhead is how far occurred_at may be ahead of the server's clock.
	// Default 24 hours: a phone with a wrong time zone is let in, a wrong
	// year is not.
	MaxAhead time.Duration
	// Earliest is the first moment kept. Default 1970-01-02T00:00:00Z, which
	// is a day that exists (1970-01-01 or later) in every time zone.
	Earliest Millis
	// MaxDuration bounds a page view's duration_ms. Default 24 hours.
	MaxDuration time.Duration
}

// DefaultLimits returns the limits that the documentation states.
func DefaultLimits() Limits {
	return Limits{
		MaxIDBytes:            128,
		MaxTypeBytes:          128,
		MaxIdentityBytes:      256,
		MaxLabelBytes:         64,
		MaxTags:               32,
		MaxTagBytes:           64,
		MaxProperties:         64,
		MaxPropertyKeyBytes:   128,
		MaxPropertyValueBytes: 8192,
		MaxURLBytes:           4096,
		MaxTitleBytes:         1024,
		MaxUserAgentBytes:     1024,
		MaxItemBytes:          1 << 20,
		MaxDepth:              8,
		MaxAhead:              24 * time.Hour,
		Earliest:              Millis(24 * time.Hour / time.Millisecond),
		MaxDuration:           24 * time.Hour,
	}
}
