package rowblock

import (
	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/event"
)

// eventColumns are the columns that only events have.
type eventColumns struct {
	kind   *labels
	tags   *labelLists
	active *numbers
}

func (c *eventColumns) init(b *Block) {
	*c = eventColumns{kind: newLabels(), tags: newLabelLists(), active: newNumbers(proto.ColumnTypeBool, 1)}
	b.add("type", c.kind)
	b.add("tags", c.tags)
	b.add("active", c.active)
}

// AppendEvent copies one row into a block of Events.
func (b *Block) AppendEvent(r *event.Row) {
	b.common.append(r.ID, r.OccurredAt, &r.Identity, &r.Object, r.Properties, &r.Stamp)
	b.event.kind.append(r.Type)
	b.event.tags.append(r.Tags)
	b.event.active.bool(r.Active)
}
