package clickhouse_test

import (
	"strings"
	"testing"

	"ibarura/internal/clickhouse"
)

func TestMessagesLeaveOutWhatTheyQuoteOfARow(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{"Constraint `no_poison` for table ibarura.events is violated at row 4. Expression: (type != 'poison'). " +
			"Column values: type = 'poison', user_id = 'alice', n = 7", "Constraint `no_poison` for table ibarura.events is violated at row 4. " +
			"Expression: (type != '…'). Column values: …"},
		{"Cannot parse string 'it\\'s alice' as UInt64: syntax error", "Cannot parse string '…' as UInt64: syntax error"},
		{"Cannot parse \"alice\" here", "Cannot parse '…' here"},
		{"Memory limit (total) exceeded", "Memory limit (total) exceeded"},
	} {
		if got := clickhouse.WithoutValues(c.message); got != c.want {
			t.Errorf("%s\nbecame %s\nwant   %s", c.message, got, c.want)
		}
	}
}

func FuzzMessagesWithoutValuesKeepNothingBehindThem(f *testing.F) {
	f.Add("Constraint is violated. ", "alice")
	f.Fuzz(func(t *testing.T, before, value string) {
		got := clickhouse.WithoutValues("Column values: " + before + value)
		if !strings.HasSuffix(got, "Column values: …") {
			t.Errorf("%q", got)
		}
	})
}
