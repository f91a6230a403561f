package clickhouse

import (
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"syscall"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/clickhouse-go/v2"
)

// Class says what may be done about an error of an insert.
type Class string

const (
	// Transient errors pass: the same block with the same token is sent again
	// until it succeeds.
	Transient Class = "transient"
	// Permanent errors are raised by the data itself before anything was
	// written: sending the same block again cannot help.
	Permanent Class = "permanent"
)

// permanentCodes are the ClickHouse error codes that a row's own values raise
// while a block is read, checked and completed, before any row is written: by
// constraints and computed columns that somebody has added to a raw table.
// Everything else is somebody else's fault and may be mended: an unknown table,
// but also a type that does not fit, which concerns every row alike, and
// CANNOT_READ_ALL_DATA (33), which is a block that ended too soon.
var permanentCodes = map[int32]bool{
	6:   true, // CANNOT_PARSE_TEXT
	26:  true, // CANNOT_PARSE_QUOTED_STRING
	27:  true, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
	38:  true, // CANNOT_PARSE_DATE
	41:  true, // CANNOT_PARSE_DATETIME
	69:  true, // ARGUMENT_OUT_OF_BOUND
	72:  true, // CANNOT_PARSE_NUMBER
	117: true, // INCORRECT_DATA
	131: true, // TOO_LARGE_STRING_SIZE
	153: true, // ILLEGAL_DIVISION
	321: true, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
	349: true, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
	376: true, // CANNOT_PARSE_UUID
	395: true, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO
	407: true, // DECIMAL_OVERFLOW
	467: true, // CANNOT_PARSE_BOOL
	469: true, // VIOLATED_CONSTRAINT
	675: true, // CANNOT_PARSE_IPV4
	676: true, // CANNOT_PARSE_IPV6
}

// pushingToView is what ClickHouse adds to an error that a materialized view
// raised. By then raw may be written.
const pushingToView = "while pushing to view"

// tooManyParts is the code of TOO_MANY_PARTS.
const tooManyParts = 252

// TooManyParts reports whether ClickHouse has more parts than its merges can
// follow.
func TooManyParts(err error) bool {
	code, ok := CodeOf(err)
	return ok && code == tooManyParts
}

// ClassOf decides whether an insert may be tried again. A joined error is
// permanent only if each of its parts is; an error of a view is transient,
// whatever its code.
func ClassOf(err error) Class {
	if err == nil {
		return Transient
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, part := range joined.Unwrap() {
			if ClassOf(part) == Transient {
				return Transient
			}
		}
		return Permanent
	}
	if code, ok := CodeOf(err); ok && permanentCodes[code] && !strings.Contains(err.Error(), pushingToView) {
		return Permanent
	}
	return Transient
}

// midCommitCodes are the codes of errors that files raise: of a name that could
// not be changed, of a line that could not be written.
var midCommitCodes = map[int32]bool{
	49:   true, // LOGICAL_ERROR
	75:   true, // CANNOT_WRITE_TO_FILE_DESCRIPTOR
	76:   true, // CANNOT_OPEN_FILE
	77:   true, // CANNOT_CLOSE_FILE
	84:   true, // DIRECTORY_ALREADY_EXISTS
	425:  true, // SYSTEM_ERROR
	1000: true, // POCO_EXCEPTION
	1001: true, // STD_EXCEPTION
	1002: true, // UNKNOWN_EXCEPTION
}

// MidCommit reports whether an insert may have failed between ClickHouse's note
// of its token and the block itself. Then the token is known and the block is
// not there, and an insert that succeeds with the same token proves nothing.
func MidCommit(err error) bool {
	code, ok := CodeOf(err)
	return ok && midCommitCodes[code]
}

// CodeOf returns the ClickHouse error code that err carries, whichever of the
// two drivers raised it.
func CodeOf(err error) (int32, bool) {
	var native *ch.Exception
	if errors.As(err, &native) {
		return int32(native.Code), true
	}
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return exception.Code, true
	}
	return 0, false
}

// Unreachable reports whether err says that the server could not be spoken to,
// rather than that it refused something.
func Unreachable(err error) bool {
	if _, ok := CodeOf(err); ok {
		return false
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, clickhouse.ErrAcquireConnTimeout) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

// What ClickHouse's messages quote of a row: its values behind a violated
// constraint, and what could not be read.
var (
	columnValues = regexp.MustCompile(`(?s)\bColumn values:.*`)
	quoted       = regexp.MustCompile(`(?s)'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`)
)

// WithoutValues is a message of ClickHouse with the values left out that it
// may quote of a row: they are somebody's data, and belong into no log.
func WithoutValues(message string) string {
	return quoted.ReplaceAllString(columnValues.ReplaceAllString(message, "Column values: …"), "'…'")
}
