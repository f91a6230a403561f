package loader

import (
	"slices"

	"ibarura/internal/rowblock"
	"ibarura/internal/spool"
)

// attempt is a line of the journal about one batch of a cut.
type attempt struct {
	From    spool.LSN `json:"from"`  // of the cut
	Batch   int       `json:"batch"` // its place in the cut; the number of batches: all are taken
	Process string    `json:"process,omitempty"`
}

// attempt writes down, before anything is sent, that a process of ClickHouse
// gets a batch of a cut, and thereby that the cut's batches before it are taken.
func (j *journal) attempt(from spool.LSN, batch int, process string) error {
	if j.knowsAttempt(from, batch, process) {
		return nil
	}
	return j.write(entry{Attempt: &attempt{From: from, Batch: batch, Process: process}}, true)
}

func (j *journal) knowsAttempt(from spool.LSN, batch int, process string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.process = process
	c := j.state.cut(from)
	return c == nil || c.Batch == batch && slices.Contains(c.Processes, process)
}

// doubt writes down that a batch was taken and that its token proves nothing.
func (j *journal) doubt(from spool.LSN, batch int) error {
	return j.write(entry{Doubt: &attempt{From: from, Batch: batch}}, true)
}

// setDue writes down which months' aggregates have to be made anew.
func (j *journal) setDue(months []rowblock.Month) error {
	if slices.Equal(j.due(), months) {
		return nil
	}
	return j.write(entry{Due: &months}, true)
}

func (j *journal) due() []rowblock.Month {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.state.due)
}

func (s *journalState) cut(from spool.LSN) *recordedCut {
	for _, c := range s.cuts {
		if c.From == from {
			return c
		}
	}
	return nil
}

func (s *journalState) attempt(a *attempt) {
	c := s.cut(a.From)
	if c == nil {
		return
	}
	if c.Batch != a.Batch {
		c.Batch, c.Processes = a.Batch, nil
	}
	c.Processes = append(c.Processes, a.Process)
}

func (s *journalState) doubt(a *attempt) {
	if c := s.cut(a.From); c != nil && !slices.Contains(c.Doubted, a.Batch) {
		c.Doubted = append(c.Doubted, a.Batch)
	}
}

// fates gives the batches of a cut that is read again what the journal knows.
func (r *recordedCut) fates(c *cut) {
	for i, b := range c.batches {
		b.fate.doubted = slices.Contains(r.Doubted, i)
		b.fate.taken = i < r.Batch || b.fate.doubted
		if i == r.Batch {
			b.fate.unheard = slices.Clone(r.Processes)
		}
	}
}
