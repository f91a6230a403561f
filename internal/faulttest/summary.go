package faulttest

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"time"
)

// Line tells a round in one line.
func (o *Outcome) Line() string {
	verdict := "good"
	if !o.Good() {
		verdict = "BAD"
	}
	return fmt.Sprintf("seed %-10d %2d killed %2d other faults %7d acknowledged %6d duplicates %4d retries  "+
		"%d lost %d doubled %d distorted %d strange %d differing %d wrong answers %5.1f s  %s",
		o.Plan.Seed, killed(o.Struck), others(o.Struck), o.Acknowledged, o.Duplicates, o.Retries,
		o.Lost, o.Doubled, o.Distorted, o.Strange, o.Differing, len(o.Complaints), o.Took.Seconds(), verdict)
}

// Details tells what was wrong, an example a line.
func (o *Outcome) Details() string {
	return strings.Join(append(append([]string(nil), o.Complaints...), o.Examples...), "\n")
}

// struck counts faults by their kinds: "3 kill serve, 1 cut an insert".
func struck(counts map[Strike]int) string {
	var kinds []string
	for kind, n := range counts {
		kinds = append(kinds, fmt.Sprintf("%d %s", n, kind))
	}
	sort.Strings(kinds)
	return strings.Join(kinds, ", ")
}

// Summary adds up rounds.
type Summary struct {
	Rounds, Good int
	Struck       map[Strike]int
	Tally
	Audit
	Wrong int // answers
	Took  time.Duration
}

// Add adds a round.
func (s *Summary) Add(o *Outcome) {
	s.Rounds++
	if o.Good() {
		s.Good++
	}
	if s.Struck == nil {
		s.Struck = map[Strike]int{}
	}
	for kind, n := range o.Struck {
		s.Struck[kind] += n
	}
	s.Tally.Add(o.Tally)
	s.Stored += o.Stored
	s.Quarantined += o.Quarantined
	s.Lost += o.Lost
	s.Doubled += o.Doubled
	s.Distorted += o.Distorted
	s.Strange += o.Strange
	s.Differing += o.Differing
	s.Wrong += len(o.Complaints)
	s.Took += o.Took
}

// lives is how many processes a kind of fault ends by SIGKILL.
var lives = map[Strike]int{KillServe: 1, KillEngine: 1, KillStarting: 2, KillBoth: 2}

// killed counts the processes that were ended by SIGKILL.
func killed(struck map[Strike]int) int {
	sum := 0
	for kind, n := range struck {
		sum += n * lives[kind]
	}
	return sum
}

// others counts the faults that ended no process.
func others(struck map[Strike]int) int {
	sum := 0
	for kind, n := range struck {
		if lives[kind] == 0 {
			sum += n
		}
	}
	return sum
}

// Print writes the table that docs/proof.md quotes.
func (s *Summary) Print(w io.Writer) error {
	_, err := fmt.Fprintf(w, `rounds                           %8d  (%d good, %s)
processes killed                 %8d
acknowledged ids                 %8d
rows in the raw tables           %8d
rows in quarantine, as they must %8d
duplicates recognized            %8d
attempts that were not answered  %8d  (%d of them refused)
lost                             %8d
counted twice                    %8d
not what was sent                %8d
never sent                       %8d
aggregate rows unlike raw        %8d
wrong answers                    %8d
faults: %s
`, s.Rounds, s.Good, s.Took.Round(time.Second), killed(s.Struck), s.Acknowledged, s.Stored, s.Quarantined, s.Duplicates, s.Retries, s.Refused,
		s.Lost, s.Doubled, s.Distorted, s.Strange, s.Differing, s.Wrong, struck(s.Struck))
	return err
}
