package importer

import (
	"github.com/cespare/xxhash/v2"

	"ibarura/internal/protocol"
)

// blockSize is how many distinct contents the counts of one block hold.
const blockSize = 1 << 20

// idMaker gives ids to items that bring none: by their content, and by how many
// times the same content stood before in the file. Equal lines so stay as many
// items as they are, and a second import of the file makes the same ids.
//
// Counting all contents of a file of any length would take memory of any size,
// so counts begin anew every blockSize distinct contents, and the block's
// number goes into the id. The ids of the first million distinct lines depend
// on content alone; of later ones on their block as well.
type idMaker struct {
	counts map[uint64]uint32
	block  int
}

func newIDMaker() *idMaker { return &idMaker{counts: map[uint64]uint32{}} }

// next returns the id of one more item with this content. Two contents with the
// same 64-bit hash share their count, which does no harm: the id is made of the
// content itself.
func (m *idMaker) next(content []byte) string {
	return protocol.LineID(content, m.count(content))
}

// count is next for an item whose id nobody needs.
func (m *idMaker) count(content []byte) (occurrence int) {
	if len(m.counts) == blockSize {
		clear(m.counts)
		m.block++
	}
	h := xxhash.Sum64(content)
	n := m.counts[h]
	m.counts[h] = n + 1
	return m.block<<32 | int(n)
}
