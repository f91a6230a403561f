package erasure

import (
	"encoding/json"
	"fmt"
	"time"

	"ibarura/internal/clickhouse"
)

// Receipt says what was done for an order. It may be kept: it names nobody in
// clear.
type Receipt struct {
	Erasure    string                  `json:"erasure"`
	Project    string                  `json:"project"`
	Subjects   []string                `json:"subjects,omitempty"` // see Subject
	Blocked    bool                    `json:"blocked"`
	State      clickhouse.ErasureState `json:"state"`
	Round      uint32                  `json:"round"` // above 1: a spool came back late, and it was done again
	OrderedAt  time.Time               `json:"ordered_at"`
	PurgedAt   *time.Time              `json:"purged_at,omitempty"` // since then no query finds the person
	SweptAt    *time.Time              `json:"swept_at,omitempty"`  // since then no part of a table in use does
	FinishedAt *time.Time              `json:"finished_at,omitempty"`
	Version    string                  `json:"version"`              // of the program that did the last step
	Rows       map[string]uint64       `json:"rows" schema:"null"`   // deleted, by table
	Derived    string                  `json:"derived"`              // what became of derived tables
	Spools     map[string]SpoolPart    `json:"spools" schema:"null"` // by the spool's id
	Found      map[string]uint64       `json:"found,omitempty"`      // by the look afterwards: rows, by table; all 0
	Clean      bool                    `json:"clean"`                // it is finished, and the look found nothing
	NotLooked  []string                `json:"not_looked_into" schema:"null"`
}

// SpoolPart is what one spool has done.
type SpoolPart struct {
	State   string    `json:"state"` // drained or clean
	At      time.Time `json:"at"`
	Aside   uint32    `json:"set_aside,omitempty"` // copies of damaged places in its folder: look at them, and delete them
	Covered bool      `json:"covered"`             // its rows were loaded before it was written down which go
}

// notLooked is what no erasure searches.
var notLooked = []string{
	"text in properties, titles, addresses and object ids of other people's rows",
	"backups, exports that were taken, and files of producers",
	"the 64-bit hash by which a spool that comes back late is told to leave the person out, in the table erasures",
}

// ReceiptOf reads what is kept with an order.
func ReceiptOf(o clickhouse.Erasure) (Receipt, error) {
	var r Receipt
	if err := json.Unmarshal([]byte(o.Receipt), &r); err != nil {
		return r, fmt.Errorf("read the receipt of erasure %s: %w", o.ID, err)
	}
	r.Erasure, r.Project, r.Subjects, r.Blocked = o.ID, o.Project, o.Subjects, o.Blocked
	r.State, r.Round, r.OrderedAt, r.NotLooked = o.State, o.Round, o.OrderedAt.UTC(), notLooked
	if r.Rows == nil {
		r.Rows = map[string]uint64{}
	}
	if r.Spools == nil {
		r.Spools = map[string]SpoolPart{}
	}
	return r, nil
}

// note takes up what spools have said.
func (r *Receipt) note(spools []clickhouse.ErasureSpool) {
	for _, s := range spools {
		r.Spools[s.Spool] = SpoolPart{State: s.State, At: s.At.UTC(), Aside: s.Aside, Covered: r.Spools[s.Spool].Covered}
	}
}

// cover notes that the rows of these spools are among those that go.
func (r *Receipt) cover(spools []clickhouse.ErasureSpool) {
	r.note(spools)
	for _, s := range spools {
		part := r.Spools[s.Spool]
		part.Covered = true
		r.Spools[s.Spool] = part
	}
}

func (r *Receipt) add(rows map[string]uint64) {
	for table, n := range rows {
		r.Rows[table] += n
	}
}

func (r *Receipt) nothingFound() bool {
	for _, n := range r.Found {
		if n > 0 {
			return false
		}
	}
	return true
}
