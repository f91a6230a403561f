package clickhouse

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// insertSettings are pinned, since their defaults moved between releases: one
// block per insert, deduplicated by our token in raw and in every view.
var insertSettings = []ch.Setting{
	{Key: "async_insert", Value: "0", Important: true},
	{Key: "insert_deduplicate", Value: "1", Important: true},
	{Key: "deduplicate_blocks_in_dependent_materialized_views", Value: "1", Important: true},
	{Key: "materialized_views_ignore_errors", Value: "0", Important: true},
	{Key: "max_insert_block_size", Value: "1048576", Important: true},
	{Key: "min_insert_block_size_rows", Value: "1048576", Important: true},
	{Key: "min_insert_block_size_bytes", Value: "1073741824", Important: true},
}

// insertTimeout bounds one insert, far above the slowest: a server that has not
// answered by then is taken for dead, and the block is sent again.
const insertTimeout = 5 * time.Minute

// askTimeout bounds what is asked of a connection before it gets a block.
const askTimeout = 30 * time.Second

// Inserter sends column blocks over the native protocol. It keeps idle
// connections and is safe for concurrent use; each insert in progress has a
// connection of its own.
type Inserter struct {
	target Target

	mu     sync.Mutex
	idle   []connection
	closed bool
}

// connection leads to one process of ClickHouse for as long as it lives.
type connection struct {
	*ch.Client
	process string
}

// NewInserter returns an Inserter that connects when it is first used.
func NewInserter(t Target) *Inserter { return &Inserter{target: t} }

// Insert writes one block into a table. The token names the block: a second
// insert with the same token into the same table changes nothing, in raw and
// in its views. After an error the block may be written, in part or not at
// all; the same token makes the next attempt of the same process complete it.
//
// Just before anything is sent, sending is told the process of ClickHouse that
// will get it: equal names are one process, an empty one is not known. An error
// of sending ends the insert, and nothing was sent. It may be nil.
func (i *Inserter) Insert(ctx context.Context, table string, columns proto.Input, token string, sending func(process string) error) error {
	client, err := i.take(ctx)
	if err != nil {
		return err
	}
	if sending != nil {
		if err := sending(client.process); err != nil {
			i.give(client)
			return err
		}
	}
	// The driver waits for a server that says nothing; we do not, and neither does a stop.
	ctx, cancel := context.WithTimeout(ctx, insertTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = client.Close() })()
	settings := append([]ch.Setting{{Key: "insert_deduplication_token", Value: token, Important: true}}, insertSettings...)
	err = client.Do(ctx, ch.Query{
		Body:     columns.Into(table),
		Input:    columns,
		Settings: settings,
	})
	if err != nil {
		_ = client.Close()
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	i.give(client)
	return nil
}

// take returns an idle connection that still answers, or a new one. That it is
// asked first spares the loader doubts: a block that was sent to a process which
// is no more might have arrived before its end.
func (i *Inserter) take(ctx context.Context) (connection, error) {
	for {
		client, ok := i.takeIdle()
		if !ok {
			return i.dial(ctx)
		}
		if err := i.answers(ctx, client); err == nil {
			return client, nil
		}
		_ = client.Close()
	}
}

func (i *Inserter) takeIdle() (connection, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := len(i.idle)
	if n == 0 {
		return connection{}, false
	}
	client := i.idle[n-1]
	i.idle = i.idle[:n-1]
	return client, true
}

func (i *Inserter) answers(ctx context.Context, client connection) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = client.Close() })()
	return client.Ping(ctx)
}

// dial tries the addresses in order and returns the last error.
func (i *Inserter) dial(ctx context.Context) (connection, error) {
	var last error
	for _, addr := range i.target.Addr {
		client, err := ch.Dial(ctx, ch.Options{
			Address:          addr,
			Database:         i.target.Database,
			User:             i.target.User,
			Password:         i.target.Password,
			TLS:              i.target.TLS,
			DialTimeout:      i.target.dialTimeout(),
			HandshakeTimeout: i.target.dialTimeout(),
			ReadTimeout:      insertTimeout,
			ClientName:       "ibarura-loader",
		})
		if err == nil {
			var process string
			if process, err = askProcess(ctx, client); err == nil {
				return connection{client, process}, nil
			}
		}
		last = fmt.Errorf("dial %s: %w", addr, err)
	}
	return connection{}, last
}

// askProcess closes a client that does not answer in time.
func askProcess(ctx context.Context, client *ch.Client) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = client.Close() })()
	process, err := processOf(ctx, client)
	if err != nil {
		_ = client.Close()
	}
	return process, err
}

func (i *Inserter) give(client connection) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed || client.IsClosed() {
		_ = client.Close()
		return
	}
	i.idle = append(i.idle, client)
}

// Close ends the idle connections; those in use end with their insert.
func (i *Inserter) Close() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closed = true
	for _, client := range i.idle {
		_ = client.Close()
	}
	i.idle = nil
	return nil
}
