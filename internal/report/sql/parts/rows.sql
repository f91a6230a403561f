{{- /* Predicates that queries share. A filter that is not set is not in the query. */ -}}

{{define "period"}}transform(roundDown(toUnixTimestamp64Milli(occurred_at), {bounds:Array(Int64)}),
                {bounds:Array(Int64)}, {periods:Array(Int32)}, toInt32(-1)){{end}}

{{- /* Where the range is one of stored days, they say all, and the moments need not be read. */ -}}
{{define "in_range"}}{{if not .Days}}
  AND {{template "period"}} >= 0{{end}}{{end}}

{{define "by_role"}}{{if .By "role"}}
  AND has({roles:Array(String)}, role){{end}}{{end}}

{{define "by_property"}}{{if .By "property"}}
  AND arrayAll((name, value) -> properties[name] = value, {property_names:Array(String)}, {property_values:Array(String)}){{end}}{{end}}

{{define "by_object_type"}}{{if .By "object_type"}}
  AND has({object_types:Array(String)}, object_type){{end}}{{end}}

{{define "events_by"}}{{template "by_role" .}}{{if .By "type"}}
  AND has({types:Array(String)}, type){{end}}{{template "by_object_type" .}}{{if .By "tag"}}
  AND hasAny(tags, {tags:Array(String)}){{end}}{{template "by_property" .}}{{end}}

{{define "page_views_from"}}{{template "by_role" .}}{{template "by_object_type" .}}{{template "by_property" .}}{{if .By "device"}}
  AND has({devices:Array(String)}, device){{end}}{{if .By "browser"}}
  AND has({browsers:Array(String)}, browser){{end}}{{if .By "country"}}
  AND has({countries:Array(String)}, country){{end}}{{end}}

{{define "page_views_by"}}{{template "page_views_from" .}}
  AND bot = {{if .By "bot"}}{bots:Bool}{{else}}false{{end}}{{end}}

{{- /* Those of people and of robots, where the question does not say. */ -}}
{{define "page_views_of"}}{{template "page_views_from" .}}{{if .By "bot"}}
  AND bot = {bots:Bool}{{end}}{{end}}
