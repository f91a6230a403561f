package digest

import (
	"slices"
	"strings"
	"unicode"

	"ibarura/internal/access"
	"ibarura/internal/report"
)

// view is what the templates show: texts only, in one language.
type view struct {
	Language, Project, Title, Range, Compared string
	Quiet                                     string
	Figures                                   []figureView
	Rows                                      [][]figureView // of figures, as the HTML shows them
	MovesTitle, NoMoves                       string
	Moves                                     []moveView
	Charts                                    []chartView
	Tables                                    []tableView
	Zone, Why, DashboardText, UnsubscribeText string
	Links                                     Links
	ChartWidth, ChartHeight                   int
}

type figureView struct{ Label, Now, Before, Change, Colour string }

type moveView struct{ Label, Now, Before, Change, Colour string }

type chartView struct {
	ID, Title, Alt string
	series         Series
}

type tableView struct {
	Title   string
	Columns []string
	Rows    [][]string
}

// figuresARow is how many figures stand beside each other.
const figuresARow = 4

func newView(w Words, n *Numbers) view {
	v := view{
		Language: w.Language, Project: n.Project, Title: w.Say("title." + string(n.Period)), Range: w.Range(n.Period, n.From, n.To),
		MovesTitle: w.Say("moves"), Zone: w.Say("zone", access.ZoneName(n.Zone)), Why: w.Say("why", n.Project),
		DashboardText: w.Say("dashboard"), UnsubscribeText: w.Say("unsubscribe"), ChartWidth: ChartWidth, ChartHeight: ChartHeight,
	}
	if !n.BeforeFrom.IsZero() {
		v.Compared = w.Say("compared", w.Range(n.Period, n.BeforeFrom, n.BeforeTo))
	}
	if n.quiet() {
		v.Quiet = w.Say("quiet")
		return v
	}
	for _, f := range n.Figures {
		v.Figures = append(v.Figures, w.figure(f))
	}
	v.Rows = slices.Collect(slices.Chunk(v.Figures, figuresARow))
	v.Moves = w.moves(n.Moves)
	if len(v.Moves) == 0 {
		v.NoMoves = w.Say("moves.none")
	}
	v.Charts = w.charts(n)
	v.Tables = w.tables(n)
	return v
}

func (w Words) figure(f Figure) figureView {
	view := figureView{Label: w.Say(f.Key), Now: w.Number(f.Now)}
	if f.Compared {
		view.Before, view.Change, view.Colour = w.Say("before", w.Number(f.Then)), w.Change(f.Now, f.Then), colour(f.Now, f.Then)
	}
	return view
}

// The colours say the direction, as the signs do; whether it is a good one is not
// for us to say.
func colour(now, then int64) string {
	switch {
	case now > then:
		return "#0f766e"
	case now < then:
		return "#b45309"
	default:
		return "#64748b"
	}
}

func (w Words) moves(moves []Move) []moveView {
	var list []moveView
	for _, m := range moves {
		label := w.Say(m.Name)
		if m.Kind != "figure" {
			label = w.Say("move."+m.Kind, shown(m.Name))
		}
		one := moveView{Label: label, Now: w.Number(m.Now), Change: w.Change(m.Now, m.Then), Colour: colour(m.Now, m.Then)}
		if m.Then != 0 { // else the change says it
			one.Before = w.Say("before", w.Number(m.Then))
		}
		list = append(list, one)
	}
	return list
}

func (w Words) charts(n *Numbers) []chartView {
	by := "." + string(n.Period.interval())
	var list []chartView
	for _, c := range []chartView{{ID: "active", series: n.Active}, {ID: "events", series: n.Events}} {
		if len(c.series.Now) == 0 {
			continue
		}
		c.Title = w.Say("chart." + c.ID + by)
		lowest, highest := int64(slices.Min(c.series.Now)), int64(slices.Max(c.series.Now))
		most := w.tick(n.Period, c.series.Labels[slices.Index(c.series.Now, slices.Max(c.series.Now))])
		c.Alt = w.Say("chart.alt", c.Title, w.Number(lowest), w.Number(highest), most)
		list = append(list, c)
	}
	return list
}

func (w Words) tables(n *Numbers) []tableView {
	var list []tableView
	add := func(t tableView) {
		if len(t.Rows) > 0 {
			list = append(list, t)
		}
	}
	add(w.ranking("posts", "column.post", n.Posts))
	add(w.ranking("tags", "column.tag", n.Tags))
	add(w.attendance(n.Attendance))
	return list
}

func (w Words) ranking(title, column string, ranked []Ranked) tableView {
	t := tableView{Title: w.Say(title), Columns: []string{w.Say(column), w.Say("column.people"), w.Say("column.events"), w.Say("column.change")}}
	for _, r := range ranked {
		change := ""
		if r.Compared {
			change = w.Change(int64(r.Users), int64(r.Then))
		}
		t.Rows = append(t.Rows, []string{shown(r.Name), w.Number(int64(r.Users)), w.Number(int64(r.Events)), change})
	}
	return t
}

func (w Words) attendance(a report.Attendance) tableView {
	t := tableView{Title: w.Say("attendance"), Columns: []string{"", w.Say("registered"), w.Say("attended"), w.Say("show_rate")}}
	if a.Registered+a.Attended == 0 {
		return t
	}
	rate := "–"
	if a.ShowRate != nil {
		rate = w.Percent(*a.ShowRate)
	}
	t.Rows = [][]string{{w.Say("column.people"), w.Number(int64(a.Registered)), w.Number(int64(a.Attended)), rate}}
	return t
}

// longestName is where a name of a producer's is cut.
const longestName = 48

// shown is a name that a producer has made up, fit for a line: without what is
// invisible or turns the direction of writing.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return -1
	}, name)
	letters := []rune(name)
	if len(letters) > longestName {
		return string(letters[:longestName-1]) + "…"
	}
	return name
}
