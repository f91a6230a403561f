package clickhouse

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Refused is a row that ClickHouse does not take, and why.
type Refused struct {
	ID    string // names the row for ever: its table and number
	At    time.Time
	Table string
	Seq   uint64
	Month time.Time       // first day of the month of its local day
	Code  int32           // of the error, as ClickHouse numbers them; 0: not known
	Error string          // what ClickHouse said
	Row   json.RawMessage // as text for people
	Chunk []byte          // as the spool held it, for another try
}

// What may have become of a refused row.
const (
	Held      = "held"      // nobody has decided yet
	Released  = "released"  // it is in its table now
	Discarded = "discarded" // somebody has given it up
)

// Quarantine stores a refused row. Repeated for the same row it changes
// nothing: the newest state of an id is the one in force, and a decision
// about it is newer than its refusal.
func (r RawTables) Quarantine(ctx context.Context, refused Refused) error {
	return r.putRefused(ctx, refused, Held, 1)
}

// Decide notes what became of a refused row.
func (r RawTables) Decide(ctx context.Context, refused Refused, state string) error {
	return r.putRefused(ctx, refused, state, uint64(time.Now().UnixMicro()))
}

func (r RawTables) putRefused(ctx context.Context, f Refused, state string, version uint64) error {
	at := f.At
	if at.IsZero() {
		at = time.Now()
	}
	err := r.Conn.Exec(parameters(ctx, map[string]string{
		"id": f.ID, "state": state, "at": at.UTC().Format("2006-01-02 15:04:05.000"), "target": f.Table,
		"seq": strconv.FormatUint(f.Seq, 10), "month": f.Month.Format(time.DateOnly), "code": strconv.Itoa(int(f.Code)),
		"error": base64.StdEncoding.EncodeToString([]byte(f.Error)), "row": base64.StdEncoding.EncodeToString(f.Row),
		"chunk": base64.StdEncoding.EncodeToString(f.Chunk), "version": strconv.FormatUint(version, 10),
	}), `INSERT INTO quarantine
SELECT {id:String}, {state:String}, {at:DateTime64(3, 'UTC')}, {target:String}, {seq:UInt64}, {month:Date}, {code:Int32},
       base64Decode({error:String}), base64Decode({row:String}), {chunk:String}, {version:UInt64}`)
	if err != nil {
		return fmt.Errorf("put a refused row of %s into quarantine: %w", f.Table, err)
	}
	return nil
}

// Quarantined returns the rows on which nobody has decided, oldest first, at
// most limit; one of them if id is not empty.
func (r RawTables) Quarantined(ctx context.Context, id string, limit int) ([]Refused, error) {
	rows, err := r.Conn.Query(parameters(ctx, map[string]string{"id": id, "limit": strconv.Itoa(limit)}),
		`SELECT id, at, toString(target), seq, month, code, error, row, base64Decode(chunk)
FROM quarantine FINAL
WHERE state = 'held' AND ({id:String} = '' OR id = {id:String})
ORDER BY at, id LIMIT {limit:UInt64}`)
	if err != nil {
		return nil, fmt.Errorf("read the quarantine: %w", err)
	}
	var list []Refused
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var f Refused
		var row, chunk string
		if err := scan(&f.ID, &f.At, &f.Table, &f.Seq, &f.Month, &f.Code, &f.Error, &row, &chunk); err != nil {
			return fmt.Errorf("read the quarantine: %w", err)
		}
		f.Row, f.Chunk = json.RawMessage(row), []byte(chunk)
		list = append(list, f)
		return nil
	})
	return list, err
}

// HeldIDs returns the ids of the rows on which nobody has decided, oldest
// first, at most limit.
func (r RawTables) HeldIDs(ctx context.Context, limit int) ([]string, error) {
	rows, err := r.Conn.Query(parameters(ctx, map[string]string{"limit": strconv.Itoa(limit)}),
		`SELECT id FROM quarantine FINAL WHERE state = 'held' ORDER BY at, id LIMIT {limit:UInt64}`)
	if err != nil {
		return nil, fmt.Errorf("read the quarantine: %w", err)
	}
	var ids []string
	err = forEach(rows, func(scan func(dest ...any) error) error {
		var id string
		if err := scan(&id); err != nil {
			return fmt.Errorf("read the quarantine: %w", err)
		}
		ids = append(ids, id)
		return nil
	})
	return ids, err
}
