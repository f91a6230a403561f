package export_test

import (
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"ibarura/internal/export"
	"ibarura/internal/report"
)

// asked is a question of the registry, and what it is asked with.
type asked struct {
	path    string
	options map[string]string
	change  func(*report.Question)
}

// everyQuestion asks each endpoint with each value of an option that changes
// the shape of its answer, by day and by hour, and with a comparison.
func everyQuestion() []asked {
	var list []asked
	for _, e := range report.Endpoints() {
		options := map[string]string{}
		for _, o := range e.Options {
			if o.Example != "" {
				options[o.Name] = o.Example
			}
		}
		if e.Path == "posts/one" {
			options["object_id"] = "post-1"
		}
		if e.Path == "users/timeline" {
			options["user_id"] = `=HYPERLINK("http://evil.example","ü")`
		}
		list = append(list, asked{e.Path, options, func(*report.Question) {}},
			asked{e.Path, options, func(q *report.Question) { q.Compare = report.Previous }})
		if e.Series {
			list = append(list, asked{e.Path, options, func(q *report.Question) {
				q.Interval, q.From = report.Hour, q.To.AddDays(-2)
				q.Zone = time.FixedZone("Asia/Kathmandu", 20700)
			}})
		}
	}
	keep := func(*report.Question) {}
	return append(list,
		asked{"pages", map[string]string{"by": "entry"}, keep}, asked{"pages/paths", map[string]string{"start": "/"}, keep},
		asked{"events/series", map[string]string{"by": "role"}, keep},
		asked{"funnel", map[string]string{"steps": "user_signup,login", "window": "30d", "breakdown": "role", "times": "true"}, keep})
}

// answers asks all of it, and queries beside.
func answers(t *testing.T) map[string]*report.Answer {
	t.Helper()
	s, _ := service(t)
	all := map[string]*report.Answer{}
	for i, a := range everyQuestion() {
		q := question(t, "2026-05-10", "2026-07-01")
		q.Options = a.options
		a.change(&q)
		answer, err := s.Answer(t.Context(), a.path, q)
		if err != nil {
			t.Fatal(a.path, err)
		}
		all[fmt.Sprintf("%s %d", a.path, i)] = answer
	}
	for i, ask := range []report.Query{
		{Metrics: []string{"events", "active_users", "events_per_active_user"}, Dimensions: []string{"period", "property.campaign"}},
		{Metrics: []string{"page_views_per_visitor"}, Dimensions: []string{"path", "weekday"}},
	} {
		q := question(t, "2026-05-10", "2026-07-01")
		q.Compare = report.Previous
		answer, err := s.Query(t.Context(), q, ask)
		if err != nil {
			t.Fatal(err)
		}
		all[fmt.Sprintf("query %d", i)] = answer
	}
	return all
}

// row is a row of an answer or of a file: columns and their values as one text
// for each value, whatever the format; nothing is absent.
type row map[string]string

// rowsOfJSON takes the JSON of an answer apart without knowing its types:
// tables by name.
func rowsOfJSON(t *testing.T, a *report.Answer) map[string][]row {
	t.Helper()
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Data, Summary any
		Compare       *struct{ Data, Summary any }
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	tables := map[string][]row{}
	split(tables, "", all.Data)
	split(tables, "summary", all.Summary)
	if all.Compare != nil {
		split(tables, "compare", all.Compare.Data)
		split(tables, "compare_summary", all.Compare.Summary)
	}
	return tables
}

func split(tables map[string][]row, name string, v any) {
	switch v := v.(type) {
	case []any:
		if name == "" {
			name = "data"
		}
		tables[name] = nil
		for i, item := range v {
			r := row{}
			if object, is := item.(map[string]any); is {
				flatten(r, "", object)
			} else {
				flatten(r, "", map[string]any{"cell": float64(i), "value": item})
			}
			tables[name] = append(tables[name], r)
		}
	case map[string]any:
		for key, part := range v {
			if _, scalar := part.(float64); scalar {
				r := row{}
				flatten(r, "", v)
				tables[name] = []row{r}
				return
			}
			split(tables, strings.TrimPrefix(name+"_"+key, "_"), part)
		}
	}
}

func flatten(r row, before string, object map[string]any) {
	for key, v := range object {
		switch v := v.(type) {
		case nil:
		case map[string]any:
			if key == "properties" {
				r[key] = string(must(json.Marshal(v)))
				continue
			}
			flatten(r, before+key+"_", v)
		case []any:
			if key == "tags" {
				r[key] = string(must(json.Marshal(v)))
				continue
			}
			for i, n := range v {
				flatten(r, "", map[string]any{fmt.Sprintf("%s_%d", strings.TrimSuffix(key, "s"), i): n})
			}
		default:
			r[before+key] = canonical(v)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// canonical writes a value of JSON as one text; moments in UTC.
func canonical(v any) string {
	switch v := v.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		if at, err := time.Parse(time.RFC3339, v); err == nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
		return v
	default:
		return fmt.Sprint(v)
	}
}

// settled drops what files say more than JSON, and what is empty in both.
func settled(rows []row) []row {
	list := []row{}
	for _, r := range rows {
		kept := row{}
		for name, text := range r {
			if name != "partial" && name != "table" && text != "" {
				kept[name] = text
			}
		}
		list = append(list, kept)
	}
	return list
}

// TestEveryFormatSaysWhatTheJSONSays is about every question of the registry.
func TestEveryFormatSaysWhatTheJSONSays(t *testing.T) {
	_, target := service(t)
	conn := open(t, target)
	numbers := 0
	for name, a := range answers(t) {
		path, _, _ := strings.Cut(name, " ")
		want := rowsOfJSON(t, a)
		for _, format := range []export.Format{export.CSV, export.NDJSON, export.XLSX, export.Parquet} {
			file, err := export.NewFile(format, "p", path, export.AllTables, a)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := file.Write(&b); err != nil {
				t.Fatalf("%s as %s: %v", name, format, err)
			}
			got := map[string][]row{}
			switch format {
			case export.JSON:
			case export.CSV:
				got = byTable(file.Tables, readCSV(t, b.Bytes()))
			case export.NDJSON:
				got = byTable(file.Tables, readNDJSON(t, b.Bytes()))
			case export.XLSX:
				got = readXLSX(t, b.Bytes(), must(time.LoadLocation(a.Meta.Timezone)))
			case export.Parquet:
				got = byTable(file.Tables, readParquet(t, conn, b.Bytes()))
			}
			for table, rows := range want {
				numbers += len(rows)
				expected := settled(rows)
				if format == export.XLSX {
					expected = inFifteenDigits(expected)
				}
				if diff := cmp.Diff(expected, settled(got[table])); diff != "" {
					t.Errorf("%s as %s, table %s: JSON (-), file (+):\n%s", name, format, table, diff)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%s as %s has %d tables, JSON %d", name, format, len(got), len(want))
			}
		}
	}
	if numbers < 10_000 {
		t.Errorf("only %d rows were compared", numbers)
	}
}

// inFifteenDigits rounds fractions as Excel holds them.
func inFifteenDigits(rows []row) []row {
	for _, r := range rows {
		for name, text := range r {
			if n, err := strconv.ParseFloat(text, 64); err == nil && strings.Contains(text, ".") {
				r[name] = canonical(must(strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)))
			}
		}
	}
	return rows
}

// byTable sorts the rows of a flat file into the tables that it is of.
func byTable(tables []export.Table, rows []row) map[string][]row {
	sorted := map[string][]row{}
	for _, table := range tables {
		sorted[table.Name] = nil
	}
	for _, r := range rows {
		name := r["table"]
		if len(tables) == 1 {
			name = tables[0].Name
		}
		sorted[name] = append(sorted[name], r)
	}
	return sorted
}

func readCSV(t *testing.T, text []byte) []row {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for _, record := range records[1:] {
		r := row{}
		for i, text := range record {
			if len(text) > 1 && text[0] == '\'' {
				text = text[1:]
			}
			r[strings.TrimPrefix(records[0][i], "'")] = canonical(strings.ReplaceAll(text, "\n", "\r\n"))
		}
		rows = append(rows, r)
	}
	return rows
}

func readNDJSON(t *testing.T, text []byte) []row {
	t.Helper()
	var rows []row
	for line := range bytes.Lines(text) {
		var object map[string]any
		if err := json.Unmarshal(line, &object); err != nil {
			t.Fatal(err)
		}
		r := row{}
		flatten(r, "", object)
		rows = append(rows, r)
	}
	return rows
}

// readXLSX reads the sheets, but for About, by what type each cell has.
// Its moments show the clock of the asked zone.
func readXLSX(t *testing.T, text []byte, zone *time.Location) map[string][]row {
	t.Helper()
	file, err := excelize.OpenReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	tables := map[string][]row{}
	for _, sheet := range file.GetSheetList() {
		if sheet == "About" {
			continue
		}
		tables[sheet] = nil
		raw := must(file.GetRows(sheet, excelize.Options{RawCellValue: true}))
		for n, cells := range raw[1:] {
			r := row{}
			for i, text := range cells {
				cell := must(excelize.CoordinatesToCellName(i+1, n+2))
				r[raw[0][i]] = xlsxCell(t, file, sheet, cell, text, zone)
			}
			tables[sheet] = append(tables[sheet], r)
		}
	}
	return tables
}

func xlsxCell(t *testing.T, file *excelize.File, sheet, cell, text string, zone *time.Location) string {
	t.Helper()
	style := must(file.GetStyle(must(file.GetCellStyle(sheet, cell))))
	if text == "" || style.CustomNumFmt == nil || !strings.Contains(*style.CustomNumFmt, "yyyy") {
		if kind := must(file.GetCellType(sheet, cell)); kind == excelize.CellTypeFormula {
			t.Errorf("%s!%s is a formula", sheet, cell)
		}
		return canonical(text)
	}
	days := must(strconv.ParseFloat(text, 64))
	clock := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).Add(time.Duration(days * float64(24*time.Hour))).Round(time.Millisecond)
	if !strings.Contains(*style.CustomNumFmt, "hh") {
		return clock.Format(time.DateOnly)
	}
	at := time.Date(clock.Year(), clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), clock.Second(), clock.Nanosecond(), zone)
	return at.UTC().Format(time.RFC3339Nano)
}

// readParquet lets ClickHouse read a file.
func readParquet(t *testing.T, conn driver.Conn, text []byte) []row {
	t.Helper()
	ctx := driver.Context(t.Context(), driver.WithSettings(driver.Settings{
		"max_query_size": 100 << 20, "date_time_output_format": "iso", "output_format_json_quote_64bit_integers": 0, "max_ast_elements": 1 << 20,
	}))
	rows, err := conn.Query(ctx, "SELECT formatRowNoNewline('JSONEachRow', *) FROM format(Parquet, base64Decode('"+base64.StdEncoding.EncodeToString(text)+"'))")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return readNDJSON(t, []byte(strings.Join(lines, "\n")))
}

func TestParquetAndXLSXHaveRealTypes(t *testing.T) {
	s, target := service(t)
	answer, err := s.Answer(t.Context(), "sessions", question(t, "2026-05-10", "2026-07-01"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := must(export.NewFile(export.Parquet, "p", "sessions", "series", answer)).Write(&b); err != nil {
		t.Fatal(err)
	}
	ctx := driver.Context(t.Context(), driver.WithSettings(driver.Settings{"max_query_size": 10 << 20}))
	rows, err := open(t, target).Query(ctx, "SELECT * FROM format(Parquet, base64Decode('"+base64.StdEncoding.EncodeToString(b.Bytes())+"'))")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var types []string
	for _, column := range rows.ColumnTypes() {
		types = append(types, column.Name()+" "+column.DatabaseTypeName())
	}
	if diff := cmp.Diff([]string{
		"period Date32", "sessions Int64", "bounces Int64", "bounce_rate Nullable(Float64)", "page_views Int64",
		"pages_per_session Nullable(Float64)", "average_seconds Nullable(Float64)", "median_seconds Nullable(Float64)", "partial Bool",
	}, types); diff != "" {
		t.Error(diff)
	}
	formats := map[string]string{}
	b.Reset()
	if err := must(export.NewFile(export.XLSX, "p", "sessions", "", answer)).Write(&b); err != nil {
		t.Fatal(err)
	}
	file := must(excelize.OpenReader(&b))
	for _, cell := range []string{"A2", "B2", "D2", "F2", "I2"} {
		style := must(file.GetStyle(must(file.GetCellStyle("series", cell))))
		if style.CustomNumFmt != nil {
			formats[cell] = *style.CustomNumFmt
		}
	}
	if diff := cmp.Diff(map[string]string{"A2": "yyyy-mm-dd", "B2": "#,##0", "D2": "0.0%", "F2": "#,##0.00"}, formats); diff != "" {
		t.Error(diff)
	}
	if panes := must(file.GetPanes("series")); !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the header is not frozen: %+v", panes)
	}
	if style := must(file.GetStyle(must(file.GetCellStyle("series", "A1")))); style.Font == nil || !style.Font.Bold {
		t.Error("the header is not bold")
	}
	if sheets := file.GetSheetList(); !slices.Equal(sheets, []string{"totals", "series", "About"}) {
		t.Errorf("sheets %q", sheets)
	}
}
