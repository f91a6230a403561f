{{- /* Counts of what was done, of the asked period (now) and of the one before. */ -}}

{{define "done_by_type"}}uniqExactIf(person, now AND person != 0) AS users, countIf(now) AS events,
           countIf(now AND has({view_types:Array(String)}, type)) AS views,
           countIf(now AND has({comment_types:Array(String)}, type)) AS comments,
           countIf(now AND has({reaction_types:Array(String)}, type)) AS reactions,
           countIf(now AND has({share_types:Array(String)}, type)) AS shares,
           uniqExactIf(person, NOT now AND person != 0) AS users_before, countIf(NOT now) AS events_before,
           countIf(NOT now AND has({view_types:Array(String)}, type)) AS views_before,
           countIf(NOT now AND has({comment_types:Array(String)}, type)) AS comments_before,
           countIf(NOT now AND has({reaction_types:Array(String)}, type)) AS reactions_before,
           countIf(NOT now AND has({share_types:Array(String)}, type)) AS shares_before{{end}}

{{define "range_of_day"}}transform(roundDown(toUInt16(day), {bounds:Array(UInt16)}),
                {bounds:Array(UInt16)}, {periods:Array(Int32)}, toInt32(-1)){{end}}

{{define "range_of_month"}}transform(roundDown(toUInt16(month), {bounds:Array(UInt16)}),
                {bounds:Array(UInt16)}, {periods:Array(Int32)}, toInt32(-1)){{end}}
