package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// dashboardPanels are panels with the part of the answer that they show, and
// their columns by the field of its rows.
var dashboardPanels = []struct {
	page, panel, part string
	columns           map[string]string
}{
	{"overview", "Active users", "series.active", map[string]string{"period": "period", "users": "users"}},
	{"overview", "Sessions", "series", map[string]string{"period": "period", "sessions": "sessions"}},
	{"overview", "Events", "series.events", map[string]string{"period": "period", "events": "events"}},
	{"overview", "Posts created", "created", map[string]string{"period": "period", "posts": "posts"}},
	{"overview", "Top tags", "", map[string]string{"tag": "tag", "users": "users", "events": "events", "trend": "trend"}},
	{"users", "New users", "", map[string]string{"period": "period", "new": "new"}},
	{"users", "All users", "", map[string]string{"period": "period", "total": "total"}},
	{"users", "Growth accounting", "", map[string]string{"period": "period", "new": "new", "retained": "retained", "resurrected": "resurrected"}},
	{"users", "Retention", "", map[string]string{"cohort": "cohort", "size": "size", "cell_1": "cells.1", "cell_12": "cells.12"}},
	{"users", "Active by day, week and 28 days", "", map[string]string{"period": "period", "dau": "dau", "wau": "wau", "mau": "mau"}},
	{"users", "On how many days people were active", "", map[string]string{"days": "days", "users": "users"}},
	{"users", "Roles", "roles", map[string]string{"role": "role", "users": "users", "events": "events"}},
	{"content", "Top posts", "", map[string]string{"post": "post", "users": "users", "comments": "comments", "trend": "trend"}},
	{"content", "Posts tagged docs", "", map[string]string{"post": "post", "users": "users", "events": "events"}},
	{"events", "Event types", "", map[string]string{"type": "type", "events": "events", "users": "users"}},
	{"pages", "Pages, sources and devices", "", map[string]string{"path": "value", "page_views": "page_views", "visitors": "visitors"}},
	{"pages", "From page to page", "", map[string]string{"from": "from", "to": "to", "count": "count", "sessions": "sessions"}},
	{"funnel", "Funnel", "", map[string]string{"step": "step", "users": "users", "median_seconds": "median_seconds"}},
	{"person", "Timeline", "", map[string]string{"at": "at", "type": "type", "role": "role"}},
	{"post", "People", "series", map[string]string{"period": "period", "users": "users"}},
}

// dashboardNumbers compares panels and totals with what the API answers to a key.
func dashboardNumbers(t *testing.T, s *instance) {
	b := openDashboard(t, s, s.keys["read"])
	b.size(1380, 900)
	at := ""
	for _, p := range dashboardPanels {
		if at != p.page {
			b.look(s, addressOf(p.page))
			b.value("document.querySelectorAll('.panel header > button').forEach((button) => button.click())")
			at = p.page
		}
		shown := b.tableOf(p.panel)
		if want := s.rowsOf(t, shown.Address, p.part, p.columns); len(want) == 0 || !cmp.Equal(want, only(shown.Rows, p.columns)) {
			t.Errorf("%s, %s (API -, page +):\n%s", p.page, p.panel, cmp.Diff(want, only(shown.Rows, p.columns)))
		}
		if file := s.fileOf(t, shown.CSV, p.columns); !cmp.Equal(file, only(shown.Rows, p.columns)) {
			t.Errorf("%s, %s (CSV -, page +):\n%s", p.page, p.panel, cmp.Diff(file, only(shown.Rows, p.columns)))
		}
	}
	b.look(s, addressOf("overview"))
	s.totalsAreThoseOfTheAPI(t, b)
}

func addressOf(page string) string {
	for _, p := range dashboardPages {
		if p.name == page {
			return p.address
		}
	}
	return ""
}

// totalsAreThoseOfTheAPI compares the numbers on top of the overview.
func (s *instance) totalsAreThoseOfTheAPI(t *testing.T, b *browser) {
	t.Helper()
	var shown map[string]string
	if err := json.Unmarshal([]byte(b.value(`JSON.stringify(Object.fromEntries([...document.querySelectorAll('.stat')]
		.map((stat) => [stat.querySelector('dt').textContent, stat.querySelector('b').dataset.value])))`)), &shown); err != nil {
		t.Fatal(err)
	}
	path, query := asksOf(t, b.tableOf("Active users").Address)
	if query.Get("from") != "2013-01-01" || query.Get("to") != "2015-01-01" || !strings.HasSuffix(path, "/summary") {
		t.Errorf("the overview asks %s?%s", path, query.Encode())
	}
	var summary struct{ Totals map[string]json.Number }
	s.data(path, query, &summary)
	for name, field := range map[string]string{
		"Active users": "active_users", "Events": "events", "Posts created": "posts_created",
		"Comments": "comments", "New users": "new_users", "Page views": "page_views",
	} {
		if want := summary.Totals[field].String(); want == "" || shown[name] != want {
			t.Errorf("%s: %q on the page, %q by the API", name, shown[name], want)
		}
	}
}

// rowsOf asks what a panel exports, and returns the fields of its rows as the
// page writes them.
func (s *instance) rowsOf(t *testing.T, address, part string, columns map[string]string) []map[string]string {
	t.Helper()
	path, query := asksOf(t, address)
	var raw json.RawMessage
	s.data(path, query, &raw)
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var data any
	if err := decoder.Decode(&data); err != nil {
		t.Fatal(err)
	}
	list, _ := within(data, part).([]any)
	rows := make([]map[string]string, 0, len(list))
	for _, row := range list {
		fields := map[string]string{}
		for column, field := range columns {
			fields[column] = written(within(row, field))
		}
		rows = append(rows, fields)
	}
	return rows
}

// fileOf reads the table of a panel out of what it exports as CSV, by the columns
// of the page.
func (s *instance) fileOf(t *testing.T, address string, columns map[string]string) []map[string]string {
	t.Helper()
	path, query := asksOf(t, address)
	lines, err := csv.NewReader(bytes.NewReader(s.getAs(s.keys["read"], path, query).body)).ReadAll()
	if err != nil || len(lines) == 0 {
		t.Fatalf("%s: %d lines, %v", address, len(lines), err)
	}
	place := map[string]int{}
	for i, name := range lines[0] {
		place[name] = i
	}
	rows := make([]map[string]string, 0, len(lines))
	for _, line := range lines[1:] {
		if table, several := place["table"]; several && line[table] != "data" {
			continue
		}
		row := map[string]string{}
		for column, field := range columns {
			row[column] = inMillis(line[place[strings.NewReplacer("cells.", "cell_", ".", "_").Replace(field)]])
		}
		rows = append(rows, row)
	}
	return rows
}

// inMillis writes a moment with its milliseconds, as JSON has them and CSV only
// where there are some.
func inMillis(value string) string {
	at, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return value
	}
	return at.Format("2006-01-02T15:04:05.000Z07:00")
}

// within follows names and numbers, separated by dots, into an answer.
func within(data any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		switch at := data.(type) {
		case map[string]any:
			if name != "" {
				data = at[name]
			}
		case []any:
			if i := 0; name != "" {
				if _, err := fmt.Sscan(name, &i); err != nil || i >= len(at) {
					return nil
				}
				data = at[i]
			}
		}
	}
	return data
}

// written is a value as the page has it: nothing for null.
func written(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// only returns rows with those columns alone.
func only(rows []map[string]string, columns map[string]string) []map[string]string {
	few := make([]map[string]string, 0, len(rows))
	for _, row := range rows {
		fields := map[string]string{}
		for column := range columns {
			fields[column] = row[column]
		}
		few = append(few, fields)
	}
	return few
}
