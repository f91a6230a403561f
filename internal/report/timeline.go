package report

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"time"

	"ibarura/internal/event"
)

// TimelineRow is an event or a page view of a person. What is not known is
// absent.
type TimelineRow struct {
	At          string            `json:"at" column:"moment"` // RFC 3339 in the asked zone
	Kind        string            `json:"kind"`               // event, page_view
	ID          string            `json:"id"`
	Type        string            `json:"type,omitempty"`
	UserID      string            `json:"user_id,omitempty"`
	AnonymousID string            `json:"anonymous_id,omitempty"`
	SessionID   string            `json:"session_id,omitempty"`
	Role        string            `json:"role,omitempty"`
	ObjectType  string            `json:"object_type,omitempty"`
	ObjectID    string            `json:"object_id,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Properties  map[string]string `json:"properties,omitempty"`
	Path        string            `json:"path,omitempty"`
	Title       string            `json:"title,omitempty"`

	millis int64
}

// TimelineSummary lists whose histories were joined; empty: nobody else's.
type TimelineSummary struct {
	Linked []LinkedIdentity `json:"linked"`
}

// Options of a timeline.
const (
	optionUser      = "user_id"
	optionAnonymous = "anonymous_id"
	optionLinked    = "linked"
)

// firstWindow is how far back the first query of a timeline looks; each
// further one looks twice as far.
const firstWindow = 31 * 24 * time.Hour

// userTimeline answers with []TimelineRow, the newest first, and a
// TimelineSummary.
var userTimeline = Endpoint{
	Path: "users/timeline", Definition: define("timeline"), Fields: ByRole,
	Personal: true,
	Options: []Option{
		{Name: optionUser, Help: "the user; it or `anonymous_id` is needed", Example: "ann", Check: aText},
		{Name: optionAnonymous, Help: "the anonymous visitor", Check: aText},
		{Name: optionLinked, Default: "false", Check: oneOf("true", "false"),
			Help: "`true`: with the histories of the ids that `identify` and `alias` said to be the same; `summary` lists them"},
	},
	Ranking: true, keyset: true, limit: 50,
	check: checkPerson,
	build: func(ctx context.Context, a *asking) (any, error) { return a.timeline(ctx, a.total()) },
}

func checkPerson(q Question) *QuestionError {
	if (q.Options[optionUser] == "") == (q.Options[optionAnonymous] == "") {
		return wrong(CodeMissing, optionUser, "or anonymous_id is needed, and not both")
	}
	return nil
}

// place is where a page of a timeline ends: the row, which the next page
// begins behind. Rows are ordered by these three.
type place struct {
	at   int64 // Unix milliseconds
	kind string
	id   string
}

// cursorBehind makes the cursor that goes on behind a place. What arrives later
// does not move it.
func (q Question) cursorBehind(path string, p place) string {
	cursor := binary.BigEndian.AppendUint64(q.identity(path)[:cursorBytes-4], uint64(p.at))
	return base64.RawURLEncoding.EncodeToString(append(cursor, p.kind+" "+p.id...))
}

// placeOf reads it back; without a cursor, the place is behind everything.
func (q Question) placeOf(path string) (place, *QuestionError) {
	if q.Cursor == "" {
		return place{at: math.MaxInt64}, nil
	}
	const head = cursorBytes - 4
	cursor, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil || len(cursor) < head+8 {
		return place{}, wrong(CodeInvalid, "cursor", "is none that an answer gave")
	}
	if string(cursor[:head]) != string(q.identity(path)[:head]) {
		return place{}, wrong(CodeInvalid, "cursor", "belongs to another question: begin again without it")
	}
	kind, id, found := strings.Cut(string(cursor[head+8:]), " ")
	if !found {
		return place{}, wrong(CodeInvalid, "cursor", "is none that an answer gave")
	}
	return place{int64(binary.BigEndian.Uint64(cursor[head:])), kind, id}, nil
}

func (a *asking) timeline(ctx context.Context, s scope) ([]TimelineRow, error) {
	from, wrong := s.placeOf(a.endpoint.Path)
	if wrong != nil {
		return nil, wrong
	}
	whose, err := a.whose(ctx, s)
	if err != nil {
		return nil, err
	}
	rows, err := a.lookBack(ctx, s, whose, from)
	if len(rows) > s.Limit {
		rows = rows[:s.Limit]
		last := rows[s.Limit-1]
		a.next = s.cursorBehind(a.endpoint.Path, place{last.millis, last.Kind, last.ID})
	}
	return rows, err
}

// whose returns the persons of the timeline, as an array.
func (a *asking) whose(ctx context.Context, s scope) (string, error) {
	summary := TimelineSummary{Linked: []LinkedIdentity{}}
	if a.option(optionLinked) == "true" {
		linked, err := a.linked(ctx, s)
		if err != nil {
			return "", err
		}
		summary.Linked = linked
	}
	a.summary = summary
	asked := event.Identity{UserID: s.Options[optionUser], AnonymousID: s.Options[optionAnonymous]}
	return keys(persons(asked, summary.Linked)), nil
}

// lookBack reads the rows before a place, one more than the page has, window
// by window into the past: most pages end in the first, and few months are
// touched.
func (a *asking) lookBack(ctx context.Context, s scope, whose string, from place) ([]TimelineRow, error) {
	rows := []TimelineRow{}
	start, end := s.span()
	if from.at < end {
		end = from.at + 1
	}
	for window := firstWindow.Milliseconds(); start < end && len(rows) <= s.Limit; window *= 2 {
		w := timelineWindow{max(start, end-window), end, s.Limit + 1 - len(rows), whose, from}
		found, err := rowsOf(ctx, a, w.plan(s), timelineColumns)
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
		end = w.since
	}
	for i := range rows {
		rows[i].At = momentLabel(rows[i].millis, s.Zone)
	}
	return rows, nil
}

// timelineWindow is one look back: moments in Unix milliseconds, half-open.
type timelineWindow struct {
	since, until int64
	limit        int
	whose        string
	from         place
}

var timelineSource = source{"timeline", []string{"events", "page_views"}, ByRole, always, scope.timelineParams}

// timelineParams are those of the whole range, without a window.
func (s scope) timelineParams() params {
	start, end := s.span()
	return timelineWindow{start, end, s.Limit, keys(nil), place{at: math.MaxInt64}}.params(s)
}

func (w timelineWindow) plan(s scope) Plan {
	p := timelineSource.plan(s)
	p.Params = w.params(s)
	return p
}

// params have days one wider than the moments need, as dates at a clock change
// may come twice.
func (w timelineWindow) params(s scope) params {
	first := DateIn(time.UnixMilli(w.since), s.ProjectZone).AddDays(-1)
	last := DateIn(time.UnixMilli(w.until), s.ProjectZone).AddDays(2)
	return s.commonParams().with(s.pieceParams()).with(params{
		"day_from": later(first, firstDate).String(),
		"day_to":   earlier(last, lastDate).String(),
		"since":    strconv.FormatInt(w.since, 10),
		"until":    strconv.FormatInt(w.until, 10),
		"limit":    strconv.Itoa(w.limit),
		"persons":  w.whose,

		"before_at":   strconv.FormatInt(w.from.at, 10),
		"before_kind": w.from.kind,
		"before_id":   one(w.from.id),
	})
}

func timelineColumns(r *TimelineRow) []any {
	return []any{
		&r.millis, &r.Kind, &r.ID, &r.Type, &r.UserID, &r.AnonymousID, &r.SessionID, &r.Role,
		&r.ObjectType, &r.ObjectID, &r.Tags, &r.Properties, &r.Path, &r.Title,
	}
}
