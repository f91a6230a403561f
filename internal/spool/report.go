package spool

import (
	"cmp"
	"slices"
	"time"
)

// Report is what Inspect found in a folder.
type Report struct {
	Format     int             `json:"format"`
	ID         string          `json:"id"`     // hexadecimal digits
	Number     uint64          `json:"number"` // upper bits of the rows' numbers
	First      LSN             `json:"first"`
	End        LSN             `json:"end"`
	Records    int64           `json:"records"`
	Rows       int64           `json:"rows"`
	Groups     int64           `json:"groups"`
	DiskBytes  int64           `json:"disk_bytes"`
	Oldest     *time.Time      `json:"oldest"` // when the first record was written; nil: there is none
	Newest     *time.Time      `json:"newest"`
	Segments   []SegmentReport `json:"segments"`
	Tables     []TableReport   `json:"tables"` // by table and month, ascending
	Corrupt    []CorruptPlace  `json:"corrupt"`
	CorruptAll int64           `json:"corrupt_bytes"`
	TailBytes  int64           `json:"tail_bytes"` // behind the last whole group: being written, or torn
	SetAside   []string        `json:"set_aside"`  // copies of damaged places in the folder
}

// SegmentReport is about one segment.
type SegmentReport struct {
	File    string     `json:"file"`
	First   LSN        `json:"first"`
	End     LSN        `json:"end"`
	Bytes   int64      `json:"bytes"`   // of the file
	Created *time.Time `json:"created"` // nil: no copy of the header is whole
	Records int64      `json:"records"`
	Rows    int64      `json:"rows"`
	Groups  int64      `json:"groups"`
	Damaged int64      `json:"damaged_bytes"`
}

// TableReport is about the records of one table and month.
type TableReport struct {
	Table   uint8  `json:"table"`
	Month   string `json:"month"` // such as 2026-03
	Records int64  `json:"records"`
	Rows    int64  `json:"rows"`
	Stored  int64  `json:"stored_bytes"` // of payload
	Raw     int64  `json:"raw_bytes"`    // of payload, unpacked

	month int32
}

// CorruptPlace is a place that no frame can be read from.
type CorruptPlace struct {
	File string `json:"file"`
	From LSN    `json:"from"`
	To   LSN    `json:"to"`
}

// RecordReport is about one record.
type RecordReport struct {
	At      LSN       `json:"at"`
	End     LSN       `json:"end"`
	Table   uint8     `json:"table"`
	Month   string    `json:"month"`
	Rows    uint32    `json:"rows"`
	Seq     uint64    `json:"seq"`
	Stored  uint32    `json:"stored_bytes"`
	Raw     uint32    `json:"raw_bytes"`
	Written time.Time `json:"written"`
}

// monthText writes months since 1970 as people do.
func monthText(month int32) string {
	return time.Date(1970, time.Month(1+int(month)), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}

// maxCorrupt is how many damaged places a report lists.
const maxCorrupt = 1000

func (r *Report) addCorrupt(seg *SegmentReport, from, to LSN) {
	seg.Damaged += int64(to - from)
	r.CorruptAll += int64(to - from)
	last := len(r.Corrupt) - 1
	switch {
	case last >= 0 && r.Corrupt[last].File == seg.File && r.Corrupt[last].To == from:
		r.Corrupt[last].To = to
	case len(r.Corrupt) < maxCorrupt:
		r.Corrupt = append(r.Corrupt, CorruptPlace{seg.File, from, to})
	}
}

func (r *Report) addRecord(seg *SegmentReport, p *place) RecordReport {
	written := time.UnixMilli(p.millis).UTC()
	if r.Oldest == nil {
		r.Oldest = &written
	}
	r.Newest = &written
	seg.Records++
	seg.Rows += int64(p.rows)
	r.Records++
	r.Rows += int64(p.rows)
	t := r.table(p.table, p.month)
	t.Records++
	t.Rows += int64(p.rows)
	t.Stored += int64(p.frame.stored)
	t.Raw += int64(p.raw)
	return RecordReport{
		At: p.from, End: p.to, Table: p.table, Month: t.Month, Rows: p.rows, Seq: p.seq,
		Stored: p.frame.stored, Raw: p.raw, Written: written,
	}
}

// table returns the entry of a table and month. There are few of them.
func (r *Report) table(table uint8, month int32) *TableReport {
	i, found := slices.BinarySearchFunc(r.Tables, TableReport{Table: table, month: month}, func(a, b TableReport) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.month, b.month))
	})
	if !found {
		r.Tables = slices.Insert(r.Tables, i, TableReport{Table: table, Month: monthText(month), month: month})
	}
	return &r.Tables[i]
}
