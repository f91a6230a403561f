package live

import "math/bits"

// slot numbers stretches of ten seconds since 1970: the resolution of windows.
type slot uint32

const (
	slotSeconds = 10
	shortWindow = slot(5 * 60 / slotSeconds)  // slots behind the current one
	longWindow  = slot(30 * 60 / slotSeconds) // likewise
	ringSlots   = 256                         // more than longWindow and the time between two sweeps
	sweepEvery  = slot(6)

	// maxLevel bounds the sampling: one of 2^24 persons is more than any bound
	// on persons leaves behind.
	maxLevel = 24
)

// presence counts the distinct persons of the last minutes, by the newest slot
// in which each was seen. Up to a bound it knows them all and is exact. Beyond,
// it keeps those whose hash begins with a number of zero bits, the level, and
// estimates: adaptive sampling, whose standard error at a bound of m is about
// 1.2/√m (Flajolet, On adaptive sampling, 1990).
type presence struct {
	limit int
	now   slot
	level uint8
	last  map[uint64]slot

	// ranks counts the persons whose newest slot this is by their leading zeros;
	// levels is the highest level that held while somebody was seen in the slot.
	ranks  [ringSlots][maxLevel + 1]uint32
	levels [ringSlots]uint8
}

func newPresence(limit int, now slot) *presence {
	return &presence{limit: limit, now: now, last: map[uint64]slot{}}
}

func rankOf(person uint64) uint8 { return uint8(min(bits.LeadingZeros64(person), maxLevel)) }

// see notes that a person was there. What is older than the window is ignored;
// what is ahead of the clock counts as now.
func (p *presence) see(person uint64, at slot) {
	at = min(at, p.now)
	rank := rankOf(person)
	if at+longWindow < p.now || rank < p.level {
		return
	}
	before, known := p.last[person]
	if known && before >= at {
		return
	}
	if known {
		p.ranks[before%ringSlots][rank]--
	}
	p.last[person] = at
	p.ranks[at%ringSlots][rank]++
	for len(p.last) > p.limit && p.level < maxLevel {
		p.raise(p.level + 1)
	}
}

// raise forgets the persons below a level, in all slots.
func (p *presence) raise(level uint8) {
	p.level = level
	for person, at := range p.last {
		if rank := rankOf(person); rank < level {
			delete(p.last, person)
			p.ranks[at%ringSlots][rank]--
		}
	}
	for i := range p.levels {
		p.levels[i] = max(p.levels[i], level)
	}
}

// advance moves on to a slot.
func (p *presence) advance(to slot) {
	if to > p.now+longWindow {
		*p = *newPresence(p.limit, to)
		return
	}
	for p.now < to {
		p.now++
		p.ranks[p.now%ringSlots] = [maxLevel + 1]uint32{}
		p.levels[p.now%ringSlots] = p.level
		if p.now%sweepEvery == 0 {
			p.sweep()
		}
	}
}

// sweep forgets who was not seen for the whole window, and lowers the level
// once there is much room again.
func (p *presence) sweep() {
	for person, at := range p.last {
		if at+longWindow < p.now {
			delete(p.last, person)
			p.ranks[at%ringSlots][rankOf(person)]--
		}
	}
	if p.level > 0 && len(p.last) < p.limit/4 {
		p.level--
	}
}

// count returns how many persons were seen in the current slot or the ones of a
// window before it, and whether that is exact.
func (p *presence) count(window slot) (persons uint64, exact bool) {
	var level uint8
	for back := range window + 1 {
		level = max(level, p.levels[(p.now-back)%ringSlots])
	}
	for back := range window + 1 {
		for _, n := range p.ranks[(p.now-back)%ringSlots][level:] {
			persons += uint64(n)
		}
	}
	return persons << level, level == 0
}
