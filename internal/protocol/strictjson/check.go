package strictjson

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// MaxDepth bounds the nesting of objects and arrays that Check follows. It
// protects the stack; what an item may nest is a limit of the domain.
const MaxDepth = 512

// SyntaxError is the first place where bytes stop being JSON.
type SyntaxError struct {
	Offset  int // bytes before the offending one
	Message string
	TooDeep bool // JSON so far, but nested deeper than MaxDepth
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at byte %d", e.Message, e.Offset)
}

// Check returns nil if b is one JSON value with nothing but white space around
// it. Two things it leaves to the Cursor, which can name the field: whether
// strings are UTF-8, and whether surrogate escapes come in pairs.
func Check(b []byte) *SyntaxError {
	k := checker{b: b}
	i := k.value(skipSpace(b, 0), 0)
	if i >= 0 {
		if i = skipSpace(b, i); i != len(b) {
			k.fail(i, "unexpected bytes after the JSON value")
		}
	}
	return k.err
}

// checker's methods take the index at which something has to begin and return
// the index after it, or failed with err set.
type checker struct {
	b   []byte
	err *SyntaxError
}

const failed = -1

func (k *checker) fail(i int, message string) int {
	if i >= len(k.b) {
		i, message = len(k.b), "unexpected end of JSON"
	}
	k.err = &SyntaxError{Offset: i, Message: message}
	return failed
}

func (k *checker) value(i, depth int) int {
	if i >= len(k.b) {
		return k.fail(i, "")
	}
	switch c := k.b[i]; c {
	case '"':
		return k.str(i + 1)
	case '{', '[':
		if depth == MaxDepth {
			k.fail(i, fmt.Sprintf("nested deeper than %d", MaxDepth))
			k.err.TooDeep = true
			return failed
		}
		if c == '{' {
			return k.object(i+1, depth+1)
		}
		return k.array(i+1, depth+1)
	case 't':
		return k.literal(i, "true")
	case 'f':
		return k.literal(i, "false")
	case 'n':
		return k.literal(i, "null")
	default:
		return k.number(i)
	}
}

func (k *checker) object(i, depth int) int {
	i = skipSpace(k.b, i)
	if at(k.b, i) == '}' {
		return i + 1
	}
	for {
		if i = k.member(i, depth); i < 0 {
			return failed
		}
		switch at(k.b, i) {
		case ',':
			i = skipSpace(k.b, i+1)
		case '}':
			return i + 1
		default:
			return k.fail(i, "expected , or } after an object's member")
		}
	}
}

// member checks "key": value and the white space after it.
func (k *checker) member(i, depth int) int {
	if at(k.b, i) != '"' {
		return k.fail(i, "expected a key in double quotes")
	}
	if i = k.str(i + 1); i < 0 {
		return failed
	}
	if i = skipSpace(k.b, i); at(k.b, i) != ':' {
		return k.fail(i, "expected : after an object's key")
	}
	if i = k.value(skipSpace(k.b, i+1), depth); i < 0 {
		return failed
	}
	return skipSpace(k.b, i)
}

func (k *checker) array(i, depth int) int {
	i = skipSpace(k.b, i)
	if at(k.b, i) == ']' {
		return i + 1
	}
	for {
		if i = k.value(i, depth); i < 0 {
			return failed
		}
		i = skipSpace(k.b, i)
		switch at(k.b, i) {
		case ',':
			i = skipSpace(k.b, i+1)
		case ']':
			return i + 1
		default:
			return k.fail(i, "expected , or ] after an array's element")
		}
	}
}

// str checks from after the opening quote to after the closing one.
func (k *checker) str(i int) int {
	for {
		i = plainEnd(k.b, i)
		switch c := at(k.b, i); {
		case c == '"':
			return i + 1
		case c != '\\':
			return k.fail(i, "control character in a string")
		default:
			if i = k.escape(i + 1); i < 0 {
				return failed
			}
		}
	}
}

// escape checks what follows a backslash.
func (k *checker) escape(i int) int {
	switch at(k.b, i) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		for j := i + 1; j <= i+4; j++ {
			if !isHex(at(k.b, j)) {
				return k.fail(j, "expected four hexadecimal digits after \\u")
			}
		}
		return i + 5
	default:
		return k.fail(i, "unknown escape in a string")
	}
}

func (k *checker) literal(i int, want string) int {
	for j := range len(want) {
		if at(k.b, i+j) != want[j] {
			return k.fail(i+j, "expected "+want)
		}
	}
	return i + len(want)
}

// number checks -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (k *checker) number(i int) int {
	start := i
	if at(k.b, i) == '-' {
		i++
	}
	switch c := at(k.b, i); {
	case c == '0':
		i++
	case isDigit(c):
		i = skipDigits(k.b, i)
	case i == start:
		return k.fail(i, "expected a JSON value")
	default:
		return k.fail(i, "expected a digit")
	}
	if at(k.b, i) == '.' {
		if i = k.digits(i + 1); i < 0 {
			return failed
		}
	}
	if c := at(k.b, i); c == 'e' || c == 'E' {
		i++
		if c := at(k.b, i); c == '+' || c == '-' {
			i++
		}
		return k.digits(i)
	}
	return i
}

func (k *checker) digits(i int) int {
	if !isDigit(at(k.b, i)) {
		return k.fail(i, "expected a digit")
	}
	return skipDigits(k.b, i)
}

// at returns the byte at i, and 0, which no grammar rule accepts, at the end.
func at(b []byte, i int) byte {
	if i < len(b) {
		return b[i]
	}
	return 0
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func isHex(c byte) bool { return isDigit(c) || (c|0x20)-'a' <= 5 }

func skipDigits(b []byte, i int) int {
	for i < len(b) && isDigit(b[i]) {
		i++
	}
	return i
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// plainEnd returns the first index from i on that holds a quote, a backslash
// or a control character, or len(b). It looks at eight bytes at a time.
func plainEnd(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		if special := specialBytes(binary.LittleEndian.Uint64(b[i:])); special != 0 {
			return i + bits.TrailingZeros64(special)/8
		}
	}
	for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

// specialBytes sets the high bit of the first byte of w that is a quote, a
// backslash or below 0x20. Higher bytes may be marked wrongly, by borrows, so
// only the lowest mark means anything. (The usual test for a zero byte,
// (x - 0x01…) &^ x & 0x80…; see Warren, Hacker's Delight, 6-1.)
func specialBytes(w uint64) uint64 {
	return quoteMarks(w) | (w-' '*lowBits)&^w&highBits
}

// quoteMarks is specialBytes for quotes and backslashes alone.
func quoteMarks(w uint64) uint64 {
	quote := w ^ '"'*lowBits
	backslash := w ^ '\\'*lowBits
	return ((quote-lowBits)&^quote | (backslash-lowBits)&^backslash) & highBits
}
