package loadgen

import (
	"math/rand/v2"
	"strconv"

	"ibarura/internal/event"
)

// tagSets is how many different combinations of tags posts have.
const tagSets = 256

// vocabulary is what texts are put together from, encoded once.
type vocabulary struct {
	mix     *alias
	rhythm  *alias // quarters of an hour of a day
	details [kindCount][]detail
	tags    [tagSets]tagSet
}

// detail is a variant of an event's properties.
type detail struct {
	properties []event.Property
	json       string // as a member with a comma before it; empty: none
	object     string // as the value alone
}

type tagSet struct {
	names []string
	json  string // an array
}

func newVocabulary(seed uint64) *vocabulary {
	v := &vocabulary{}
	weights := make([]float64, kindCount)
	for k := range kinds {
		weights[k] = kinds[k].weight
		v.details[k] = detailsOf(kind(k))
	}
	v.mix = newAlias(weights)
	v.rhythm = newAlias(quarters())
	// Which tags a post has is the same in all lanes of a seed.
	rng := rand.New(rand.NewPCG(seed, 0x7a65)) //nolint:gosec // traffic, not secrets
	popular := zipf(len(tagNames), 1, 2)
	for i := range v.tags {
		v.tags[i] = newTagSet(rng, popular)
	}
	return v
}

func quarters() []float64 {
	var weights []float64
	for i, w := range hours {
		next := hours[(i+1)%len(hours)]
		for q := range 4 {
			weights = append(weights, w+(next-w)*float64(q)/4)
		}
	}
	return weights
}

func detailsOf(k kind) []detail {
	variants := details[k]
	if kinds[k].object == "notification" {
		variants = notificationDetails()
	}
	if len(variants) == 0 {
		variants = [][]pair{{}}
	}
	var all []detail
	for _, pairs := range variants {
		all = append(all, newDetail(pairs))
	}
	return all
}

// newDetail encodes pairs; nothing in them needs an escape.
func newDetail(pairs []pair) detail {
	var d detail
	d.object = "{"
	for i, p := range pairs {
		if i > 0 {
			d.object += ","
		}
		d.object += strconv.Quote(p.key) + ":" + strconv.Quote(p.value)
		d.properties = append(d.properties, event.Property{Key: p.key, Value: p.value})
	}
	d.object += "}"
	if len(pairs) > 0 {
		d.json = `,"properties":` + d.object
	}
	return d
}

func newTagSet(rng *rand.Rand, popular *alias) tagSet {
	var t tagSet
	seen := map[int]bool{}
	for range 1 + rng.IntN(3) {
		tag := popular.draw(rng)
		if !seen[tag] {
			seen[tag] = true
			t.names = append(t.names, tagNames[tag])
		}
	}
	t.json = "["
	for i, name := range t.names {
		if i > 0 {
			t.json += ","
		}
		t.json += strconv.Quote(name)
	}
	t.json += "]"
	return t
}

// tagsOf returns the tags of a post, which it keeps for ever.
func (v *vocabulary) tagsOf(post int32) *tagSet { return &v.tags[mix(uint64(post))%tagSets] }

// mix spreads the bits of n (the finalizer of SplitMix64).
func mix(n uint64) uint64 {
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}
