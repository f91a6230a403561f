package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Erasures keeps the orders to forget persons, and carries them out in the
// tables. Each step may be repeated after any error or kill.
type Erasures struct{ Conn driver.Conn }

// ErasureState is how far an order has come.
type ErasureState string

// The states of an order, one after the other.
const (
	ErasureOrdered  ErasureState = "ordered"
	ErasureCopied   ErasureState = "copied"   // which rows go is written down
	ErasurePurged   ErasureState = "purged"   // no query finds the person
	ErasureSwept    ErasureState = "swept"    // no file of a table holds the person
	ErasureFinished ErasureState = "finished" // nor does a spool
)

// Erasure is an order to forget a person.
type Erasure struct {
	ID        string
	Project   string
	Persons   []uint64 // as in events; the ids in clear are not kept
	Subjects  []string // what was asked for, hashed: see erasure.Subject
	Linked    bool     // anonymous ids that were said to be the user go, too
	Blocked   bool     // rows that come later are refused
	State     ErasureState
	Round     uint32 // grows when it is carried out again
	OrderedAt time.Time
	ChangedAt time.Time
	Receipt   string // JSON
	Version   uint64
}

// Put stores a state of an order; its version has to be above that of the last.
// Of two processes that store the same version one wins.
func (e Erasures) Put(ctx context.Context, o Erasure) error {
	return e.store(ctx, `INSERT INTO erasures (id, project, persons, subjects, linked, blocked, state, round, ordered_at, changed_at, receipt, version)`,
		[]any{o.ID, o.Project, o.Persons, o.Subjects, o.Linked, o.Blocked, string(o.State), o.Round, o.OrderedAt, o.ChangedAt, o.Receipt, o.Version})
}

// store inserts rows at once, and returns when every later query sees them.
func (e Erasures) store(ctx context.Context, insert string, rows ...[]any) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"async_insert": 0, "insert_deduplicate": 0}))
	batch, err := e.Conn.PrepareBatch(ctx, insert)
	if err != nil {
		return fmt.Errorf("store an erasure: %w", err)
	}
	for _, row := range rows {
		if err := batch.Append(row...); err != nil {
			return errors.Join(fmt.Errorf("store an erasure: %w", err), batch.Abort())
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("store an erasure: %w", err)
	}
	return nil
}

// List returns all orders, oldest first; finished ones too.
func (e Erasures) List(ctx context.Context) ([]Erasure, error) { return e.list(ctx, "true", nil) }

// Open returns the orders that are not finished, and those for which a spool
// has not done its part, oldest first.
func (e Erasures) Open(ctx context.Context, spool string) ([]Erasure, error) {
	return e.list(ctx, `state != 'finished' OR id NOT IN
	(SELECT id FROM erasure_spools WHERE spool = {spool:String} AND state = 'clean')`, map[string]string{"spool": spool})
}

// Get returns one order as it stands, nil if there is none.
func (e Erasures) Get(ctx context.Context, id string) (*Erasure, error) {
	list, err := e.list(ctx, "id = {id:String}", map[string]string{"id": id})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func (e Erasures) list(ctx context.Context, where string, values map[string]string) ([]Erasure, error) {
	rows, err := e.Conn.Query(quiet(ctx, values), `SELECT id, project, persons, subjects, linked, blocked, toString(state), round, ordered_at, changed_at, receipt, version
FROM erasures FINAL WHERE `+where+` ORDER BY ordered_at, id`)
	if err != nil {
		return nil, fmt.Errorf("list the erasures: %w", err)
	}
	var list []Erasure
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var o Erasure
		if err := scan(&o.ID, &o.Project, &o.Persons, &o.Subjects, &o.Linked, &o.Blocked, (*string)(&o.State), &o.Round,
			&o.OrderedAt, &o.ChangedAt, &o.Receipt, &o.Version); err != nil {
			return fmt.Errorf("list the erasures: %w", err)
		}
		list = append(list, o)
		return nil
	})
	return list, err
}

// What a spool has done for an erasure.
const (
	SpoolDrained = "drained" // what it had when it saw the order is loaded
	SpoolClean   = "clean"   // no file of it is left from before
)

// ErasureSpool is a spool's part of an erasure.
type ErasureSpool struct {
	Erasure  string
	Spool    string
	State    string
	Cut      uint64 // rows of the spool from this seq on came after the order
	Position uint64 // where in the spool that is
	Aside    uint32 // copies of damaged places that lie in its folder
	At       time.Time
	Version  uint64
}

// PutSpools stores what a spool has done, at once.
func (e Erasures) PutSpools(ctx context.Context, list []ErasureSpool) error {
	rows := make([][]any, 0, len(list))
	for _, s := range list {
		rows = append(rows, []any{s.Erasure, s.Spool, s.State, s.Cut, s.Position, s.Aside, s.At, s.Version})
	}
	return e.store(ctx, "INSERT INTO erasure_spools (id, spool, state, cut, position, aside, at, version)", rows...)
}

// Spools lists what spools have done for an erasure, or for all if id is empty.
func (e Erasures) Spools(ctx context.Context, id string) ([]ErasureSpool, error) {
	rows, err := e.Conn.Query(quiet(ctx, map[string]string{"id": id}), `SELECT id, spool, toString(state), cut, position, aside, at, version
FROM erasure_spools FINAL WHERE {id:String} = '' OR id = {id:String} ORDER BY id, spool`)
	if err != nil {
		return nil, fmt.Errorf("list the spools of erasures: %w", err)
	}
	var list []ErasureSpool
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var s ErasureSpool
		if err := scan(&s.Erasure, &s.Spool, &s.State, &s.Cut, &s.Position, &s.Aside, &s.At, &s.Version); err != nil {
			return fmt.Errorf("list the spools of erasures: %w", err)
		}
		list = append(list, s)
		return nil
	})
	return list, err
}

func moment(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05.000") }

// numberList writes numbers as the value of a parameter Array(UInt64).
func numberList(list []uint64) string {
	texts := make([]string, 0, len(list))
	for _, n := range list {
		texts = append(texts, strconv.FormatUint(n, 10))
	}
	return "[" + strings.Join(texts, ",") + "]"
}

// textList writes texts of ours, which hold no quotes, as the value of a
// parameter Array(String).
func textList(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	return "['" + strings.Join(list, "','") + "']"
}

// Linked lists the anonymous ids of which was said that they are one of some
// users, at most limit.
func (e Erasures) Linked(ctx context.Context, project string, persons []uint64, limit int) ([]string, error) {
	var ids []string
	err := e.Conn.QueryRow(parameters(ctx, map[string]string{"project": project, "persons": numberList(persons), "limit": strconv.Itoa(limit)}),
		`SELECT groupArray(anonymous_id) FROM (SELECT DISTINCT anonymous_id FROM identities
WHERE project = {project:String} AND `+isPerson("u:", "user_id")+` ORDER BY anonymous_id LIMIT {limit:UInt64})`).Scan(&ids)
	if err != nil {
		return nil, fmt.Errorf("list the anonymous ids of a user: %w", err)
	}
	return ids, nil
}

// Blocked returns the persons whose rows are refused, sorted, by project.
func (e Erasures) Blocked(ctx context.Context) (map[string][]uint64, error) {
	rows, err := e.Conn.Query(quiet(ctx, nil), `SELECT project, arraySort(arrayDistinct(arrayFlatten(groupArray(persons))))
FROM erasures FINAL WHERE blocked GROUP BY project`)
	if err != nil {
		return nil, fmt.Errorf("list who is blocked: %w", err)
	}
	blocked := map[string][]uint64{}
	return blocked, forEach(rows, func(scan func(dest ...any) error) error {
		var project string
		var persons []uint64
		if err := scan(&project, &persons); err != nil {
			return fmt.Errorf("list who is blocked: %w", err)
		}
		blocked[project] = persons
		return nil
	})
}
