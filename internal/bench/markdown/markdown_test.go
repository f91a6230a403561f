package markdown

import (
	"strings"
	"testing"
)

func TestTableLinesUpTextToTheLeftAndNumbersToTheRight(t *testing.T) {
	table := New("way:", "rows/s")
	table.Add("ours", 95)
	table.Add("a|b … c", "1,234,567")
	var out strings.Builder
	if err := table.Print(&out); err != nil {
		t.Fatal(err)
	}
	want := `
| way      |    rows/s |
| -------- | --------: |
| ours     |        95 |
| a\|b … c | 1,234,567 |

`
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
}
