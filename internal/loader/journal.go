package loader

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ibarura/internal/rowblock"
	"ibarura/internal/spool"
)

// journal is the loader's memory: which stretches of the log were cut, which
// parts were refused, and what is loaded. It is a text file, a line an entry:
// the CRC32-C of the rest in hexadecimal, a space, and a JSON object. An entry
// on which exactness rests is synced before it takes effect. A last line that
// is not whole never took effect.
type journal struct {
	mu    sync.Mutex
	path  string
	file  *os.File
	size  int64
	limit int64 // size at which the file is written anew
	fresh bool  // there was none: what the log holds may be loaded or not
	spare reserve
	state journalState

	process string // of ClickHouse, that got the last attempt; empty: not known yet
}

// entry is one line; one of its fields is set.
type entry struct {
	Start   *journalStart     `json:"start,omitempty"`
	Begin   *recordedCut      `json:"begin,omitempty"`
	Attempt *attempt          `json:"attempt,omitempty"`
	Doubt   *attempt          `json:"doubt,omitempty"` // a batch was taken, and its token proves nothing
	Split   string            `json:"split,omitempty"` // a token whose rows were refused
	Finish  *spool.LSN        `json:"finish,omitempty"`
	Due     *[]rowblock.Month `json:"due,omitempty"` // months whose aggregates have to be made anew, all of them
}

// journalStart opens the file, and stands for all that was before.
type journalStart struct {
	Log    string    `json:"log"`
	Loaded spool.LSN `json:"loaded"`
	Boot   string    `json:"boot"` // of ClickHouse's host, as far as loads were looked after
}

// recordedCut is a cut as it was written down before its first attempt.
type recordedCut struct {
	From   spool.LSN `json:"from"`
	To     spool.LSN `json:"to"`
	Tokens []string  `json:"tokens"`
	// Batch is the place of the batch that is under way: those before it are
	// taken, those behind it have had no attempt. Processes are those of
	// ClickHouse that may have got it.
	Batch     int      `json:"batch,omitempty"`
	Processes []string `json:"processes,omitempty"`
	Doubted   []int    `json:"doubted,omitempty"` // batches that were taken, and that some table may lack
	done      bool
}

// journalState is what the lines add up to.
type journalState struct {
	journalStart
	cuts   []*recordedCut // beyond Loaded, in the order of the log
	splits map[string]bool
	due    []rowblock.Month
}

const journalLimit = 256 << 10

// openJournal reads the journal of a log, or begins one at the end of what the
// log has: what is before has to be compared with the raw rows. A journal that
// belongs to another log is kept aside.
func openJournal(path, log string, end spool.LSN) (*journal, error) {
	j := &journal{path: path, limit: journalLimit, fresh: true, spare: reserve{path + ".reserve"}, state: journalState{
		journalStart: journalStart{Log: log, Loaded: end}, splits: map[string]bool{},
	}}
	text, err := os.ReadFile(path)
	if err == nil {
		err = j.replay(text, log)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("loader journal: %w", err)
	}
	if err := j.rewrite(); err != nil {
		return nil, err
	}
	return j, nil
}

// replay applies the lines of a file. It fails if a line within it is damaged:
// what is loaded cannot be guessed.
func (j *journal) replay(text []byte, log string) error {
	for number, lines := 1, bufio.NewReader(bytes.NewReader(text)); ; number++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // the end, or a line that was being written
		}
		if err != nil {
			return err
		}
		e, err := parseLine(line)
		if err != nil {
			if rest, _ := lines.Peek(1); len(rest) == 0 {
				return nil
			}
			return fmt.Errorf("%s, line %d is damaged; what is loaded is not known. See docs/operations.md: %w", filepath.Base(j.path), number, err)
		}
		if e.Start != nil && e.Start.Log != log {
			return os.Rename(j.path, j.path+"."+e.Start.Log)
		}
		j.state.apply(e)
		j.fresh = false
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func parseLine(line []byte) (entry, error) {
	var e entry
	sum, text, found := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	want, err := strconv.ParseUint(string(sum), 16, 32)
	if !found || err != nil || uint32(want) != crc32.Checksum(text, castagnoli) {
		return e, errors.New("the checksum is wrong")
	}
	return e, json.Unmarshal(text, &e)
}

func appendLine(to []byte, e entry) []byte {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers always can
	}
	return fmt.Appendf(to, "%08x %s\n", crc32.Checksum(text, castagnoli), text)
}

func (s *journalState) apply(e entry) {
	switch {
	case e.Start != nil:
		s.journalStart = *e.Start
	case e.Begin != nil:
		s.cuts = append(s.cuts, e.Begin)
	case e.Attempt != nil:
		s.attempt(e.Attempt)
	case e.Doubt != nil:
		s.doubt(e.Doubt)
	case e.Split != "":
		s.splits[e.Split] = true
	case e.Due != nil:
		s.due = *e.Due
	case e.Finish != nil:
		s.finish(*e.Finish)
	}
}

// finish marks a cut as loaded and forgets those at the beginning that are.
func (s *journalState) finish(from spool.LSN) {
	for _, c := range s.cuts {
		if c.From == from {
			c.done = true
			s.forgetSplits(c.Tokens)
		}
	}
	for len(s.cuts) > 0 && s.cuts[0].done {
		s.Loaded = s.cuts[0].To
		s.cuts = s.cuts[1:]
	}
}

// forgetSplits forgets the refusals of batches that are through.
func (s *journalState) forgetSplits(tokens []string) {
	maps.DeleteFunc(s.splits, func(split string, _ bool) bool {
		return slices.ContainsFunc(tokens, func(token string) bool { return strings.HasPrefix(split, token) })
	})
}

// lines writes the state as a file that begins anew.
func (s *journalState) lines() []byte {
	text := appendLine(nil, entry{Start: &s.journalStart})
	for _, c := range s.cuts {
		text = appendLine(text, entry{Begin: c})
	}
	if len(s.due) > 0 {
		text = appendLine(text, entry{Due: &s.due})
	}
	for token := range s.splits {
		text = appendLine(text, entry{Split: token})
	}
	for _, c := range s.cuts {
		if c.done {
			text = appendLine(text, entry{Finish: &c.From})
		}
	}
	return text
}

// position is where the next cut begins.
func (j *journal) position() spool.LSN {
	j.mu.Lock()
	defer j.mu.Unlock()
	if n := len(j.state.cuts); n > 0 {
		return j.state.cuts[n-1].To
	}
	return j.state.Loaded
}

// cuts returns those that are not loaded, and those loaded beyond one that is not.
func (j *journal) cuts() []recordedCut {
	j.mu.Lock()
	defer j.mu.Unlock()
	list := make([]recordedCut, 0, len(j.state.cuts))
	for _, c := range j.state.cuts {
		r := *c
		r.Processes, r.Doubted = slices.Clone(c.Processes), slices.Clone(c.Doubted)
		list = append(list, r)
	}
	return list
}

func (j *journal) start() journalStart {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state.journalStart
}

// begin writes a cut down; after it, its batches may be sent.
func (j *journal) begin(from, to spool.LSN, tokens []string) error {
	c := &recordedCut{From: from, To: to, Tokens: slices.Clone(tokens)}
	if process := j.lastProcess(); process != unknownProcess {
		c.Processes = []string{process} // most likely, and then it need not be written on its own
	}
	return j.write(entry{Begin: c}, true)
}

func (j *journal) lastProcess() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.process
}

// split writes down that a token's rows were refused.
func (j *journal) split(token string) error { return j.write(entry{Split: token}, true) }

// finish writes down that a cut is loaded. It is not synced: if it is lost, the
// cut is sent once more under its tokens. It is a fact: if it cannot be written
// now, it is in the file that is written next.
func (j *journal) finish(from spool.LSN) error {
	e := entry{Finish: &from}
	err := j.write(e, false)
	if err != nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.state.apply(e)
	}
	return err
}

func (j *journal) isSplit(token string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state.splits[token]
}

// restart writes down that everything before a position is loaded, on a host
// with this boot, and that no month is due.
func (j *journal) restart(loaded spool.LSN, boot string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state = journalState{journalStart: journalStart{Log: j.state.Log, Loaded: loaded, Boot: cmp.Or(boot, j.state.Boot)}, splits: map[string]bool{}}
	return j.rewrite()
}

// setBoot writes the boot down, if it is known, and leaves the rest.
func (j *journal) setBoot(boot string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if boot == "" || boot == j.state.Boot {
		return nil
	}
	j.state.Boot = boot
	return j.rewrite()
}

// write appends an entry. The state follows the file: an entry that could not
// be written did not happen, and the file is written anew before the next.
func (j *journal) write(e entry, sync bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	line := appendLine(nil, e)
	err := j.append(line, sync)
	if j.spare.release(err) {
		err = j.append(line, sync)
	}
	if err != nil {
		return err
	}
	j.state.apply(e)
	return nil
}

func (j *journal) append(line []byte, sync bool) error {
	if j.file == nil || j.size > j.limit {
		if err := j.rewrite(); err != nil {
			return err
		}
	}
	_, err := j.file.Write(line)
	if err == nil && sync {
		err = j.file.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("loader journal: %w", err), j.drop())
	}
	j.size += int64(len(line))
	return nil
}

// rewrite replaces the file by one that holds the state.
func (j *journal) rewrite() error {
	err := j.replace()
	if j.spare.release(err) {
		err = j.replace()
	}
	if err == nil {
		j.spare.hold()
	}
	return err
}

func (j *journal) replace() error {
	text := j.state.lines()
	next := j.path + ".next"
	file, err := writeSynced(next, text)
	if err == nil {
		err = os.Rename(next, j.path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(j.path))
	}
	if err != nil {
		if file != nil {
			_ = file.Close()
		}
		return fmt.Errorf("loader journal: %w", err)
	}
	err = j.drop()
	j.file, j.size = file, int64(len(text))
	j.limit = max(journalLimit, 2*j.size)
	return err
}

func writeSynced(path string, text []byte) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err = file.Write(text); err == nil {
		err = file.Sync()
	}
	return file, err
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// drop closes the file; the next write makes a new one.
func (j *journal) drop() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}

func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.drop()
}
