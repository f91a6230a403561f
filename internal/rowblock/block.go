package rowblock

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"time"

	"github.com/ClickHouse/ch-go/proto"

	"ibarura/internal/event"
)

// version is that of the chunks' form; a change of columns or encoding makes a
// new one.
const version = 1

// Block is rows of one table and one month, as columns. The zero value is of no
// use; it is not safe for concurrent use.
type Block struct {
	common
	table   Table
	columns []column
	input   proto.Input

	event eventColumns
	page  pageColumns
}

// New returns an empty block for rows of a table.
func New(table Table) *Block {
	b := &Block{table: table}
	b.common.init(b)
	if table == PageViews {
		b.page.init(b)
	} else {
		b.event.init(b)
	}
	return b
}

// add makes c a column of the block and of its chunks.
func (b *Block) add(name string, c column) {
	b.columns = append(b.columns, c)
	b.input = append(b.input, proto.InputColumn{Name: name, Data: c})
}

// Table returns the table that the rows belong to.
func (b *Block) Table() Table { return b.table }

// Rows is the number of rows.
func (b *Block) Rows() int { return b.project.Rows() }

// Size is about what the rows take in memory, in bytes.
func (b *Block) Size() int {
	size := b.seq.size()
	for _, c := range b.columns {
		size += c.size()
	}
	return size
}

// Input returns the columns for an insert. They belong to the block.
func (b *Block) Input() proto.Input { return b.input }

// Reset empties the block and keeps its memory.
func (b *Block) Reset() {
	b.seq.reset()
	for _, c := range b.columns {
		c.reset()
	}
}

// Encode appends the chunk of all rows to a buffer.
func (b *Block) Encode(to []byte) []byte {
	to = append(to, version, byte(b.table))
	to = binary.AppendUvarint(to, uint64(b.Rows()))
	for _, c := range b.columns {
		to = c.encode(to)
	}
	return to
}

// Merge appends the rows of a chunk, numbered from seq on. After an error the
// block is of no use until Reset. The chunk is not kept.
func (b *Block) Merge(chunk []byte, seq uint64) error {
	rows, from, err := b.open(chunk)
	if err != nil {
		return err
	}
	for _, c := range b.columns {
		if from, err = c.merge(from, rows); err != nil {
			return err
		}
	}
	if len(from) > 0 {
		return errMalformed
	}
	for i := range rows {
		b.seq.uint64(seq + uint64(i))
	}
	return nil
}

// maxRows bounds the rows of a chunk; a record of the spool holds far fewer.
const maxRows = 1 << 20

func (b *Block) open(chunk []byte) (rows int, rest []byte, err error) {
	if len(chunk) < 3 {
		return 0, nil, errMalformed
	}
	if chunk[0] != version {
		return 0, nil, fmt.Errorf("rowblock: the chunk has form %d, this program reads %d", chunk[0], version)
	}
	if Table(chunk[1]) != b.table {
		return 0, nil, fmt.Errorf("rowblock: the chunk is of %s, want %s", Table(chunk[1]), b.table)
	}
	n, read := binary.Uvarint(chunk[2:])
	if read <= 0 || n > maxRows {
		return 0, nil, errMalformed
	}
	return int(n), chunk[2+read:], nil
}

// Keep drops the rows for which which, as long as there are rows, says false.
func (b *Block) Keep(which []bool) {
	if b.seq.Rows() > 0 {
		b.seq.keep(which)
	}
	for _, c := range b.columns {
		c.keep(which)
	}
}

// Range returns a block of its own with the rows from low up to high.
func (b *Block) Range(low, high int) *Block {
	part := New(b.table)
	if err := part.Merge(b.Encode(nil), 0); err != nil {
		panic(err) // Encode has just written it
	}
	part.seq.data = append(part.seq.data[:0], b.seq.data...)
	which := make([]bool, b.Rows())
	for i := low; i < high; i++ {
		which[i] = true
	}
	part.Keep(which)
	return part
}

// Seq returns the number of a merged row.
func (b *Block) Seq(row int) uint64 { return b.seq.at(row) }

// SetSeq numbers the rows of a block whose chunk brought other numbers.
func (b *Block) SetSeq(row int, seq uint64) {
	binary.LittleEndian.PutUint64(b.seq.data[8*row:], seq)
}

// EachID calls do for every row, in order, with its project, its id and the
// time at which it was received. The bytes are valid during the call.
func (b *Block) EachID(do func(project string, id []byte, received event.Millis)) {
	row := 0
	b.id.each(func(id []byte) bool {
		do(b.project.names[b.project.rows[row]], id, event.Millis(b.receivedAt.at(row)))
		row++
		return true
	})
}

// EachDay calls do once for each local day of each project that has rows. The
// rows of a block are of one month, so that its days lie within 31 of the first
// row's, and those of a project are the bits of one word.
func (b *Block) EachDay(do func(project string, day event.Day)) {
	if b.Rows() == 0 {
		return
	}
	const month = 31
	first := int(b.day.at(0))
	days := make([]uint64, len(b.project.names))
	for row, project := range b.project.rows {
		day := int(binary.LittleEndian.Uint16(b.day.data[2*row:]))
		days[project] |= 1 << (day - first + month)
	}
	for project, set := range days {
		for ; set != 0; set &= set - 1 {
			do(b.project.names[project], event.Day(first-month+bits.TrailingZeros64(set)))
		}
	}
}

// common holds the columns that both tables have.
type common struct {
	seq *numbers // not in chunks

	project     *labels
	day         *numbers
	person      *numbers
	occurredAt  *numbers
	receivedAt  *numbers
	id          *texts
	userID      *texts
	anonymousID *texts
	sessionID   *texts
	role        *labels
	objectType  *labels
	objectID    *texts
	properties  *pairs
}

var milliseconds = new(proto.ColDateTime64).WithPrecision(proto.PrecisionMilli).WithLocation(time.UTC).Type()

func (c *common) init(b *Block) {
	*c = common{
		seq:     newNumbers(proto.ColumnTypeUInt64, 8),
		project: newLabels(), day: newNumbers(proto.ColumnTypeDate, 2), person: newNumbers(proto.ColumnTypeUInt64, 8),
		occurredAt: newNumbers(milliseconds, 8), receivedAt: newNumbers(milliseconds, 8),
		id: &texts{}, userID: &texts{}, anonymousID: &texts{}, sessionID: &texts{},
		role: newLabels(), objectType: newLabels(), objectID: &texts{}, properties: newPairs(),
	}
	b.input = append(b.input, proto.InputColumn{Name: "seq", Data: c.seq})
	b.add("project", c.project)
	b.add("day", c.day)
	b.add("person", c.person)
	b.add("occurred_at", c.occurredAt)
	b.add("received_at", c.receivedAt)
	b.add("id", c.id)
	b.add("user_id", c.userID)
	b.add("anonymous_id", c.anonymousID)
	b.add("session_id", c.sessionID)
	b.add("role", c.role)
	b.add("object_type", c.objectType)
	b.add("object_id", c.objectID)
	b.add("properties", c.properties)
}

func (c *common) append(id string, at event.Millis, who *event.Identity, object *event.Object,
	properties []event.Property, stamp *event.Stamp) {
	c.project.append(stamp.Project)
	c.day.uint16(uint16(stamp.Day))
	c.person.uint64(stamp.Person)
	c.occurredAt.uint64(uint64(at))
	c.receivedAt.uint64(uint64(stamp.ReceivedAt))
	c.id.append(id)
	c.userID.append(who.UserID)
	c.anonymousID.append(who.AnonymousID)
	c.sessionID.append(who.SessionID)
	c.role.append(who.Role)
	c.objectType.append(object.Type)
	c.objectID.append(object.ID)
	c.properties.append(properties)
}
