package importer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ibarura/internal/importer"
	"ibarura/internal/producer"
)

// childOptions, if set, makes the test binary import and nothing else: it is
// the process that a test kills.
const childOptions = "IBARURA_TEST_IMPORT"

type child struct{ URL, Path, StateDir, RejectsPath, Target string }

const childBatch = 100 // lines

func TestMain(m *testing.M) {
	if text := os.Getenv(childOptions); text != "" {
		if err := importAsChild(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func importAsChild(text string) error {
	var c child
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	client, err := producer.New(producer.Options{URL: c.URL, Key: "ibw_test"})
	if err != nil {
		return err
	}
	_, err = importer.Run(context.Background(), client, importer.Options{
		Path: c.Path, StateDir: c.StateDir, RejectsPath: c.RejectsPath, Target: c.Target, BatchLines: childBatch,
	})
	return err
}

// linesDone reads the state of the only unfinished import in a folder.
func linesDone(t *testing.T, dir string) int {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(paths) != 1 {
		return 0
	}
	text, err := os.ReadFile(paths[0])
	if err != nil {
		return 0
	}
	var state struct{ Lines int }
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	return state.Lines
}

func TestImportGoesOnAfterKill(t *testing.T) {
	s, o := newServer(t), options(t, accessLog)
	o.BatchLines = childBatch
	s.before(func(int) int { time.Sleep(50 * time.Millisecond); return 0 })
	text, err := json.Marshal(child{s.URL, o.Path, o.StateDir, o.RejectsPath, o.Target})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childOptions+"="+string(text))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for linesDone(t, o.StateDir) == 0 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	done := linesDone(t, o.StateDir)
	if done == 0 || done == 10000 {
		t.Fatalf("killed after line %d, which shows nothing", done)
	}

	s.before(nil)
	summary, err := importer.Run(t.Context(), s.client(t), o)
	if err != nil {
		t.Fatal(err)
	}
	if summary.ResumedFrom != done || summary.Lines != 10000 || summary.Accepted+summary.Duplicates != 10000 || len(s.pageViews) != 10000 {
		t.Errorf("%+v after line %d, %d page views", summary, done, len(s.pageViews))
	}
	oneIDForEachVisitor(t, s)
	isEmpty(t, o.StateDir)
}

// oneIDForEachVisitor shows that both runs used the same salt.
func oneIDForEachVisitor(t *testing.T, s *server) {
	t.Helper()
	ids := map[string]string{}
	for _, p := range s.pageViews {
		who := p.IP + "\x00" + p.UserAgent
		if known, there := ids[who]; there && known != p.AnonymousID {
			t.Fatal("a visitor has two ids")
		}
		ids[who] = p.AnonymousID
	}
}

func TestInterruptedImportGoesOnWithoutADuplicate(t *testing.T) {
	s, o := newServer(t), options(t, write(t, strings.Repeat("{\"type\":\"a\"}\nbad\n", 2000)))
	o.BatchLines = 50
	ctx, cancel := context.WithCancel(t.Context())
	s.before(func(n int) int {
		if n == 20 {
			cancel()
		}
		time.Sleep(time.Millisecond)
		return 0
	})
	summary, err := importer.Run(ctx, s.client(t), o)
	if !errors.Is(err, importer.ErrInterrupted) || summary.Lines == 0 || summary.Lines == 4000 || !summary.Resumable {
		t.Fatalf("%v: %+v", err, summary)
	}
	s.before(nil)
	again := mustRun(t, s, o, counts{Lines: 4000, Accepted: 2000, Rejected: 2000})
	if again.ResumedFrom != summary.Lines {
		t.Errorf("resumed from %d, want %d", again.ResumedFrom, summary.Lines)
	}
	list, err := os.ReadFile(o.RejectsPath)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(list)), "\n") {
		if want := fmt.Sprintf(`"line":%d,`, 2*i+2); !strings.Contains(line, want) {
			t.Fatalf("line %d of the list is %s, want %s", i+1, line, want)
		}
	}
}

func TestRestartBeginsAnew(t *testing.T) {
	s, o := newServer(t), options(t, community)
	interrupt(t, s, o)
	o.Restart = true
	if summary, err := importer.Run(t.Context(), s.client(t), o); err != nil || summary.ResumedFrom != 0 || len(s.events) != 10548 {
		t.Errorf("%+v, %v", summary, err)
	}
}

func TestChangedFileAndOtherServerAreImportsOfTheirOwn(t *testing.T) {
	text := strings.Repeat("{\"type\":\"a\"}\n", 4000)
	s, o := newServer(t), options(t, write(t, text))
	interrupt(t, s, o)
	elsewhere := o
	elsewhere.Target = "there"
	if summary := mustRun(t, newServer(t), elsewhere, counts{Lines: 4000, Accepted: 4000}); summary.ResumedFrom != 0 {
		t.Error("an import to another place was resumed")
	}
	if err := os.WriteFile(o.Path, []byte(text+"{\"type\":\"b\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	summary, err := importer.Run(t.Context(), s.client(t), o)
	if err != nil || summary.ResumedFrom != 0 || len(s.events) != 4001 {
		t.Errorf("%+v, %v, %d events", summary, err, len(s.events))
	}
}

// interrupt stops an import after a few requests.
func interrupt(t *testing.T, s *server, o importer.Options) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.before(func(n int) int {
		if n == 1 {
			cancel()
		}
		time.Sleep(5 * time.Millisecond)
		return 0
	})
	o.Requests = 1
	if _, err := importer.Run(ctx, s.client(t), o); !errors.Is(err, importer.ErrInterrupted) {
		t.Fatal(err)
	}
	s.before(nil)
}

func TestDamagedStateSaysWhatToDo(t *testing.T) {
	s, o := newServer(t), options(t, community)
	interrupt(t, s, o)
	paths, _ := filepath.Glob(filepath.Join(o.StateDir, "*.json"))
	if err := os.WriteFile(paths[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := importer.Run(t.Context(), s.client(t), o); err == nil || !strings.Contains(err.Error(), "--restart") {
		t.Errorf("got %v", err)
	}
}

func TestStateIsForItsOwnerOnly(t *testing.T) {
	s, o := newServer(t), options(t, accessLog)
	interrupt(t, s, o)
	paths, _ := filepath.Glob(filepath.Join(o.StateDir, "*.json"))
	info, err := os.Stat(paths[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
