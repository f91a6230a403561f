package httpapi

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzip"

	"ibarura/internal/access"
	"ibarura/internal/asset"
	"ibarura/internal/export"
	"ibarura/internal/report"
)

// The trailers of an export: its manifest.
const (
	trailerRows     = "Export-Rows"
	trailerBytes    = "Export-Bytes"
	trailerSHA256   = "Export-Sha256"
	trailerFirst    = "Export-First"
	trailerLast     = "Export-Last"
	trailerCursor   = "Export-Cursor"
	trailerComplete = "Export-Complete"
	trailerFrom     = "Export-From"
	trailerTo       = "Export-To"
	trailerError    = "Export-Error"
)

var trailers = []string{trailerRows, trailerBytes, trailerSHA256, trailerFirst, trailerLast, trailerCursor, trailerComplete, trailerFrom, trailerTo, trailerError}

// rawParameters are those of an export of raw rows, beside properties.
var rawParameters = []string{
	"from", "to", "timezone", "limit", "cursor", "role", "type", "object_type", "tag", "device", "browser", "country", "bot",
}

// exportRaw streams raw rows. What goes wrong before the first byte is a
// problem like any other.
func (s *Server) exportRaw(kind report.RawKind) handler {
	return func(c *gin.Context) (any, error) {
		if s.raw == nil {
			return nil, problem(http.StatusNotFound, "not_found", "there is nothing at this path")
		}
		ask, err := parseExport(c.Request, principal(c).Project, kind)
		if err != nil {
			return nil, err
		}
		d := &download{server: s, c: c, ask: ask}
		manifest, err := s.raw.Write(c.Request.Context(), ask, d.begin)
		if err != nil && !d.begun {
			return nil, err
		}
		d.end(manifest, err)
		return sent{}, nil
	}
}

func parseExport(r *http.Request, project access.Project, kind report.RawKind) (export.Ask, error) {
	query := r.URL.Query()
	ask := export.Ask{Kind: kind, Header: true, Question: report.Question{Project: project.Name, ProjectZone: project.Zone}}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if len(query[name]) > 1 {
			return ask, badParameter(clip(name), "invalid_parameter", "%s is given %d times, want it once", clip(name), len(query[name]))
		}
		if err := readExportParameter(&ask, name, query.Get(name)); err != nil {
			return ask, err
		}
	}
	return ask, settleFormat(&ask, query, r.Header.Values("Accept"))
}

func readExportParameter(ask *export.Ask, name, value string) error {
	read := parameters[name]
	switch property, is := strings.CutPrefix(name, propertyPrefix); {
	case name == "format" || value == "":
		return nil
	case name == "header":
		var err error
		if ask.Header, err = parseBool(value); err != nil {
			return badParameter(name, "invalid_parameter", "header: %s", err)
		}
		return nil
	case is && property != "":
		ask.Question.Properties = append(ask.Question.Properties, report.Property{Name: property, Value: value})
		return nil
	case !slices.Contains(rawParameters, name):
		return badParameter(clip(name), "unknown_parameter", "there is no parameter %q; there are %s, format, header, property.NAME", clip(name), strings.Join(rawParameters, ", "))
	}
	if err := read(&ask.Question, value); err != nil {
		return badParameter(name, "invalid_parameter", "%s: %s", name, err)
	}
	return nil
}

// settleFormat takes NDJSON where nothing is asked for.
func settleFormat(ask *export.Ask, query url.Values, accept []string) error {
	ask.Format = export.Format(query.Get("format"))
	if ask.Format == "" {
		ask.Format = export.AcceptedFormat(strings.Join(accept, ","))
		if ask.Format == export.JSON || ask.Format == export.XLSX {
			ask.Format = export.NDJSON
		}
	}
	switch ask.Format {
	case export.CSV, export.NDJSON, export.Parquet:
		return nil
	case export.JSON, export.XLSX:
	}
	return badParameter("format", "invalid_parameter", "format: want csv, ndjson or parquet")
}

// download is an export on its way to a client.
type download struct {
	server *Server
	c      *gin.Context
	ask    export.Ask
	begun  bool
	zip    *gzip.Writer
}

// begin writes the headers, and returns where the rows go.
func (d *download) begin(read *report.RawRead) (io.Writer, error) {
	h := d.c.Writer.Header()
	q := read.Question
	h.Set("Content-Type", d.ask.Format.MediaType())
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s-%s-%s.%s"`, q.Project, d.ask.Kind, q.From, q.To, d.ask.Format))
	h.Set("Vary", "Accept, Accept-Encoding, Authorization, Cookie")
	h.Set("Trailer", strings.Join(trailers, ", "))
	var to io.Writer = d
	if asset.Accepts(strings.Join(d.c.Request.Header.Values("Accept-Encoding"), ","), "gzip") && d.ask.Format != export.Parquet { // which is compressed
		h.Set("Content-Encoding", "gzip")
		d.zip, _ = gzip.NewWriterLevel(d, gzip.BestSpeed) // its one error is a level that there is not
		to = d.zip
	}
	d.begun = true
	d.c.Status(http.StatusOK)
	return to, nil
}

// Write sends bytes to a client that takes them: one that does not for the write
// timeout is hung up on.
func (d *download) Write(b []byte) (int, error) {
	_ = http.NewResponseController(d.c.Writer).SetWriteDeadline(time.Now().Add(d.server.config.WriteTimeout))
	return d.c.Writer.Write(b)
}

// end sends the manifest. An export that ended early is told so in the trailers
// to a client that reads them, by its TE header; any other one sees the
// connection break, and cannot take a part for the whole.
func (d *download) end(m export.Manifest, failed error) {
	if d.zip != nil {
		_ = d.zip.Close() // the client has gone, or else the trailers are missing
	}
	h := d.c.Writer.Header()
	code := ""
	if failed != nil {
		p := problemOf(failed)
		code = p.Code
		d.c.Set(keyCode, code)
		if p.Status >= http.StatusInternalServerError {
			d.server.logFailure(d.c, p)
		}
	}
	for i, value := range []string{
		strconv.FormatUint(m.Rows, 10), strconv.FormatUint(m.Bytes, 10), m.SHA256, m.First, m.Last, m.Cursor, strconv.FormatBool(m.Complete), m.From, m.To, code,
	} {
		if value != "" {
			h.Set(trailers[i], value)
		}
	}
	if failed != nil && !strings.Contains(strings.ToLower(d.c.GetHeader("TE")), "trailers") {
		_ = http.NewResponseController(d.c.Writer).SetWriteDeadline(time.Unix(1, 0)) // the last chunk does not leave
	}
}
