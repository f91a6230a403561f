package digest

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ibarura/internal/report"
)

func day(t *testing.T, text string) report.Date {
	t.Helper()
	d, err := report.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sample is a week with something of everything.
func sample(t *testing.T) *Numbers {
	t.Helper()
	zone, err := time.LoadLocation("Africa/Kigali")
	if err != nil {
		t.Fatal(err)
	}
	n := &Numbers{
		Subject:    Subject{"forum", zone, Week, day(t, "2014-03-03"), day(t, "2014-03-10")},
		BeforeFrom: day(t, "2014-02-24"), BeforeTo: day(t, "2014-03-03"),
		Figures: figures(report.SummaryTotals{ActiveUsers: 1234, NewUsers: 40, Events: 56789, PageViews: 120345, PostsCreated: 310, Comments: 95},
			report.SummaryTotals{ActiveUsers: 1100, NewUsers: 40, Events: 60123, PageViews: 99000, PostsCreated: 250, Comments: 140, Signups: 3}, true),
		Moves: []Move{{"figure", "page_views", 120345, 99000}, {"tag", "docs", 40, 90}, {"type", "poll_answered", 70, 0}},
		Posts: []Ranked{{"p-17", 80, 60, 210, true}, {"a post whose name goes on and on, beyond what any line of a letter holds", 8, 0, 9, true}},
		Tags:  []Ranked{{"docs", 40, 90, 55, true}},
	}
	rate := 0.8125
	n.Attendance = report.Attendance{Registered: 160, Attended: 130, ShowRate: &rate}
	for d := n.From; d.Before(n.To); d = d.AddDays(1) {
		n.Active.Labels, n.Events.Labels = append(n.Active.Labels, d.String()), append(n.Events.Labels, d.String())
	}
	n.Active.Now, n.Active.Then = []float64{410, 395, 430, 402, 380, 120, 90}, []float64{380, 371, 388, 402, 350, 140, 95}
	n.Events.Now, n.Events.Then = []float64{9800, 9100, 10400, 9900, 9000, 4900, 3689}, []float64{9700, 9900, 10900, 10100, 10023, 5300, 4200}
	return n
}

func TestEveryTextIsThereInEveryLanguageWithTheSameVerbs(t *testing.T) {
	verbs := regexp.MustCompile(`%(\[\d+])?[a-z]`)
	for key, in := range messages() {
		for _, name := range Languages() {
			text, there := in[name]
			if !there || strings.TrimSpace(text) == "" {
				t.Errorf("%s is not there in %s", key, name)
				continue
			}
			want, got := verbs.FindAllString(in["en"], -1), verbs.FindAllString(text, -1)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("%s has the verbs %v in English and %v in %s", key, want, got, name)
			}
			if a, b := strings.Count(in["en"], ","), strings.Count(text, ","); strings.HasPrefix(key, "days") || key == "months" {
				if a != b {
					t.Errorf("%s has %d entries in English and %d in %s", key, a+1, b+1, name)
				}
			}
		}
		if len(in) != len(Languages()) {
			t.Errorf("%s is there in %d languages", key, len(in))
		}
	}
}

func TestNumbersAndDatesAreWrittenAsTheLanguageDoes(t *testing.T) {
	for name, want := range map[string][]string{
		"en": {"1,234,567", "−5", "+12%", "−2.5%", "unchanged", "3–9 March 2014", "30 December 2013 – 5 January 2014", "Saturday 1 March 2014", "March 2014"},
		"fr": {"1\u00a0234\u00a0567", "−5", "+12\u00a0%", "−2,5\u00a0%", "inchangé", "3–9 mars 2014", "30 décembre 2013 – 5 janvier 2014", "samedi 1er mars 2014", "mars 2014"},
		"rw": {"1.234.567", "−5", "+12%", "−2,5%", "ntibyahindutse", "3–9 Werurwe 2014", "30 Ukuboza 2013 – 5 Mutarama 2014", "Kuwa gatandatu 1 Werurwe 2014", "Werurwe 2014"},
	} {
		w := WordsOf(name)
		got := []string{
			w.Number(1234567), w.Number(-5), w.Change(112, 100), w.Change(975, 1000), w.Change(3, 3),
			w.Range(Week, day(t, "2014-03-03"), day(t, "2014-03-10")), w.Range(Week, day(t, "2013-12-30"), day(t, "2014-01-06")),
			w.Range(Day, day(t, "2014-03-01"), day(t, "2014-03-02")), w.Range(Month, day(t, "2014-03-01"), day(t, "2014-04-01")),
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
	}
}

func TestAPeriodIsTheLastWholeOneOfTheZone(t *testing.T) {
	kigali, _ := time.LoadLocation("Africa/Kigali")
	at := time.Date(2014, 3, 2, 22, 30, 0, 0, time.UTC) // Monday the 3rd, 00:30 in Kigali
	for p, want := range map[Period]string{Day: "2014-03-02 2014-03-03", Week: "2014-02-24 2014-03-03", Month: "2014-02-01 2014-03-01"} {
		from, to := p.Ended(at, kigali)
		if got := from.String() + " " + to.String(); got != want {
			t.Errorf("%s: %s, want %s", p, got, want)
		}
		again, end, begins := p.Beginning(from)
		if again != from || end != to || !begins {
			t.Errorf("%s that begins on %s ends on %s", p, from, end)
		}
		if _, _, begins := p.Beginning(day(t, "2014-03-05")); begins != (p == Day) {
			t.Errorf("a %s begins on a Wednesday, the 5th", p)
		}
	}
}

func TestWhatChanceWouldDoIsNoMove(t *testing.T) {
	n := &Numbers{}
	for _, m := range []Move{
		{"type", "steady", 1000, 1010}, {"type", "one more", 2, 1}, {"type", "gone", 0, 30}, {"type", "doubled", 200, 100},
		{"type", "large", 11000, 10000}, {"type", "login", 500, 5}, {"tag", "a", 30, 0}, {"tag", "b", 9, 0}, {"tag", "c", 8, 0},
	} {
		n.moved(m, true)
	}
	var names []string
	for _, m := range largest(n.Moves) {
		names = append(names, m.Name)
	}
	if want := []string{"large", "doubled", "a", "gone", "b"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
}

func render(t *testing.T, n *Numbers, language string, links Links) *Letter {
	t.Helper()
	draft, err := Compose(n, language)
	if err != nil {
		t.Fatal(err)
	}
	letter, err := draft.Letter(links)
	if err != nil {
		t.Fatal(err)
	}
	return letter
}

func TestALetterIsReadableInEveryLanguage(t *testing.T) {
	for _, name := range Languages() {
		letter := render(t, sample(t), name, Links{Dashboard: "https://stats.example.org/", Unsubscribe: "https://stats.example.org/u/x"})
		w := WordsOf(name)
		for what, text := range map[string]string{"the HTML": strings.ReplaceAll(letter.HTML, "&#43;", "+"), "the text": letter.Text} {
			for _, want := range []string{"forum", w.Number(120345), w.Change(1234, 1100), w.Say("moves"), "p-17", "https://stats.example.org/u/x", w.Percent(0.8125)} {
				if !strings.Contains(text, want) {
					t.Errorf("%s in %s lacks %q:\n%s", what, name, want, text)
				}
			}
			if strings.Contains(text, "%!") || strings.Contains(text, "ZgotmplZ") {
				t.Errorf("%s in %s:\n%s", what, name, text)
			}
		}
		if len(letter.Images) != 2 {
			t.Errorf("%d images", len(letter.Images))
		}
		keep(t, name, letter)
	}
}

// keep writes letters where somebody looks at them: LETTERS names a folder.
func keep(t *testing.T, name string, letter *Letter) {
	t.Helper()
	dir := os.Getenv("LETTERS")
	if dir == "" {
		return
	}
	html := letter.HTML
	for _, image := range letter.Images {
		file := name + "-" + image.ID + ".png"
		html = strings.ReplaceAll(html, "cid:"+image.ID, file)
		if err := os.WriteFile(filepath.Join(dir, file), image.PNG, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range map[string]string{name + ".html": html, name + ".txt": letter.Text} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNamesOfProducersCannotChangeTheLetter(t *testing.T) {
	n := sample(t)
	n.Posts = []Ranked{{Name: "<script>alert(1)</script>\u202e\nBcc: x", Users: 1}}
	letter := render(t, n, "en", Links{})
	if strings.Contains(letter.HTML, "<script") || strings.ContainsRune(letter.HTML+letter.Text, '\u202e') || strings.Contains(letter.Text, "\nBcc") {
		t.Errorf("%s\n%s", letter.HTML, letter.Text)
	}
}

func TestAQuietPeriodSaysSo(t *testing.T) {
	n := sample(t)
	n.Figures = figures(report.SummaryTotals{}, report.SummaryTotals{}, true)
	letter := render(t, n, "en", Links{})
	if !strings.Contains(letter.Text, "Nothing happened") || len(letter.Images) != 0 {
		t.Errorf("%s", letter.Text)
	}
}

func TestAnAxisHasFewRoundStepsAndHoldsAll(t *testing.T) {
	for _, most := range []float64{0, 1, 2, 3, 5, 7, 14, 40, 41, 99, 430, 10_400, 1_234_567} {
		step, end := axis([][]float64{{most}})
		if n := end / step; step != math.Trunc(step) || end < most || n != math.Trunc(n) || n > 5 || most > 4 && n < 2 {
			t.Errorf("up to %v: steps of %v to %v", most, step, end)
		}
	}
}
