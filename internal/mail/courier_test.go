package mail

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"ibarura/internal/clickhouse"
	"ibarura/internal/digest"
	"ibarura/internal/enginetest"
	"ibarura/internal/mailtest"
	"ibarura/internal/report"
)

func TestMain(m *testing.M) { enginetest.Main(m) }

// town is a ClickHouse with a mail server, and a clock.
type town struct {
	t       *testing.T
	conn    driver.Conn
	project string
	server  *mailtest.Server
	now     atomic.Pointer[time.Time]
	logged  *observer.ObservedLogs
	log     *zap.Logger
}

var towns atomic.Int64

func newTown(t *testing.T, o mailtest.Options) *town {
	t.Helper()
	target := enginetest.Migrated(t)
	conn, err := clickhouse.Open(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	core, logged := observer.New(zap.DebugLevel)
	return &town{t: t, conn: conn, project: fmt.Sprint("town", towns.Add(1)), server: mailtest.Start(t, o), logged: logged, log: zap.New(core)}
}

func (w *town) set(text string) {
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now.Store(&at)
}

// courier is that of a process of its own.
func (w *town) courier(instance string) (*Courier, *prometheus.Registry) {
	w.t.Helper()
	conf := serverOf(w.t, w.server, None)
	conf.Timeout = time.Second
	post, err := NewPost(conf)
	if err != nil {
		w.t.Fatal(err)
	}
	reader, err := clickhouse.OpenReader(enginetest.Migrated(w.t), clickhouse.ReadLimits{Timeout: time.Minute, MaxMemory: 1 << 30, MaxResultRows: 100_000, MaxConcurrent: 4}, prometheus.NewRegistry())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = reader.Close() })
	reg := prometheus.NewRegistry()
	now := func(context.Context) (time.Time, error) { return *w.now.Load(), nil }
	return NewCourier(Options{Instance: instance, Attempts: 3, Pause: time.Millisecond, Patience: time.Hour}, Deps{
		Post: post, Book: clickhouse.Deliveries{Conn: w.conn}, Lists: clickhouse.Recipients{Conn: w.conn}, Schedules: clickhouse.Mailings{Conn: w.conn},
		Projects: func(context.Context) ([]Project, error) { return []Project{{w.project, time.UTC}}, nil },
		Asker:    report.New(reader, func() time.Time { return *w.now.Load() }, report.DefaultLimits()), Now: now,
		Links: func(context.Context) (Links, error) { return Links{Base: "https://stats.example.org"}, nil },
		Log:   w.log, Metrics: NewMetrics(reg),
	}), reg
}

// add puts somebody on a list at a moment.
func (w *town) add(period, address, at string) {
	w.t.Helper()
	err := w.conn.Exec(w.t.Context(), `INSERT INTO report_recipients SELECT ?, lower(hex(generateUUIDv4())), ?, ?, toDateTime64(?, 3, 'UTC'), toDateTime64(0, 3, 'UTC'), 1`,
		w.project, period, address, at+":00")
	if err != nil {
		w.t.Fatal(err)
	}
}

// run sends what is due, as one process, and returns the subjects that arrived.
func (w *town) run() []string {
	w.t.Helper()
	before := len(w.server.Received())
	c, _ := w.courier("one")
	if err := c.Run(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	var subjects []string
	for _, r := range w.server.Received()[before:] {
		message := r.Parse(w.t)
		subject, _ := message.Header.Text("Subject")
		subjects = append(subjects, strings.TrimLeft(strings.TrimPrefix(subject, w.project), " :"))
	}
	return subjects
}

func (w *town) wants(what string, want ...string) {
	w.t.Helper()
	if got := w.run(); fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestAReportIsSentWhenItIsDueAndOnce(t *testing.T) {
	w := newTown(t, mailtest.Options{})
	w.add("week", "ann@example.org", "2014-03-04 00:00")
	w.set("2014-03-04 12:00")
	w.wants("before the first that is due since she came")
	w.set("2014-03-10 06:59")
	w.wants("a minute before")
	w.set("2014-03-10 07:00")
	w.wants("on Monday at seven", "Weekly report, 3–9 March 2014")
	w.wants("a moment later")
	w.set("2014-03-16 23:00")
	w.wants("on Sunday")
	w.set("2014-04-02 12:00")
	w.wants("after three weeks without a process: the last one only", "Weekly report, 24–30 March 2014")
	w.wants("again")
}

func TestAScheduleIsTheProjectsOwnWithItsLanguage(t *testing.T) {
	w := newTown(t, mailtest.Options{})
	if err := (clickhouse.Mailings{Conn: w.conn}).Put(t.Context(), clickhouse.Mailing{
		Project: w.project, Period: "month", Schedule: "30 16 2 * *", Language: "fr", Version: 1,
	}); err != nil {
		t.Fatal(err)
	}
	w.add("month", "ann@example.org", "2014-03-04 00:00")
	w.set("2014-04-02 16:29")
	w.wants("before")
	w.set("2014-04-02 16:30")
	w.wants("on the second at half past four", "Rapport mensuel, mars 2014")
	if err := CheckSchedule("@every 1h", time.UTC); err == nil {
		t.Error("an interval is taken for a schedule of reports")
	}
}

func TestWhatTheServerPutsOffIsTriedAgainAndWhatItRefusesIsNot(t *testing.T) {
	var busy atomic.Int64
	w := newTown(t, mailtest.Options{OnRcpt: func(to string) error {
		switch {
		case strings.HasPrefix(to, "gone"):
			return mailtest.Refusal(550, [3]int{5, 1, 1}, "no "+to+" here")
		case strings.HasPrefix(to, "busy") && busy.Add(1) < 3, strings.HasPrefix(to, "never"):
			return mailtest.Refusal(451, [3]int{4, 2, 1}, to+" is busy")
		}
		return nil
	}})
	for _, who := range []string{"ann", "gone", "busy", "never"} {
		w.add("day", who+"@example.org", "2014-03-01 00:00")
	}
	w.set("2014-03-04 07:00")
	for range 6 {
		w.run()
		time.Sleep(20 * time.Millisecond) // longer than any pause here
	}
	got := map[string]int{}
	for _, r := range w.server.Received() {
		got[r.To]++
	}
	if len(got) != 2 || got["ann@example.org"] != 1 || got["busy@example.org"] != 1 {
		t.Errorf("%v", got)
	}
	attempts := map[string]uint64{}
	rows, err := w.conn.Query(t.Context(), `SELECT r.address, d.state, max(d.attempt) FROM report_deliveries AS d FINAL
INNER JOIN report_recipients AS r ON r.id = d.recipient WHERE d.project = ? GROUP BY 1, 2`, w.project)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var address, state string
		var n uint16
		if err := rows.Scan(&address, &state, &n); err != nil {
			t.Fatal(err)
		}
		attempts[strings.TrimSuffix(address, "@example.org")+" "+state] = uint64(n)
	}
	if want := "map[ann sent:1 busy deferred:2 busy sent:3 gone refused:1 never deferred:3]"; fmt.Sprint(attempts) != want {
		t.Errorf("%v, want %s", attempts, want)
	}
	for _, entry := range w.logged.All() {
		if text := fmt.Sprint(entry.Message, entry.ContextMap()); strings.Contains(text, "@") {
			t.Errorf("the log names somebody: %s", text)
		}
	}
}

func TestAServerThatIsAwayLeavesNoClaims(t *testing.T) {
	w := newTown(t, mailtest.Options{})
	w.add("day", "ann@example.org", "2014-03-01 00:00")
	w.set("2014-03-04 07:00")
	c, _ := w.courier("one")
	port := w.server.Port
	w.server.Port = 1
	away, _ := w.courier("two")
	if err := away.Run(t.Context()); err == nil || strings.Contains(err.Error(), "@") {
		t.Errorf("%v", err)
	}
	w.server.Port = port
	if err := c.Run(t.Context()); err != nil || len(w.server.Received()) != 1 {
		t.Errorf("%v, %d messages", err, len(w.server.Received()))
	}
}

func TestManyProcessesSendEachReportOnce(t *testing.T) {
	w := newTown(t, mailtest.Options{})
	for i := range 10 {
		w.add("day", fmt.Sprintf("crowd%d@example.org", i), "2014-03-01 00:00")
	}
	w.set("2014-03-04 07:00")
	var processes sync.WaitGroup
	for i := range 5 {
		c, _ := w.courier(fmt.Sprint("process ", i))
		processes.Go(func() {
			if err := c.Run(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	processes.Wait()
	got := map[string]int{}
	for _, r := range w.server.Received() {
		got[r.To]++
	}
	for i := range 10 {
		if n := got[fmt.Sprintf("crowd%d@example.org", i)]; n != 1 {
			t.Errorf("crowd%d got %d", i, n)
		}
	}
}

func TestAnAnswerThatDoesNotComeIsShownAndNotRepeated(t *testing.T) {
	w := newTown(t, mailtest.Options{OnData: func(string) error { time.Sleep(2 * time.Second); return nil }})
	w.add("day", "ann@example.org", "2014-03-01 00:00")
	w.set("2014-03-04 07:00")
	c, reg := w.courier("one")
	for range 2 {
		if err := c.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := testutil.GatherAndCompare(reg, strings.NewReader(`# HELP ibarura_mail_deliveries_total Reports handed to the mail server by this process, by what became of them: sent, deferred, refused, unsure.
# TYPE ibarura_mail_deliveries_total counter
ibarura_mail_deliveries_total{state="deferred"} 0
ibarura_mail_deliveries_total{state="refused"} 0
ibarura_mail_deliveries_total{state="sent"} 0
ibarura_mail_deliveries_total{state="unsure"} 1
`), "ibarura_mail_deliveries_total"); err != nil {
		t.Error(err)
	}
	list, err := clickhouse.Deliveries{Conn: w.conn}.Unsettled(t.Context(), time.Hour, 10)
	if err != nil || len(list) != 1 || list[0].Project != w.project {
		t.Errorf("%+v, %v", list, err)
	}
	order := Order{Subject: digest.Subject{Project: w.project, Zone: time.UTC, Period: digest.Day}, Language: "en"}
	if err := order.Subject.Begin("2014-03-03"); err != nil {
		t.Fatal(err)
	}
	if done, err := c.Send(t.Context(), order); err != nil || done != (Sent{Unknown: 1}) {
		t.Errorf("by hand: %+v, %v", done, err)
	}
}

func TestAnAddressThatIsTakenOffIsDeletedFromTheDisk(t *testing.T) {
	w := newTown(t, mailtest.Options{})
	list := clickhouse.Recipients{Conn: w.conn}
	added, err := list.Add(t.Context(), w.project, "week", "ann@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list.Add(t.Context(), w.project, "week", "ANN@example.org"); err == nil {
		t.Error("twice on one list")
	}
	if _, err := list.Add(t.Context(), w.project, "day", "ann@example.org"); err != nil {
		t.Error(err)
	}
	if err := list.RemoveAddress(t.Context(), w.project, "", "ann@example.org"); err != nil {
		t.Fatal(err)
	}
	if err := list.RemoveAddress(t.Context(), w.project, "", "ann@example.org"); err == nil {
		t.Error("nobody was there to be removed")
	}
	var n uint64
	if err := w.conn.QueryRow(t.Context(), "SELECT count() FROM report_recipients WHERE project = ? AND address != ''", w.project).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows have the address: %v", n, err)
	}
	if again, err := list.Add(t.Context(), w.project, "week", "ann@example.org"); err != nil || again.ID == added.ID {
		t.Errorf("who comes back is somebody new: %v", err)
	}
}
