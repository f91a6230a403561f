package httpapi

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"ibarura/internal/export"
	"ibarura/internal/report"
)

// wanted is how an answer is to be written: its format, and of it which tables.
type wanted struct {
	format export.Format
	table  string
}

// wantedOf reads what a request says: its parameters format and table, else
// its Accept header.
func wantedOf(c *gin.Context, format, table string) (wanted, error) {
	w := wanted{accepted(c), table}
	if format != "" {
		w.format, _ = export.ParseFormat(format) // it has been checked
	}
	if w.format == export.JSON && table != "" {
		return w, badParameter("table", "invalid_parameter", "table is for files: with format=csv, ndjson, xlsx or parquet")
	}
	return w, nil
}

// accepted is the format that the Accept header of a request wants.
func accepted(c *gin.Context) export.Format {
	return export.AcceptedFormat(strings.Join(c.Request.Header.Values("Accept"), ","))
}

// answered is what a handler returns of an answer: itself as JSON, or a file.
func (w wanted) answered(c *gin.Context, path string, answer *report.Answer) (any, error) {
	if w.format == export.JSON {
		return answer, nil
	}
	if answer.Explain != nil {
		return nil, badParameter("explain", "invalid_parameter", "explain is answered as JSON alone")
	}
	file, err := export.NewFile(w.format, principal(c).Project.Name, path, w.table, answer)
	var unknown *export.UnknownTableError
	if errors.As(err, &unknown) {
		return nil, badParameter("table", "invalid_parameter", "table: %s", unknown)
	}
	return file, err
}

// sendFile sends an answer as a file, with the same tags as its JSON: one for
// each format and table.
func (s *Server) sendFile(c *gin.Context, file *export.File) error {
	if s.tagged(c, file.Tag()) {
		return nil
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		c.Writer.Header().Del("ETag")
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+file.Name()+`"`)
	if next := file.Answer.Meta.NextCursor; next != "" {
		c.Header("Next-Cursor", next)
	}
	s.write(c, http.StatusOK, file.Format.MediaType(), b.Bytes())
	return nil
}

func parseFormat(_ *report.Question, v string) error {
	if _, known := export.ParseFormat(v); known {
		return nil
	}
	return invalidValue("want one of " + export.FormatNames())
}

// parseTable takes any name: which ones there are, the answer knows.
func parseTable(*report.Question, string) error { return nil }
