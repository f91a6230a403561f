package httpapi

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ibarura/internal/access"
	"ibarura/internal/report"
)

// linkView is what a link shows: a page of the dashboard and what is looked at
// there, as the address of the page says it.
type linkView struct {
	page   string
	params map[string]string // none is empty
}

// linkAge is how old answers to links may be, in seconds, as the dashboard asks.
const linkAge = "60"

// asks returns what the view asks of an endpoint on a day: the one way there is
// to ask it, but that compare may be left out. False: it does not ask it.
func (v linkView) asks(e report.Endpoint, zone *time.Location, day time.Time) (map[string]string, bool) {
	questions := linkPages[v.page].questions
	i := slices.IndexFunc(questions, func(q linkQuestion) bool { return q.path == e.Path && (q.with == "" || v.params[q.with] != "") })
	if i < 0 {
		return nil, false
	}
	from, to := v.days(zone, day)
	q := map[string]string{"from": from, "to": to, "max_age": linkAge}
	if e.Series {
		q["interval"] = v.interval(from, to)
	}
	if compare := cmp.Or(v.params["compare"], string(report.Previous)); compare != "none" {
		q["compare"] = compare
	}
	if name := v.params["timezone"]; name != "" {
		q["timezone"] = name
	}
	for name, value := range v.params {
		if isFilter(name) && takesFilter(e, name) {
			q[name] = value
		}
	}
	if extra := questions[i].extra; extra != nil {
		extra(v, q)
	}
	return q, true
}

// allows reports whether a question is one of the view, today or on a day beside
// it: a page may be open over midnight, and clocks of browsers go wrong.
func (v linkView) allows(e report.Endpoint, asked url.Values, zone *time.Location, now time.Time) bool {
	for days := -1; days <= 1; days++ {
		want, is := v.asks(e, zone, now.AddDate(0, 0, days))
		if !is {
			return false
		}
		if asked.Get("compare") == "" {
			delete(want, "compare")
		}
		if maps.EqualFunc(want, asked, func(want string, got []string) bool { return len(got) == 1 && got[0] == want }) {
			return true
		}
	}
	return false
}

// readView reads a view as the address of the dashboard has it behind #/. Each
// parameter has to be one of that page, and what all pages have has to have a
// value that it can have.
func readView(text string, project access.Project) (linkView, error) {
	page, query, _ := strings.Cut(text, "?")
	v := linkView{page, map[string]string{}}
	shown, known := linkPages[page]
	values, err := url.ParseQuery(query)
	switch {
	case len(text) > access.MaxLinkView:
		return v, badView("view: has %d bytes, the limit is %d", len(text), access.MaxLinkView)
	case !known:
		return v, badView("view: no link shows that page; want one of %s, ? and its parameters", strings.Join(slices.Sorted(maps.Keys(linkPages)), ", "))
	case err != nil || strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r > '~' || r == '?' }):
		return v, badView("view: what follows ? has to be a query as addresses have it, with another ? and everything but printable ASCII escaped")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		switch {
		case len(value) > 1:
			return v, badView("view: %s is given %d times, want it once", clip(name), len(value))
		case !utf8.ValidString(name + value[0]):
			return v, badView("view: has to be UTF-8")
		case !isViewParameter(name) && !slices.Contains(shown.own, name):
			return v, badView("view: the page %s has no parameter %q", page, clip(name))
		case value[0] == "":
			return v, badView("view: %s is empty: leave it out", clip(name))
		}
		v.params[name] = value[0]
	}
	if shown.needs != "" && v.params[shown.needs] == "" {
		return v, badView("view: the page %s shows nothing without %s", page, shown.needs)
	}
	return v, v.checkValues()
}

func badView(format string, args ...any) error {
	return badParameter("view", "invalid_parameter", format, args...)
}

func isFilter(name string) bool {
	property, is := strings.CutPrefix(name, propertyPrefix)
	_, filter := filterParameters[name]
	return is && property != "" || filter && name != "property"
}

func takesFilter(e report.Endpoint, name string) bool {
	if strings.HasPrefix(name, propertyPrefix) {
		name = "property"
	}
	return slices.Contains(e.Fields.Names(), name)
}

func isViewParameter(name string) bool {
	return isFilter(name) || slices.Contains([]string{"range", "from", "to", "interval", "compare", "timezone"}, name)
}

// checkValues refuses values that the view cannot have, also where no question
// of the page asks for them.
func (v linkView) checkValues() error {
	if err := v.checkRange(); err != nil {
		return err
	}
	q := report.Question{}
	for _, name := range []string{"interval", "timezone"} {
		if value := v.params[name]; value != "" {
			if err := parameters[name](&q, value); err != nil {
				return badView("view: %s: %s", name, err)
			}
		}
	}
	if c := v.params["compare"]; c != "" && c != "none" && c != string(report.Previous) && c != string(report.LastYear) {
		return badView("view: compare: want previous, year or none")
	}
	return nil
}

// check refuses a view one of whose questions would not be answered as it would
// be asked today.
func (v linkView) check(reports *report.Service, project access.Project) error {
	for _, e := range report.Endpoints() {
		asked, is := v.asks(e, project.Zone, time.Now())
		if !is {
			continue
		}
		query := url.Values{}
		for name, value := range asked {
			query.Set(name, value)
		}
		q, err := parseQuestion(query, project, e)
		if err == nil {
			err = reports.Check(e.Path, q)
		}
		if err != nil {
			return badView("view: %s", problemOf(err).Detail)
		}
	}
	return nil
}
