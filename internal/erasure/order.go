package erasure

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"ibarura/internal/clickhouse"
	"ibarura/internal/event"
)

// Request says who is to be forgotten.
type Request struct {
	Project   string
	Users     []string // user ids
	Anonymous []string // anonymous ids
	Linked    bool     // and the anonymous ids that were said to be one of the users
	Block     bool     // refuse rows that come later
}

// MaxPersons bounds the ids of one request.
const MaxPersons = 1000

// ErrInvalid is wrapped by what is wrong with a request.
var ErrInvalid = errors.New("the request is not valid")

func (r *Request) check() error {
	ids := slices.Concat(r.Users, r.Anonymous)
	switch longest := event.DefaultLimits().MaxIdentityBytes; {
	case len(ids) == 0:
		return fmt.Errorf("%w: it names nobody; give a user or an anonymous id", ErrInvalid)
	case len(ids) > MaxPersons:
		return fmt.Errorf("%w: it names %d ids, the limit is %d", ErrInvalid, len(ids), MaxPersons)
	case slices.Contains(ids, ""):
		return fmt.Errorf("%w: an id is empty", ErrInvalid)
	case slices.ContainsFunc(ids, func(id string) bool { return len(id) > longest }):
		return fmt.Errorf("%w: an id is longer than %d bytes, which no row's is", ErrInvalid, longest)
	}
	return nil
}

// persons are the keys of the rows, sorted; subjects is what a receipt may keep
// of the ids.
func (r *Request) persons() (persons []uint64, subjects []string) {
	for _, id := range r.Users {
		persons = append(persons, event.PersonOf(event.Identity{UserID: id}))
		subjects = append(subjects, Subject(r.Project, "user", id))
	}
	for _, id := range r.Anonymous {
		persons = append(persons, event.PersonOf(event.Identity{AnonymousID: id}))
		subjects = append(subjects, Subject(r.Project, "anonymous", id))
	}
	slices.Sort(persons)
	slices.Sort(subjects)
	return slices.Compact(persons), slices.Compact(subjects)
}

// Subject is how a receipt names an id: its kind, and the SHA-256 of project,
// kind and id, each ended by a zero byte. Who has the id can tell that it is the one;
// who can guess ids can, too.
func Subject(project, kind, id string) string {
	sum := sha256.Sum256([]byte(project + "\x00" + kind + "\x00" + id + "\x00"))
	return kind + " " + hex.EncodeToString(sum[:])
}

// Orders keeps orders; clickhouse.Erasures does.
type Orders interface {
	// List returns all orders, oldest first.
	List(ctx context.Context) ([]clickhouse.Erasure, error)
	// Get returns one as it stands, nil if there is none.
	Get(ctx context.Context, id string) (*clickhouse.Erasure, error)
	// Put stores a state of an order; the highest version is in force.
	Put(ctx context.Context, o clickhouse.Erasure) error
}

// Place orders an erasure and returns it. If the same is ordered already and
// not finished, it is that one.
func Place(ctx context.Context, orders Orders, r Request) (clickhouse.Erasure, error) {
	if err := r.check(); err != nil {
		return clickhouse.Erasure{}, err
	}
	persons, subjects := r.persons()
	all, err := orders.List(ctx)
	if err != nil {
		return clickhouse.Erasure{}, err
	}
	for _, o := range all {
		if r.asks(o, persons) {
			return o, nil
		}
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	o := clickhouse.Erasure{
		ID: newID(), Project: r.Project, Persons: persons, Subjects: subjects, Linked: r.Linked, Blocked: r.Block,
		State: clickhouse.ErasureOrdered, Round: 1, OrderedAt: now, ChangedAt: now, Receipt: "{}", Version: 1,
	}
	return o, orders.Put(ctx, o)
}

// asks reports whether an order is the same as the request, which is about these
// persons, and not finished.
func (r *Request) asks(o clickhouse.Erasure, persons []uint64) bool {
	return o.State != clickhouse.ErasureFinished && o.Project == r.Project && o.Blocked == r.Block && o.Linked == r.Linked && same(o, persons)
}

// same reports whether an order is about these persons, whom it may have found
// linked ids of.
func same(o clickhouse.Erasure, persons []uint64) bool {
	if !o.Linked {
		return slices.Equal(o.Persons, persons)
	}
	return !slices.ContainsFunc(persons, func(p uint64) bool { return !slices.Contains(o.Persons, p) })
}

// link adds the anonymous ids that were said to be the persons of an order.
func link(o *clickhouse.Erasure, ids []string) {
	for _, id := range ids {
		o.Persons = append(o.Persons, event.PersonOf(event.Identity{AnonymousID: id}))
		o.Subjects = append(o.Subjects, Subject(o.Project, "anonymous", id))
	}
	slices.Sort(o.Persons)
	slices.Sort(o.Subjects)
	o.Persons, o.Subjects = slices.Compact(o.Persons), slices.Compact(o.Subjects)
}

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
