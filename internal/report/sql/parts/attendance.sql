{{- /* Who did what about each event that people attend. */ -}}

{{define "attended"}}countIf(came_in) AS registered, countIf(was_there) AS attended, countIf(went_out) AS cancelled,
       countIf(came_in AND was_there) AS shown
FROM
(
    SELECT object_id, person,
           max(type = 'event_registered') AS came_in,
           max(type = 'event_attended') AS was_there,
           max(type = 'event_cancelled') AS went_out
    FROM events
    WHERE project = {project:String}
      AND day >= {day_from:Date} AND day < {day_to:Date}{{template "in_range" .}}
      AND type IN ('event_registered', 'event_attended', 'event_cancelled')
      AND object_type = 'event' AND object_id != '' AND person != 0{{template "events_by" .}}
    GROUP BY object_id, person
){{end}}
