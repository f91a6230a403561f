package httpapi

import (
	"net/http"

	"ibarura/internal/access"
	"ibarura/internal/export"
	"ibarura/internal/openapi"
	"ibarura/internal/report"
)

const tagExport = "Export"

// fileParameters are how questions say that they want a file.
var fileParameters = []described{
	{"format", "How the answer is written: JSON, or a file of its tables. Without it the header `Accept` decides.",
		withDefault(openapi.Text(formatNames()...), string(export.JSON))},
	{"table", "Which table of the answer the file has; without it all of them, or the first where the format holds one.", openapi.Text()},
}

func formatNames() []string {
	return texts([]export.Format{export.JSON, export.CSV, export.NDJSON, export.XLSX, export.Parquet})
}

// files are the media types of answers as files.
func files(formats ...export.Format) []openapi.Member[openapi.Media] {
	var list []openapi.Member[openapi.Media]
	for _, f := range formats {
		list = append(list, media(bareType(f.MediaType()), openapi.Text()))
	}
	return list
}

// describeExport documents raw rows as a stream of any length.
func (d *description) describeExport() {
	for _, kind := range []report.RawKind{report.RawEvents, report.RawPageViews} {
		path := string(kind)
		var parameters []openapi.Parameter
		for _, p := range exportParameters() {
			parameters = append(parameters, openapi.Parameter{Name: p.name, In: "query", Description: p.help, Schema: p.schema})
		}
		text := "Raw " + string(kind) + ", the oldest first, in memory that does not grow with them. The trailers are the manifest: rows, checksum, and the cursor behind the last row."
		d.add(&openapi.Operation{
			Method: http.MethodGet, Path: "/api/v1/export/" + path, ID: "export_" + path, Tags: []string{tagExport}, Summary: "Raw rows: " + path,
			Description: text, Parameters: parameters, Security: needs(access.Admin),
			Responses: answers("The rows, and the manifest in the trailers `Export-Rows`, `Export-Sha256`, `Export-Cursor`, `Export-Complete` and others.",
				files(export.NDJSON, export.CSV, export.Parquet)...),
			Try: openapi.Try{Query: "from=2013-01-01&to=2013-01-03&format=ndjson", Key: access.Admin.String()},
		}, append([]string{"not_found", "cross_site", "beyond_retention", "limit_format"}, askCodes...)...)
	}
}

// exportParameters are those that exports read.
func exportParameters() []described {
	list := []described{
		{"format", "NDJSON where nothing is asked for.", openapi.Text(string(export.NDJSON), string(export.CSV), string(export.Parquet))},
		{"header", "`false`: CSV without the names of its columns.", withDefault(openapi.Bool(), true)},
	}
	for _, name := range append([]string{"property"}, rawParameters...) {
		switch p, filters := filterParameters[name]; {
		case filters:
			list = append(list, p)
		case name == "cursor":
			list = append(list, described{name, "Go on behind the rows of an export that gave it in `Export-Cursor`.", openapi.Text()})
		case name == "limit":
			list = append(list, described{name, "Rows at most; all, if absent.", openapi.Integer(1, 0)})
		default:
			list = append(list, commonParameter(name))
		}
	}
	return list
}

func commonParameter(name string) described {
	for _, p := range commonParameters {
		if p.name == name {
			return p
		}
	}
	return described{name: name, schema: openapi.Text()}
}
