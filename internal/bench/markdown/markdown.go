// Package markdown prints the tables of the benchmarks so that they can be
// pasted into the documentation as they are, and be read before that. It stands
// beside the way from POST to chart.
package markdown

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Table is a table with a heading; numbers are cells like any other.
type Table struct {
	Heads []string // a head that ends with a colon is of a column of text, and loses it
	rows  [][]string
}

// New returns a table without rows.
func New(heads ...string) *Table { return &Table{Heads: heads} }

// Add appends a row; %v of each cell is shown.
func (t *Table) Add(cells ...any) {
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = strings.ReplaceAll(fmt.Sprint(cell), "|", `\|`)
	}
	t.rows = append(t.rows, row)
}

// Print writes the table, with an empty line before and after it.
func (t *Table) Print(w io.Writer) error {
	heads, rules, widths := t.layout()
	var text strings.Builder
	text.WriteByte('\n')
	for _, row := range append([][]string{heads, rules}, t.rows...) {
		text.WriteByte('|')
		for i, cell := range row {
			pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell)))
			if strings.HasSuffix(rules[i], ":") {
				fmt.Fprintf(&text, " %s%s |", pad, cell)
			} else {
				fmt.Fprintf(&text, " %s%s |", cell, pad)
			}
		}
		text.WriteByte('\n')
	}
	_, err := io.WriteString(w, text.String()+"\n")
	return err
}

// layout returns the heads, the rule below them, which says how a column is
// aligned, and the widths.
func (t *Table) layout() (heads, rules []string, widths []int) {
	for i, head := range t.Heads {
		name, isText := strings.CutSuffix(head, ":")
		width := max(3, utf8.RuneCountInString(name))
		for _, row := range t.rows {
			width = max(width, utf8.RuneCountInString(row[i]))
		}
		rule := strings.Repeat("-", width)
		if !isText {
			rule = rule[1:] + ":"
		}
		heads, rules, widths = append(heads, name), append(rules, rule), append(widths, width)
	}
	return heads, rules, widths
}
