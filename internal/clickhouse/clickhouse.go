// Package clickhouse is the one package that runs application SQL: it opens
// connections, refuses servers that are too old, applies the migrations,
// inserts column blocks for the loader and runs the read queries of reports.
// On the way from POST to chart it stands on both sides of the tables.
package clickhouse

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// MinVersion is the oldest server that is accepted: the first long-term
// release in which dependent views share the deduplication token of an insert
// and views can run with the rights of their definer.
const MinVersion = "25.8"

// Target says where ClickHouse is and who we are there. The writer owns both
// databases; the reader may only select.
type Target struct {
	Addr           []string // host:port of the native protocol; several are tried in order
	Database       string   // raw tables and aggregates
	BIDatabase     string   // views for BI tools
	User           string   // writer
	Password       string
	ReaderUser     string
	ReaderPassword string
	TLS            *tls.Config   // nil: plain TCP
	DialTimeout    time.Duration // one attempt on one address
}

// Open connects as the writer, with the raw database as default. The returned
// connection is a pool and safe for concurrent use.
func Open(t Target) (driver.Conn, error) {
	return open(t.options(t.User, t.Password, t.Database))
}

func open(o *clickhouse.Options) (driver.Conn, error) {
	conn, err := clickhouse.Open(o)
	if err != nil {
		return nil, fmt.Errorf("clickhouse: open %s: %w", strings.Join(o.Addr, ","), err)
	}
	return conn, nil
}

func (t Target) options(user, password, database string) *clickhouse.Options {
	return &clickhouse.Options{
		Protocol:         clickhouse.Native,
		Addr:             t.Addr,
		Auth:             clickhouse.Auth{Database: database, Username: user, Password: password},
		TLS:              t.TLS,
		DialTimeout:      t.dialTimeout(),
		ConnOpenStrategy: clickhouse.ConnOpenInOrder,
		MaxOpenConns:     32,
		MaxIdleConns:     8,
		ConnMaxLifetime:  time.Hour,
		ClientInfo: clickhouse.ClientInfo{Products: []struct {
			Name    string
			Version string
		}{{Name: "ibarura"}}},
	}
}

func (t Target) dialTimeout() time.Duration {
	if t.DialTimeout > 0 {
		return t.DialTimeout
	}
	return 5 * time.Second
}

// versionSource is what CheckVersion asks; driver.Conn is one.
type versionSource interface {
	QueryRow(ctx context.Context, query string, args ...any) driver.Row
}

// ErrOldServer is wrapped by CheckVersion when the server is too old.
var ErrOldServer = errors.New("ClickHouse server is too old")

// CheckVersion asks the server for its version and refuses one older than
// MinVersion, naming both.
func CheckVersion(ctx context.Context, conn versionSource) (string, error) {
	var version string
	if err := conn.QueryRow(ctx, "SELECT version()").Scan(&version); err != nil {
		return "", fmt.Errorf("clickhouse: ask for the version: %w", err)
	}
	if olderThan(version, MinVersion) {
		return version, fmt.Errorf("%w: it is %s, at least %s is needed", ErrOldServer, version, MinVersion)
	}
	return version, nil
}

// olderThan compares dotted versions number by number, over the length of the
// bound; what is not a number counts as 0.
func olderThan(version, bound string) bool {
	have := strings.Split(version, ".")
	for i, part := range strings.Split(bound, ".") {
		want, _ := strconv.Atoi(part)
		got := 0
		if i < len(have) {
			got, _ = strconv.Atoi(have[i])
		}
		if got != want {
			return got < want
		}
	}
	return false
}
