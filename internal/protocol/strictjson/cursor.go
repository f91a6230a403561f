package strictjson

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// Kind is what a JSON value is.
type Kind byte

// The kinds of JSON values. End is what a Cursor past its last value is on.
const (
	End Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

func (k Kind) String() string {
	return [...]string{"nothing", "null", "a boolean", "a number", "a string", "an array", "an object"}[k]
}

// Cursor walks a JSON text that Check has accepted; on other bytes it may
// return nonsense or panic. The zero Cursor is on no value. A Cursor is for
// one goroutine; the strings and slices that it returns are views of the text
// and live as long as the text is not changed.
//
// A Cursor is always exactly on a value, a key or a closing bracket, or behind
// a value: only the methods that move to the next thing pass over white space.
type Cursor struct {
	b []byte
	i int
}

// NewCursor returns a Cursor on the one value that checked is.
func NewCursor(checked []byte) Cursor {
	checked = bytes.TrimSpace(checked)
	return Cursor{b: checked}
}

// Offset returns how many bytes of the text, without the white space around
// it, come before the cursor.
func (c *Cursor) Offset() int { return c.i }

// Rewind puts the cursor back to an offset at which a value begins.
func (c *Cursor) Rewind(offset int) { c.i = offset }

// Kind returns the kind of the value that the cursor is on.
func (c *Cursor) Kind() Kind {
	switch at(c.b, c.i) {
	case 0:
		return End
	case '{':
		return Object
	case '[':
		return Array
	case '"':
		return String
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	default:
		return Number
	}
}

// Enter steps into the object or array that the cursor is on. More then says
// whether there is a member or element to read.
func (c *Cursor) Enter() { c.i++ }

// More moves to the next member or element of what was entered, and returns
// true; at the end it moves behind the closing bracket and returns false.
func (c *Cursor) More() bool {
	c.i = skipSpace(c.b, c.i)
	switch c.b[c.i] {
	case '}', ']':
		c.i++
		return false
	case ',':
		c.i = skipSpace(c.b, c.i+1)
	}
	return true
}

// AfterKey moves from behind an object's key, read as a string, to its value.
func (c *Cursor) AfterKey() { c.i = skipSpace(c.b, skipSpace(c.b, c.i)+1) }

// Str reads the string that the cursor is on. If it holds escapes its text is
// appended to scratch, of which the result is then a view; the grown scratch
// is returned. ok is false if an escape is half of a surrogate pair.
func (c *Cursor) Str(scratch []byte) (s string, grown []byte, ok bool) {
	start := c.i + 1
	end := textEnd(c.b, start)
	if c.b[end] == '"' {
		c.i = end + 1
		return view(c.b[start:end]), scratch, true
	}
	from := len(scratch)
	scratch, c.i, ok = unescape(scratch, c.b, start)
	return view(scratch[from:]), scratch, ok
}

// Literal reads the number, boolean or null that the cursor is on, as its
// digits or letters.
func (c *Cursor) Literal() string {
	start := c.i
	c.i = literalEnd(c.b, start)
	return view(c.b[start:c.i])
}

// Skip moves behind the value that the cursor is on.
func (c *Cursor) Skip() {
	for depth := 0; ; {
		switch c.b[c.i] {
		case '{', '[':
			depth++
			c.i++
		case '}', ']':
			depth--
			c.i++
		case ',', ':', ' ', '\t', '\n', '\r':
			c.i++
		case '"':
			c.i = stringEnd(c.b, c.i+1)
		default:
			c.i = literalEnd(c.b, c.i)
		}
		if depth == 0 {
			return
		}
	}
}

// stringEnd returns the index behind the closing quote.
func stringEnd(b []byte, i int) int {
	for {
		if i = textEnd(b, i); b[i] == '"' {
			return i + 1
		}
		i += 2
	}
}

func literalEnd(b []byte, i int) int {
	for i < len(b) && b[i] > ' ' && b[i] != ',' && b[i] != '}' && b[i] != ']' {
		i++
	}
	return i
}

// view returns b as a string that shares its bytes.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// textEnd is plainEnd for text that is known to have no control characters.
func textEnd(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		if marks := quoteMarks(binary.LittleEndian.Uint64(b[i:])); marks != 0 {
			return i + bits.TrailingZeros64(marks)/8
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}
