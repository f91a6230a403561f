package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ibarura/internal/digest"
	"ibarura/internal/mailtest"
	"ibarura/internal/report"
)

// mailed is a service that sends reports, the community in it, and the mail server.
type mailed struct {
	t        *testing.T
	service  *instance
	flags    []string
	onData   atomic.Pointer[func(to string)]
	postroom *mailtest.Server
}

func newMailed(t *testing.T) *mailed {
	t.Helper()
	m := &mailed{t: t}
	m.postroom = mailtest.Start(t, mailtest.Options{StartTLS: true, Auth: true, OnData: func(to string) error {
		if hook := m.onData.Load(); hook != nil {
			(*hook)(to)
		}
		return nil
	}})
	password := t.TempDir() + "/password"
	if err := os.WriteFile(password, []byte(mailtest.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m.flags = []string{
		"--mail.host", m.postroom.Host, "--mail.port", fmt.Sprint(m.postroom.Port), "--mail.tls-ca-file", m.postroom.CAFile,
		"--mail.user", mailtest.User, "--mail.password-file", password, "--mail.from", "Ibarura <reports@stats.example.org>",
		"--mail.base-url", "https://stats.example.org", "--jobs.reports", "@every 1s",
	}
	m.service = serve(t, t.TempDir(), append(m.flags, "--project.timezone", "Africa/Kigali")...)
	importFile(t, m.service, firstMonths(t))
	for _, period := range []string{"day", "week", "month"} { // so that none is due while the tests run
		m.report("schedule", "--period", period, "--at", "0 0 1 1 *")
	}
	return m
}

// firstMonths is the community from January to April 2014.
func firstMonths(t *testing.T) string {
	t.Helper()
	packed, err := os.Open(community)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packed.Close() }()
	plain, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	var some bytes.Buffer
	wanted := regexp.MustCompile(`"2014-0[1-4]-`)
	for lines := bufio.NewScanner(plain); lines.Scan(); {
		if wanted.Match(lines.Bytes()) {
			some.Write(append(lines.Bytes(), '\n'))
		}
	}
	file := t.TempDir() + "/community.ndjson"
	if err := os.WriteFile(file, some.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (m *mailed) args(args ...string) []string {
	return append(append([]string{"report"}, args...), append([]string{"--data-dir", m.service.dir}, m.flags...)...)
}

func (m *mailed) report(args ...string) string {
	m.t.Helper()
	return ibarura(m.t, m.args(args...)...)
}

// status runs a report command and returns its exit status.
func (m *mailed) status(args ...string) (int, string) {
	m.t.Helper()
	out, errOut, err := tryIbarura(m.t, m.args(args...)...)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		m.t.Fatal(err)
	}
	if exit == nil {
		return 0, out + errOut
	}
	return exit.ExitCode(), out + errOut
}

func (m *mailed) to(address string) []mailtest.Received {
	var list []mailtest.Received
	for _, r := range m.postroom.Received() {
		if r.To == address {
			list = append(list, r)
		}
	}
	return list
}

func TestReportsByMail(t *testing.T) {
	t.Parallel()
	m := newMailed(t)
	t.Run("TheWeeklyReportHasTheNumbersOfTheAPI", func(t *testing.T) { sameNumbers(t, m) })
	t.Run("AReportIsWrittenInTheLanguageOfItsProject", func(t *testing.T) { inItsLanguage(t, m) })
	t.Run("TwoWhoSendAtTheSameMomentSendOnce", func(t *testing.T) { twoAtOnce(t, m) })
	t.Run("AKillInTheMiddleOfSendingNeverSendsTwice", func(t *testing.T) { killedInTheMiddle(t, m) })
	t.Run("OneClickEndsReportsAndLooksDoNot", func(t *testing.T) { oneClick(t, m) })
	t.Run("AddressesAndPasswordsAreNotLogged", func(t *testing.T) {
		for _, secret := range []string{"@example.org", mailtest.Password} {
			if strings.Contains(m.service.log.String(), secret) {
				t.Errorf("the log has %q", secret)
			}
		}
	})
	t.Run("AKillOfServeInTheMiddleOfItsScheduledReportIsShownAndNotRepeated", func(t *testing.T) { killedOnSchedule(t, m) })
}

func sameNumbers(t *testing.T, m *mailed) {
	m.report("recipients", "add", "ann@example.org")
	if status, out := m.status("recipients", "add", "Ann@example.org"); status != 1 || strings.Contains(out, "added") {
		t.Errorf("the same address twice: %d %s", status, out)
	}
	m.report("send", "--from", "2014-03-03")
	got := m.to("ann@example.org")
	if len(got) != 1 {
		t.Fatalf("%d messages", len(got))
	}
	message := got[0].Parse(t)
	q := url.Values{"from": {"2014-03-03"}, "to": {"2014-03-10"}, "compare": {"previous"}}
	var answer struct {
		Data    report.SummaryOverview
		Compare struct{ Data report.SummaryOverview }
	}
	m.service.answer("/api/v1/analytics/summary", q, &answer)
	if answer.Data.Totals.ActiveUsers == 0 || answer.Compare.Data.Totals.ActiveUsers == 0 {
		t.Fatalf("nothing to compare: %+v", answer)
	}
	w := digest.WordsOf("en")
	for label, pair := range map[string][2]int64{
		"Active people": {int64(answer.Data.Totals.ActiveUsers), int64(answer.Compare.Data.Totals.ActiveUsers)},
		"New people":    {int64(answer.Data.Totals.NewUsers), int64(answer.Compare.Data.Totals.NewUsers)},
		"Events":        {answer.Data.Totals.Events, answer.Compare.Data.Totals.Events},
		"Page views":    {answer.Data.Totals.PageViews, answer.Compare.Data.Totals.PageViews},
		"Posts":         {answer.Data.Totals.PostsCreated, answer.Compare.Data.Totals.PostsCreated},
		"Comments":      {answer.Data.Totals.Comments, answer.Compare.Data.Totals.Comments},
		"Sign-ups":      {answer.Data.Totals.Signups, answer.Compare.Data.Totals.Signups},
	} {
		line := regexp.MustCompile(`(?m)^` + label + ` +` + regexp.QuoteMeta(w.Number(pair[0])) + ` .*before: ` + regexp.QuoteMeta(w.Number(pair[1])) + `\r?$`)
		if !line.MatchString(message.Text) {
			t.Errorf("%s is %v by the API, in the message:\n%s", label, pair, message.Text)
		}
		if !strings.Contains(message.HTML, ">"+w.Number(pair[0])+"<") {
			t.Errorf("%s %d is not in the HTML", label, pair[0])
		}
	}
	for _, post := range answer.Data.TopPosts[:3] {
		if !strings.Contains(message.Text, post.Post) || !strings.Contains(message.HTML, post.Post) {
			t.Errorf("the post %s is not in the message", post.Post)
		}
	}
	if len(message.Images) != 2 || !strings.Contains(message.HTML, `src="cid:active"`) || !bytes.HasPrefix(message.Images["active"], []byte("\x89PNG")) {
		t.Errorf("the parts are %v", message.Types)
	}
	subject, _ := message.Header.Text("Subject")
	if subject != "default: Weekly report, 3–9 March 2014" {
		t.Errorf("the subject is %q", subject)
	}
	if m.report("send", "--from", "2014-03-03"); len(m.to("ann@example.org")) != 1 {
		t.Error("it was sent again")
	}
}

func inItsLanguage(t *testing.T, m *mailed) {
	m.report("schedule", "--period", "month", "--language", "rw")
	m.report("recipients", "add", "--period", "month", "eve@example.org")
	m.report("send", "--period", "month", "--from", "2014-03-01")
	got := m.to("eve@example.org")
	if len(got) != 1 {
		t.Fatalf("%d messages", len(got))
	}
	message := got[0].Parse(t)
	subject, _ := message.Header.Text("Subject")
	if subject != "default: Raporo y’ukwezi, Werurwe 2014" || message.Header.Get("Content-Language") != "rw" || !strings.Contains(message.Text, "Ugereranyije na Gashyantare 2014") {
		t.Errorf("%q\n%s", subject, message.Text)
	}
	dir := t.TempDir()
	for _, language := range digest.Languages() {
		m.report("preview", "--from", "2014-03-03", "--language", language, "--out", dir+"/"+language)
		for _, file := range []string{"report.html", "report.txt", "active.png", "events.png"} {
			if info, err := os.Stat(dir + "/" + language + "/" + file); err != nil || info.Size() == 0 {
				t.Errorf("%s in %s: %v", file, language, err)
			}
		}
	}
	if out := m.report("preview", "--period", "day", "--from", "2014-03-03"); !strings.Contains(out, "Monday 3 March 2014") {
		t.Errorf("%s", out)
	}
}

func twoAtOnce(t *testing.T, m *mailed) {
	for i := range 4 {
		m.report("recipients", "add", fmt.Sprintf("crowd%d@example.org", i))
	}
	var processes sync.WaitGroup
	for range 3 {
		processes.Go(func() {
			if _, errOut, err := tryIbarura(t, m.args("send", "--from", "2014-03-10")...); err != nil {
				var exit *exec.ExitError // 3: the other one was at it, so nobody knew yet
				if !errors.As(err, &exit) || exit.ExitCode() != int(statusLeftOut) {
					t.Errorf("%v: %s", err, errOut)
				}
			}
		})
	}
	processes.Wait()
	for i := range 4 {
		if n := len(m.to(fmt.Sprintf("crowd%d@example.org", i))); n != 1 {
			t.Errorf("crowd%d got %d", i, n)
		}
		m.report("recipients", "remove", fmt.Sprintf("crowd%d@example.org", i))
	}
}

func killedInTheMiddle(t *testing.T, m *mailed) {
	m.report("recipients", "add", "--period", "day", "kay@example.org")
	send := []string{"send", "--period", "day", "--from", "2014-03-03"}
	cmd := command(t, m.args(send...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := func(string) { _ = cmd.Process.Kill() }
	m.onData.Store(&kill)
	if err := cmd.Wait(); err == nil {
		t.Fatal("it was not killed")
	}
	m.onData.Store(nil)
	arrived := len(m.to("kay@example.org")) // the server had the message; its answer found nobody
	status, out := m.status(send...)
	if status != int(statusLeftOut) || !strings.Contains(out, "1 left out") || len(m.to("kay@example.org")) != arrived {
		t.Errorf("after the kill: %d %s, %d messages", status, out, len(m.to("kay@example.org")))
	}
	if status, _ := m.status(append(send, "--again")...); status != int(statusLeftOut) {
		t.Error("it may still be under way")
	}
	shown := ""
	waitFor(t, "it is shown", func() bool {
		shown = ibarura(t, "jobs", "--data-dir", m.service.dir)
		return strings.Contains(shown, "claimed")
	})
	if strings.Contains(shown, "kay@") {
		t.Errorf("it is shown with its address:\n%s", shown)
	}
	if m.report(append(send, "--again")...); len(m.to("kay@example.org")) != arrived+1 {
		t.Errorf("%d messages after sending again", len(m.to("kay@example.org")))
	}
	if m.report(append(send, "--again")...); len(m.to("kay@example.org")) != arrived+1 {
		t.Error("what certainly arrived was sent again")
	}
}

func oneClick(t *testing.T, m *mailed) {
	message := m.to("ann@example.org")[0].Parse(t)
	link := strings.Trim(message.Header.Get("List-Unsubscribe"), "<>")
	path, ours := strings.CutPrefix(link, "https://stats.example.org")
	if !ours || message.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.Contains(message.Text, link) {
		t.Fatalf("%v\n%s", message.Header, message.Text)
	}
	ask := func(method, path string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, m.service.base+path, strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", m.service.base)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(body)
	}
	if status, body := ask("GET", path); status != 200 || !strings.Contains(body, `<form method="post">`) || !strings.Contains(m.report("recipients", "list"), "ann@example.org") {
		t.Errorf("a look: %d %s", status, body)
	}
	if status, body := ask("POST", path+"x"); status != 404 || !strings.Contains(body, "unknown_link") {
		t.Errorf("a wrong token: %d %s", status, body)
	}
	for range 2 {
		if status, body := ask("POST", path); status != 200 || !strings.Contains(body, "off the list") {
			t.Errorf("one click: %d %s", status, body)
		}
	}
	if list := m.report("recipients", "list"); strings.Contains(list, "ann@example.org") {
		t.Errorf("%s", list)
	}
	if m.report("send", "--from", "2014-03-17"); len(m.to("ann@example.org")) != 2 { // of the 3rd and the 10th
		t.Errorf("%d messages", len(m.to("ann@example.org")))
	}
}

func killedOnSchedule(t *testing.T, m *mailed) {
	var once sync.Once
	kill := func(string) { once.Do(func() { _ = m.service.cmd.Process.Kill() }) }
	m.onData.Store(&kill)
	m.report("recipients", "add", "--period", "month", "zoe@example.org")
	m.report("schedule", "--period", "month", "--at", "* * * * *")
	select {
	case err := <-m.service.gone:
		m.service.gone <- err
	case <-time.After(3 * time.Minute):
		t.Fatal("no report was sent")
	}
	before := len(m.postroom.Received())
	again := serve(t, m.service.dir, m.flags...)
	deadline := time.Now().Add(3 * time.Minute)
	for !strings.Contains(again.metrics(), "ibarura_mail_unsettled 1") && time.Now().Before(deadline) {
		time.Sleep(200 * time.Millisecond)
	}
	if !strings.Contains(again.metrics(), "ibarura_mail_unsettled 1") {
		t.Errorf("the report that was being sent is not shown:\n%s", again.log)
	}
	m.service = again
	if eve, zoe := len(m.to("eve@example.org")), len(m.to("zoe@example.org")); eve > 2 || zoe > 1 || len(m.postroom.Received()) > before+1 {
		t.Errorf("%d to eve, %d to zoe, %d in all, %d before the kill", eve, zoe, len(m.postroom.Received()), before)
	}
	m.report("deliveries", "--accept")
	if out := ibarura(t, "jobs", "list", "--data-dir", again.dir); strings.Contains(out, "claimed") {
		t.Errorf("an operator has accepted it:\n%s", out)
	}
	if out := ibarura(t, "jobs", "list", "--runs", "100", "--data-dir", again.dir); !strings.Contains(out, "reports") || !strings.Contains(out, "lost") {
		t.Errorf("%s", out)
	}
}

// metrics is what a scraper sees.
func (s *instance) metrics() string {
	resp, err := http.Get(s.base + "/metrics")
	if err != nil {
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(resp.Body)
	return string(text)
}

// answer reads a whole answer of the API.
func (s *instance) answer(path string, q url.Values, into any) {
	s.t.Helper()
	r := s.get(path, q)
	if r.status != http.StatusOK {
		s.t.Fatalf("%s: %d %s", path, r.status, r.body)
	}
	if err := json.Unmarshal(r.body, into); err != nil {
		s.t.Fatal(err)
	}
}
