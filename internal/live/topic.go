package live

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ibarura/internal/event"
	"ibarura/internal/rowblock"
)

// A topic keeps its newest messages for readers that come back, and not for long:
// they may name people.
const (
	keptMessages = 128
	keptBytes    = 512 << 10
	keptFor      = 5 * time.Minute
)

// topic is what the readers of a project with the same filter share: the
// messages, each written once.
type topic struct {
	filter  Filter
	persons bool // rows say who
	epoch   string
	seq     uint64 // of the last message
	sentAt  time.Time

	latest   latest
	unlisted uint64 // rows picked since the last message
	matched  Counts
	rate     rate
	last     State // as last told
	lastRate Rates

	kept      []*Message // the last ones, one number after another
	keptBytes int

	readers   map[*Reader]struct{}
	leftAt    time.Time // when the last reader left
	hasEvents bool      // the filter can pick events
	hasViews  bool      // the filter can pick page views
}

func newTopic(f Filter, persons bool, now time.Time) *topic {
	var epoch [6]byte
	_, _ = rand.Read(epoch[:]) // never fails, see crypto/rand
	return &topic{
		filter: f, persons: persons, epoch: hex.EncodeToString(epoch[:]), sentAt: now, leftAt: now, readers: map[*Reader]struct{}{},
		hasEvents: f.ofTable(rowblock.Events), hasViews: f.ofTable(rowblock.PageViews),
	}
}

// wants reports whether rows of a table may be picked.
func (t *topic) wants(table rowblock.Table) bool {
	return table == rowblock.Events && t.hasEvents || table == rowblock.PageViews && t.hasViews
}

// take notes a row if the filter picks it.
func (t *topic) take(g *rowblock.Glance, now int64) {
	if !t.filter.picks(g) {
		return
	}
	one := Counts{PageViews: 1}
	if g.Table() == rowblock.Events {
		one = Counts{Events: 1}
	}
	t.matched.add(one)
	t.rate.add(now, one)
	t.unlisted++
	t.latest.take(g, t.persons, event.Millis(now*1000))
}

func (t *topic) id(seq uint64) string { return t.epoch + "-" + strconv.FormatUint(seq, 10) }

func (t *topic) update(now time.Time, state State) Update {
	return Update{At: now.UTC().Truncate(time.Millisecond), State: state, Matching: Matching{t.rate.mean(now.Unix()), t.matched}}
}

// publish makes the next message if there is anything to tell, or a beat if
// there was nothing for a while. nil: neither.
func (t *topic) publish(now time.Time, state State, heartbeat time.Duration) *Message {
	t.expire(now)
	u := t.update(now, state)
	if t.unlisted == 0 && state == t.last && u.Matching.PerSecond == t.lastRate {
		if now.Sub(t.sentAt) < heartbeat {
			return nil
		}
		t.sentAt = now
		return beat
	}
	u.Latest = t.latest.list()
	u.Unlisted = t.unlisted - uint64(len(u.Latest))
	t.unlisted, t.last, t.lastRate, t.sentAt = 0, state, u.Matching.PerSecond, now
	t.seq++
	m := newMessage(t.id(t.seq), updateEvent, u)
	m.at = now
	t.keep(m)
	return m
}

func (t *topic) keep(m *Message) {
	t.kept = append(t.kept, m)
	t.keptBytes += m.size()
	for len(t.kept) > keptMessages || t.keptBytes > keptBytes && len(t.kept) > 1 {
		t.giveUp()
	}
}

// giveUp forgets the oldest message.
func (t *topic) giveUp() {
	t.keptBytes -= t.kept[0].size()
	t.kept[0] = nil
	t.kept = t.kept[1:]
}

func (t *topic) expire(now time.Time) {
	for len(t.kept) > 0 && now.Sub(t.kept[0].at) > keptFor {
		t.giveUp()
	}
	t.latest.expire(event.MillisOf(now.Add(-longWindow.duration())))
}

// welcome returns what a reader gets first: what it has missed since a message
// whose id it names, or the state of things.
func (t *topic) welcome(lastID string, now time.Time, state State) []*Message {
	if missed, known := t.since(lastID); known {
		return missed
	}
	u := t.update(now, state)
	u.Latest = t.latest.before()
	first := newMessage(t.id(t.seq), stateEvent, u)
	if lastID == "" {
		return []*Message{first}
	}
	return []*Message{gap, first}
}

// since returns the messages after one; not known if some of them are gone, or
// the id is none of ours.
func (t *topic) since(id string) (missed []*Message, known bool) {
	epoch, number, _ := strings.Cut(id, "-")
	seq, err := strconv.ParseUint(number, 10, 64)
	if err != nil || epoch != t.epoch || seq > t.seq || t.seq-seq > uint64(len(t.kept)) {
		return nil, false
	}
	return append(missed, t.kept[uint64(len(t.kept))-(t.seq-seq):]...), true
}

func topicKey(f *Filter, persons bool) string { return fmt.Sprint(persons, f.key()) }
