package ingest

import "encoding/binary"

// entry is an id as it is remembered: 24 bytes without a pointer, so that the
// collector has nothing to look at.
type entry struct {
	key    Key
	at     uint32 // Unix seconds
	flight uint32
}

// ring keeps entries in the order of arrival, up to a limit, in chunks. An
// entry keeps its place as long as it is there; emptied chunks are used again.
type ring struct {
	chunks [][]entry
	order  []uint32 // the chunks in use, oldest first
	free   []uint32
	first  int // of the oldest chunk, the entries that are gone
	last   int // of the newest chunk, the entries that are there
	size   int
	limit  int
}

const ringChunk = 256

func (r *ring) full() bool { return r.size == r.limit }

func (r *ring) at(place uint32) *entry { return &r.chunks[place/ringChunk][place%ringChunk] }

func (r *ring) oldest() *entry { return &r.chunks[r.order[0]][r.first] }

// push adds the newest and returns its place.
func (r *ring) push(e entry) uint32 {
	if len(r.order) == 0 || r.last == ringChunk {
		r.order = append(r.order, r.emptyChunk())
		r.last = 0
	}
	chunk := r.order[len(r.order)-1]
	place := chunk*ringChunk + uint32(r.last)
	*r.at(place) = e
	r.last++
	r.size++
	return place
}

func (r *ring) emptyChunk() uint32 {
	if n := len(r.free); n > 0 {
		chunk := r.free[n-1]
		r.free = r.free[:n-1]
		return chunk
	}
	r.chunks = append(r.chunks, make([]entry, ringChunk))
	return uint32(len(r.chunks) - 1)
}

// pop forgets the oldest.
func (r *ring) pop() {
	r.first++
	r.size--
	if r.first == ringChunk {
		r.free = append(r.free, r.order[0])
		r.order = append(r.order[:0], r.order[1:]...)
		r.first = 0
	}
}

// index finds the place of a key: open addressing with linear probing, at most
// three quarters full. A cell holds some bits of the key above the place plus
// one, so that a look at another key's cell seldom costs one at its entry,
// which is far away in memory; 0 is free.
type index struct {
	cells []uint32
	used  int
}

// placeBits is enough for the largest number of ids that a shard may remember.
const (
	placeBits = 21
	placeMask = 1<<placeBits - 1
)

// home is where a key's probe begins, and tag what marks its cell.
func home(key Key, mask uint64) uint64 { return binary.LittleEndian.Uint64(key[8:]) & mask }
func tag(key Key) uint32               { return binary.LittleEndian.Uint32(key[4:]) &^ placeMask }

func placeOf(cell uint32) uint32 { return cell&placeMask - 1 }

func (x *index) find(r *ring, key Key) (place uint32, ok bool) {
	if x.used == 0 {
		return 0, false
	}
	cell := x.cells[x.cell(r, key)]
	return placeOf(cell), cell != 0
}

// cell returns the cell that holds key, or the free one where it belongs.
func (x *index) cell(r *ring, key Key) uint64 {
	mask := uint64(len(x.cells) - 1)
	mark := tag(key)
	for at := home(key, mask); ; at = (at + 1) & mask {
		cell := x.cells[at]
		if cell == 0 || cell&^placeMask == mark && r.at(placeOf(cell)).key == key {
			return at
		}
	}
}

// add indexes a key that is not there.
func (x *index) add(r *ring, key Key, place uint32) {
	if 4*(x.used+1) > 3*len(x.cells) {
		x.grow(r)
	}
	x.cells[x.cell(r, key)] = tag(key) | (place + 1)
	x.used++
}

func (x *index) grow(r *ring) {
	old := x.cells
	x.cells = make([]uint32, max(64, 2*len(old)))
	for _, cell := range old {
		if cell != 0 {
			x.cells[x.cell(r, r.at(placeOf(cell)).key)] = cell
		}
	}
}

// remove takes a key out, if it is there, and moves those up that had to step
// aside for it, so that no probe ends too early.
func (x *index) remove(r *ring, key Key) {
	if x.used == 0 {
		return
	}
	hole := x.cell(r, key)
	if x.cells[hole] == 0 {
		return
	}
	mask := uint64(len(x.cells) - 1)
	for at := (hole + 1) & mask; x.cells[at] != 0; at = (at + 1) & mask {
		if (at-home(r.at(placeOf(x.cells[at])).key, mask))&mask >= (at-hole)&mask {
			x.cells[hole] = x.cells[at]
			hole = at
		}
	}
	x.cells[hole] = 0
	x.used--
}
