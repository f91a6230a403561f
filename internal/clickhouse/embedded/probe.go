package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// prober asks the engine over its native port, as any client does, whether it
// answers. It keeps one connection. Safe for concurrent use.
type prober struct {
	options *clickhouse.Options

	mu   sync.Mutex
	conn clickhouse.Conn
}

// newProber returns a prober of the engine at addr, whose probes fail after
// timeout.
func newProber(addr string, login Login, timeout time.Duration) *prober {
	return &prober{options: &clickhouse.Options{
		Addr:         []string{addr},
		Auth:         clickhouse.Auth{Username: login.User, Password: login.Password},
		DialTimeout:  timeout,
		ReadTimeout:  timeout,
		MaxOpenConns: 1,
		MaxIdleConns: 1,
		// A probe a second would be most of an idle engine's query log.
		Settings: clickhouse.Settings{"log_queries": 0},
	}}
}

// version returns the engine's version once it answers queries.
func (p *prober) version(ctx context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var version string
	err := p.query(ctx, "SELECT version()", &version)
	return version, err
}

// alive returns nil if the engine answers, even if it is with an error of its
// own such as too many queries at once: then it is busy, not dead.
func (p *prober) alive(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var one uint8
	err := p.query(ctx, "SELECT 1", &one)
	var answer *clickhouse.Exception
	if errors.As(err, &answer) {
		return nil
	}
	return err
}

func (p *prober) query(ctx context.Context, sql string, out any) error {
	ctx, cancel := context.WithTimeout(ctx, p.options.ReadTimeout)
	defer cancel()
	if p.conn == nil {
		conn, err := clickhouse.Open(p.options)
		if err != nil {
			return fmt.Errorf("engine: probe: %w", err)
		}
		p.conn = conn
	}
	if err := p.conn.QueryRow(ctx, sql).Scan(out); err != nil {
		p.hangUp()
		return fmt.Errorf("engine: probe: %w", err)
	}
	return nil
}

// close ends the connection.
func (p *prober) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hangUp()
}

func (p *prober) hangUp() {
	if p.conn != nil {
		_ = p.conn.Close()
		p.conn = nil
	}
}
