package report

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/prometheus/client_golang/prometheus"
)

// kept is an answer with what it takes to tell whether it still holds.
type kept struct {
	answer *Answer
	size   int
	asOf   time.Time // it was right then
	// version is what had landed on the days that it depends on; whole: nothing
	// was under way there when it was read, and nothing older was read for it.
	version uint64
	whole   bool
}

// cache keeps answers, the least used of which goes first. It is safe for
// concurrent use. A cache of no bytes keeps nothing.
type cache struct {
	mu      sync.Mutex
	max     int
	bytes   int
	list    *simplelru.LRU[string, *kept]
	metrics *cacheMetrics
}

// maxKept bounds the number of answers, whatever their size.
const maxKept = 100_000

func newCache(most int, reg prometheus.Registerer) *cache {
	c := &cache{max: most}
	c.list, _ = simplelru.NewLRU[string, *kept](maxKept, func(_ string, k *kept) { c.bytes -= k.size }) // its one error is a size below 1
	c.metrics = newCacheMetrics(reg, c)
	return c
}

func (c *cache) get(key string) *kept {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, found := c.list.Get(key)
	if !found {
		return nil
	}
	seen := *k
	return &seen
}

// overhead is about what an answer takes beside its data, and how many times
// the data take what their JSON does.
const (
	overhead = 1024
	inMemory = 2
)

func (c *cache) put(key string, k *kept, size int) {
	k.size = overhead + len(key) + inMemory*size
	if k.size > c.max/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, found := c.list.Peek(key); found && old.asOf.After(k.asOf) {
		return
	}
	c.list.Remove(key)
	c.list.Add(key, k)
	c.bytes += k.size
	for c.bytes > c.max {
		c.list.RemoveOldest()
	}
}

// confirm notes that an answer was right at a later moment, too.
func (c *cache) confirm(key string, k *kept, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now, found := c.list.Peek(key); found && now.answer == k.answer && now.asOf.Before(at) {
		now.asOf = at
	}
}

// keyOf names a complete question. Which periods are over changes with the
// clock, so the date is in it, and for hours the minute; what was kept of rows
// that are removed since is not the answer any more.
func keyOf(e Endpoint, q Question, now time.Time) string {
	clock := DateIn(now, q.Zone).String()
	if q.Interval == Hour {
		clock = now.UTC().Truncate(time.Minute).Format(time.RFC3339)
	}
	key, err := json.Marshal([]any{
		e.Path, q.Project, q.ProjectZone.String(), q.Zone.String(), q.From, q.To, q.Interval, q.Limit, q.Cursor, q.Compare, q.Options,
		q.Filter.inOrder(), q.query, q.borders, clock,
	})
	if err != nil {
		panic(err) // texts and numbers
	}
	return string(key)
}

// seal gives the answer its ETag, and returns the size of its data as JSON.
func (a *Answer) seal() (int, error) {
	m := a.Meta
	text, err := json.Marshal([]any{
		a.Data, a.Compare, a.Summary, m.Definition.Key, m.From, m.To, m.Interval, m.Timezone, m.Filters, m.Options, m.Exact, m.Partial,
		m.Notes, m.Beyond, m.NextCursor, m.Question,
	})
	if err != nil {
		return 0, fmt.Errorf("report %s: %w", m.Definition.Key, err)
	}
	sum := sha256.Sum256(text)
	a.ETag = `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`
	return len(text), nil
}

// noted returns a copy of the answer with one more note, as others may have the
// answer itself.
func (a *Answer) noted(note string) *Answer {
	with := *a
	with.Meta.Notes = append(slices.Clone(a.Meta.Notes), note)
	if with.ETag != "" {
		with.ETag = strings.TrimSuffix(a.ETag, `"`) + `-noted"`
	}
	return &with
}
