package loader

import (
	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/event"
)

// eventBlock collects rows of the table events as native columns.
type eventBlock struct {
	common
	kind   *dictionary
	tags   list[*dictionary]
	active proto.ColBool
	in     proto.Input
}

func newEventBlock() *eventBlock {
	b := &eventBlock{
		common: newCommon(),
		kind:   newDictionary(),
		tags:   list[*dictionary]{elements: newDictionary()},
	}
	b.in = append(b.common.input(),
		proto.InputColumn{Name: "type", Data: b.kind},
		proto.InputColumn{Name: "tags", Data: &b.tags},
		proto.InputColumn{Name: "active", Data: &b.active},
	)
	return b
}

// append copies one row into the columns and returns about how many bytes they grew.
func (b *eventBlock) append(r *event.Row, seq uint64) int {
	size := b.common.append(r.ID, r.OccurredAt, &r.Identity, &r.Object, r.Properties, &r.Stamp, seq)
	size += b.kind.Append(r.Type)
	for _, tag := range r.Tags {
		size += b.tags.elements.Append(tag)
	}
	b.tags.End()
	b.active.Append(r.Active)
	return size
}

func (b *eventBlock) input() proto.Input { return b.in }
func (b *eventBlock) rows() int          { return b.seq.Rows() }

func (b *eventBlock) reset() {
	b.common.reset()
	b.kind.Reset()
	b.tags.offsets.Reset()
	b.tags.elements.Reset()
	b.active.Reset()
}
