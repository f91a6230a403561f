package main

import (
	"context"
	"errors"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"

	"ibarura/internal/bench/server"
	"ibarura/internal/event"
)

// batchDriver is clickhouse-go's batch, a call a row.
type batchDriver struct{ conn clickhouse.Conn }

func openBatch(e *server.Engine) (*batchDriver, error) {
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{e.Native}, Auth: clickhouse.Auth{Username: e.Login.User, Password: e.Login.Password}, MaxOpenConns: 1,
	})
	return &batchDriver{conn}, err
}

func (*batchDriver) name() string { return "clickhouse-go, `batch.Append`" }

func (d *batchDriver) close() error { return d.conn.Close() }

func (d *batchDriver) insert(ctx context.Context, table string, rows []event.Row, seq uint64) error {
	batch, err := d.conn.PrepareBatch(ctx, "INSERT INTO "+table+` (project, day, type, person, occurred_at, received_at, seq, id, user_id,
		anonymous_id, session_id, role, object_type, object_id, tags, properties, active)`)
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		err := batch.Append(r.Project, r.Day.Time(), r.Type, r.Person, r.OccurredAt.Time(), r.ReceivedAt.Time(), seq, r.ID, r.UserID,
			r.AnonymousID, r.SessionID, r.Role, r.Object.Type, r.Object.ID, r.Tags, properties(r.Properties), r.Active)
		if err != nil {
			return errors.Join(err, batch.Abort())
		}
	}
	return batch.Send()
}

// properties are a map without one being made: clickhouse-go walks through
// them, which is its fastest way.
type properties []event.Property

// Put is for reading, which is not done here.
func (properties) Put(any, any) {}

// Iterator walks through the pairs once.
func (p properties) Iterator() column.MapIterator { return &walk{p: p, at: -1} }

type walk struct {
	p  properties
	at int
}

// Next goes to the next pair.
func (w *walk) Next() bool {
	w.at++
	return w.at < len(w.p)
}

// Key is that of the current pair.
func (w *walk) Key() any { return w.p[w.at].Key }

// Value is that of the current pair.
func (w *walk) Value() any { return w.p[w.at].Value }
