// Package loadgen makes community traffic that looks like the real thing, and
// posts it at a set rate. It stands before the front door, at the very
// beginning of the way from POST to chart; demos and benchmarks are fed by it.
//
// A Generator decides what happens (act.go), and writes it in one of several
// ways: as the JSON of the write API, as rows for ClickHouse's own bulk insert,
// or as the domain's structs. Text is put together from pieces that are encoded
// once, so that generating takes a small part of the CPU that taking in does.
package loadgen

import (
	"errors"
	"math/rand/v2"
	"time"

	"ibarura/internal/event"
)

// Options say what community it is. The zero value is a sensible one.
type Options struct {
	// Seed decides who does what and when; equal seeds make equal traffic, but
	// for the ids and the clock. 0 is a seed like any other.
	Seed uint64
	// Run begins the ids of all items: two runs with equal ones make equal ids,
	// which a server takes for a repetition. 0: random.
	Run uint64
	// Users and Posts are how many there are at the beginning; more are added by
	// the traffic. 0: 10,000 and 5,000. At most 10 million.
	Users, Posts int
	// Days back-dates items: their times lie within so many days before now, by a
	// daily and weekly rhythm. 0: everything happens now.
	Days int
	// Lane and Lanes are for generators that work side by side: new users and
	// posts of one lane are not those of another. 0 lanes: 1.
	Lane, Lanes int
	// Clock tells the time. Nil: time.Now.
	Clock func() time.Time
}

const (
	defaultUsers = 10_000
	defaultPosts = 5_000
	maxPopulace  = 10_000_000
	maxDays      = 3660
)

// Generator makes items. It is for one goroutine.
type Generator struct {
	o     Options
	rng   *rand.Rand
	words *vocabulary
	ids   idMaker

	users, posts       *alias // by how active, how popular
	newUsers, newPosts int

	stages    [3]ring // notifications sent, delivered, opened
	attending ring    // registrations for events
	date      dateCache
	now       event.Millis
}

// New returns a Generator.
func New(o Options) (*Generator, error) {
	o = o.withDefaults()
	if o.Users > maxPopulace || o.Posts > maxPopulace {
		return nil, errors.New("users and posts are at most 10,000,000")
	}
	if o.Days < 0 || o.Days > maxDays {
		return nil, errors.New("days is 0 to 3660")
	}
	return &Generator{
		o:     o,
		rng:   rand.New(rand.NewPCG(o.Seed, uint64(o.Lane))), //nolint:gosec // traffic, not secrets
		words: newVocabulary(o.Seed),
		ids:   newIDMaker(o.Run, o.Lane),
		users: zipf(o.Users, 1.0, 10),
		posts: zipf(o.Posts, 1.1, 5),
	}, nil
}

func (o Options) withDefaults() Options {
	if o.Users <= 0 {
		o.Users = defaultUsers
	}
	if o.Posts <= 0 {
		o.Posts = defaultPosts
	}
	if o.Run == 0 {
		o.Run = rand.Uint64() //nolint:gosec // tells runs apart, no secret
	}
	o.Lanes = max(o.Lanes, 1)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}

// tick looks at the clock, once for many items.
func (g *Generator) tick() { g.now = event.MillisOf(g.o.Clock()) }

// idMaker makes ids of IDBytes hexadecimal digits: the run, the lane and a
// number.
type idMaker struct {
	head [16]byte
	lane byte
	next uint64
}

// IDBytes is the length of every id, so that a benchmark can overwrite ids in
// place. RunBytes of it are the run, and come first.
const (
	IDBytes  = 32
	RunBytes = 16
)

func newIDMaker(run uint64, lane int) idMaker {
	m := idMaker{lane: byte(lane)}
	AppendRun(m.head[:0], run)
	return m
}

// AppendRun appends the digits of a run as ids begin with them.
func AppendRun(dst []byte, run uint64) []byte { return appendHex(dst, run, RunBytes) }

func (m *idMaker) appendTo(dst []byte, n uint64) []byte {
	dst = append(dst, m.head[:]...)
	dst = appendHex(dst, uint64(m.lane), 2)
	return appendHex(dst, n, IDBytes-RunBytes-2)
}

const hexDigits = "0123456789abcdef"

// appendHex appends the low digits of n.
func appendHex(dst []byte, n uint64, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, hexDigits[n>>shift&15])
	}
	return dst
}
