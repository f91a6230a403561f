package rowblock

import "ibarura/internal/event"

// Who says whose a row is.
type Who struct {
	Project string
	Person  uint64
	Alias   []byte // of an alias event: the former id, which is the person's too; valid during the call
}

// EachWho calls do for every row, in order.
func (b *Block) EachWho(do func(row int, who Who)) {
	row := 0
	b.anonymousID.each(func(anonymous []byte) bool {
		who := Who{Project: b.project.names[b.project.rows[row]], Person: b.person.at(row)}
		if b.table == Events && b.event.kind.names[b.event.kind.rows[row]] == event.Alias {
			who.Alias = anonymous
		}
		do(row, who)
		row++
		return true
	})
}
