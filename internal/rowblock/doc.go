// Package rowblock is the form in which rows travel from ingest through the
// spool to ClickHouse: columns in ClickHouse's own encoding, of one table and
// one month. Ingest appends rows and writes the chunk that is fsynced; the
// loader merges chunks, mostly by copying bytes, and hands the columns to the
// driver as they are. On the way from POST to chart it is what the spool holds.
//
// A chunk begins with the version of its form, the table and the number of
// rows, and goes on with the columns in the order of the table's block, each
// with its own head. Numbers are little-endian or unsigned varints, as in
// ClickHouse's native format. The seq of rows is not in it: the spool counts.
package rowblock
