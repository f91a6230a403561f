// Package erasure forgets persons who ask for it. It stands beside the way from
// POST to chart and reaches into every place on it where a row may lie: the
// spools, raw, every aggregate, quarantine, and what is derived from them.
//
// An order is a row in ClickHouse; Place makes one. Each serve runs an Agent,
// which looks for orders, does its own spool's part, and carries the order out
// in the tables when its turn comes. So an order outlives every process: what
// was killed is gone on with, by whoever comes first.
//
//	ordered  -> each spool loads what it had when it saw the order, and says up to which row
//	copied   -> which rows go is written down
//	purged   -> behind a fence: no query finds the person any more
//	swept    -> the parts of the tables are rewritten without
//	finished -> the old parts and the spools' segments from before are gone, and a look
//	            into everything has found nothing: the receipt says so
//
// Rows that a spool took in after it had seen the order stay: they are the life
// of a new person of the same name, unless the order blocks that.
package erasure
