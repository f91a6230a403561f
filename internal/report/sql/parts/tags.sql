{{- /* What questions about tags over whole local days share. Persons by tag are found by person: of each the tags are collected,
       as numbers of two bytes, and counted once. That takes a quarter of the time of a set of persons by tag, and a third of
       its memory. Tags beyond those that have numbers are rare ones, and have sets. */ -}}

{{define "numbered_tags"}}32000{{end}}

{{- /* names are the tags of counted, those of most events first; numbered those that have numbers, behind one that is none. */ -}}
{{define "tag_names"}}(SELECT groupArray(tag) FROM (SELECT tag FROM counted ORDER BY events DESC, tag)) AS names,
arrayPushFront(arraySlice(names, 1, {{template "numbered_tags"}}), '') AS numbered{{end}}

{{define "tag_number"}}transform(tag, numbered, arrayMap(n -> toUInt16(n - 1), arrayEnumerate(numbered)), toUInt16(0)){{end}}

{{define "tag_is_rare"}}length(names) > {{template "numbered_tags"}} AND {{template "tag_number"}} = 0{{end}}

{{- /* Who used which tag: whole months as tag_person has them, and the days before and behind from raw. */ -}}
{{define "tag_uses"}}SELECT p.person AS person, toString(p.tag) AS tag
    FROM tag_person AS p
    WHERE p.project = {project:String}
      AND p.month >= {month_from:Date} AND p.month < {month_to:Date}
    UNION ALL
    SELECT e.person AS person, toString(arrayJoin(e.tags)) AS tag
    FROM events AS e
    WHERE e.project = {project:String}
      AND (e.day >= {day_from:Date} AND e.day < {month_from:Date} OR e.day >= {month_to:Date} AND e.day < {day_to:Date})
      AND e.active AND e.person != 0 AND notEmpty(e.tags){{end}}

{{- /* The same of two ranges that meet, with which of them it is. */ -}}
{{define "tag_uses_of_two"}}SELECT p.person AS person, toString(p.tag) AS tag, p.month >= {month_from:Date} AS now
    FROM tag_person AS p
    WHERE p.project = {project:String}
      AND (p.month >= {month_from_before:Date} AND p.month < {month_to_before:Date} OR p.month >= {month_from:Date} AND p.month < {month_to:Date})
    UNION ALL
    SELECT e.person AS person, toString(arrayJoin(e.tags)) AS tag, e.day >= {day_now:Date} AS now
    FROM events AS e
    WHERE e.project = {project:String}
      AND (e.day >= {day_from:Date} AND e.day < {month_from_before:Date} OR e.day >= {month_to_before:Date} AND e.day < {month_from:Date}
           OR e.day >= {month_to:Date} AND e.day < {day_to:Date})
      AND e.active AND e.person != 0 AND notEmpty(e.tags){{end}}
