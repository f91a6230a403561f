package export

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Bounds of Excel's sheets and cells, and of what fits a screen.
const (
	sheetRows    = excelize.TotalRows // 1,048,576
	cellChars    = excelize.TotalCellChars
	widest       = 60 // characters
	narrowest    = 8
	aboutSheet   = "About"
	aboutWidth   = 90.0
	dateWidth    = 12
	momentWidth  = 25
	headerMargin = 2
)

// LimitError says which bound of a format an answer does not fit into. The text
// is fit for clients.
type LimitError struct{ Message string }

func (e *LimitError) Error() string { return e.Message }

// workbook is an XLSX file that is being written: a sheet a table, and About.
type workbook struct {
	file   *excelize.File
	header int
	styles map[Kind]int
}

// writeXLSX writes the tables as a workbook.
func writeXLSX(to io.Writer, tables []Table, about []Fact) (err error) {
	file := excelize.NewFile()
	defer func() { err = errors.Join(err, file.Close()) }()
	book := &workbook{file: file, styles: map[Kind]int{}}
	if err := book.makeStyles(); err != nil {
		return err
	}
	for i, table := range tables {
		if err := book.addSheet(i, table); err != nil {
			return err
		}
	}
	if err := book.addAbout(about); err != nil {
		return err
	}
	_, err = file.WriteTo(to)
	return err
}

func (b *workbook) makeStyles() (err error) {
	if b.header, err = b.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return err
	}
	for kind, format := range map[Kind]string{
		Integer: "#,##0", Number: "#,##0.00", Share: "0.0%", Date: "yyyy-mm-dd", Moment: "yyyy-mm-dd hh:mm:ss.000",
	} {
		if b.styles[kind], err = b.file.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
			return err
		}
	}
	return nil
}

// sheet makes a sheet with a header that stays in sight. The file was made with
// one, which the first takes over.
func (b *workbook) sheet(number int, name string) (*excelize.StreamWriter, error) {
	if number == 0 {
		if err := b.file.SetSheetName(b.file.GetSheetName(0), name); err != nil {
			return nil, err
		}
	} else if _, err := b.file.NewSheet(name); err != nil {
		return nil, err
	}
	stream, err := b.file.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	return stream, stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

func (b *workbook) addSheet(number int, table Table) error {
	if len(table.Rows) >= sheetRows {
		return &LimitError{fmt.Sprintf("the table %s has %d rows; a sheet of Excel has at most %d, its header included: ask for csv, ndjson or parquet, or for less",
			table.Name, len(table.Rows), sheetRows)}
	}
	stream, err := b.sheet(number, table.Name)
	if err != nil {
		return err
	}
	for i, column := range table.Columns {
		if err := stream.SetColWidth(i+1, i+1, float64(width(column, i, table.Rows))); err != nil {
			return err
		}
	}
	if err := stream.SetRow("A1", b.headings(table.Columns)); err != nil {
		return err
	}
	for i, row := range table.Rows {
		cells, err := b.cells(table.Columns, row)
		if err != nil {
			return err
		}
		if err := stream.SetRow(fmt.Sprintf("A%d", i+2), cells); err != nil {
			return err
		}
	}
	return stream.Flush()
}

func (b *workbook) headings(columns []Column) []any {
	cells := make([]any, len(columns))
	for i, c := range columns {
		cells[i] = excelize.Cell{StyleID: b.header, Value: c.Name}
	}
	return cells
}

func (b *workbook) cells(columns []Column, row []any) ([]any, error) {
	cells := make([]any, len(columns))
	for i, c := range columns {
		value := cellValue(c.Kind, row[i])
		if text, is := value.(string); is && utf8.RuneCountInString(text) > cellChars {
			return nil, &LimitError{fmt.Sprintf("the column %s has a text of more than %d characters, which a cell of Excel does not hold: ask for csv, ndjson or parquet",
				c.Name, cellChars)}
		}
		cells[i] = excelize.Cell{StyleID: b.styles[c.Kind], Value: value}
	}
	return cells, nil
}

// cellValue is a cell as Excel knows it. It has no zones: a moment shows the
// clock of its own. Texts are never formulas, however they begin.
func cellValue(kind Kind, cell any) any {
	switch v := cell.(type) {
	case time.Time:
		return time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), v.Nanosecond(), time.UTC)
	case float64:
		return rounded(v)
	case []string, map[string]string:
		return textOf(kind, v)
	}
	return cell
}

// rounded is a number with the fifteen digits that Excel holds; the library
// would cut the others off.
func rounded(v float64) float64 {
	const digits = 15
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil {
		return v
	}
	return short
}

// width is that of the longest cell, within reason.
func width(c Column, at int, rows [][]any) int {
	widest, longest := widest, len(c.Name)+headerMargin
	switch c.Kind {
	case Date:
		longest = max(longest, dateWidth)
	case Moment:
		longest = max(longest, momentWidth)
	default:
		for _, row := range rows {
			if text, is := row[at].(string); is {
				longest = max(longest, utf8.RuneCountInString(text))
			}
		}
	}
	return min(max(longest, narrowest), widest)
}

// addAbout adds the sheet that says what the others are.
func (b *workbook) addAbout(about []Fact) error {
	if _, err := b.file.NewSheet(aboutSheet); err != nil {
		return err
	}
	stream, err := b.file.NewStreamWriter(aboutSheet)
	if err != nil {
		return err
	}
	if err := errors.Join(stream.SetColWidth(1, 1, momentWidth), stream.SetColWidth(2, 2, aboutWidth)); err != nil {
		return err
	}
	for i, fact := range about {
		row := []any{excelize.Cell{StyleID: b.header, Value: fact.Name}, fact.Value}
		if err := stream.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return err
		}
	}
	return stream.Flush()
}
