package clickhouse_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
	driver "github.com/ClickHouse/clickhouse-go/v2"

	"ibarura/internal/clickhouse"
)

func TestOnlyErrorsOfTheDataItselfArePermanent(t *testing.T) {
	native := func(code int) error { return &ch.Exception{Code: proto.Error(code)} }
	for _, c := range []struct {
		name string
		err  error
		want clickhouse.Class
	}{
		{"no error", nil, clickhouse.Transient},
		{"a cut connection", io.ErrUnexpectedEOF, clickhouse.Transient},
		{"a refused connection", &net.OpError{Op: "dial", Err: errors.New("refused")}, clickhouse.Transient},
		{"a deadline", context.DeadlineExceeded, clickhouse.Transient},
		{"a missing table, which a migration may bring", native(60), clickhouse.Transient},
		{"too many parts", native(252), clickhouse.Transient},
		{"out of memory", native(241), clickhouse.Transient},
		{"read-only mode", native(164), clickhouse.Transient},
		{"a wrong password, which an operator mends", native(516), clickhouse.Transient},
		{"a code nobody has heard of", native(99_999), clickhouse.Transient},
		{"a type that does not fit, which concerns every row alike", native(53), clickhouse.Transient},
		{"a block that ended too soon, as its connection did", native(33), clickhouse.Transient},
		{"a violated constraint", native(469), clickhouse.Permanent},
		{"the same, of a view: raw is written by then", &ch.Exception{Code: 469, Message: "Constraint `c` is violated: while pushing to view ibarura.v (9b2c)"}, clickhouse.Transient},
		{"a value out of range", native(321), clickhouse.Permanent},
		{"a wrapped permanent one", fmt.Errorf("insert: %w", native(27)), clickhouse.Permanent},
		{"the other driver's exception", &driver.Exception{Code: 469}, clickhouse.Permanent},
		{"joined, both permanent", errors.Join(native(469), native(6)), clickhouse.Permanent},
		{"joined, one transient", errors.Join(native(469), io.EOF), clickhouse.Transient},
	} {
		if got := clickhouse.ClassOf(c.err); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestOnlyErrorsOfFilesMayComeBetweenATokenAndItsBlock(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"no error", nil, false},
		{"a name that could not be changed", &ch.Exception{Code: 1001}, true},
		{"a line that could not be written", fmt.Errorf("insert: %w", &ch.Exception{Code: 75}), true},
		{"a broken invariant", &driver.Exception{Code: 49}, true},
		{"too many parts, which is asked first", &ch.Exception{Code: 252}, false},
		{"out of memory, which the commit is guarded against", &ch.Exception{Code: 241}, false},
		{"no room for a part, which is asked before it is written", &ch.Exception{Code: 243}, false},
		{"a cut connection, of which more is known elsewhere", io.ErrUnexpectedEOF, false},
	} {
		if got := clickhouse.MidCommit(c.err); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}
