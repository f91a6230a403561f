package access

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Database runs statements on the database of the tables projects, api_keys and
// view_links, which is the connection's default. It is the part of clickhouse-go's
// driver.Conn that Store needs; any goroutine may call it.
type Database interface {
	// Select appends the rows of the answer to the slice that dest points to.
	Select(ctx context.Context, dest any, query string, args ...any) error
	// PrepareBatch begins an insert, which the batch's Send finishes.
	PrepareBatch(ctx context.Context, query string, opts ...driver.PrepareBatchOption) (driver.Batch, error)
}

// Store reads and changes projects, keys and links. Every state of a row is a row of
// its own with a version one higher; the highest is in force. It is safe for
// concurrent use, in several processes too: what two of them do to the same
// name at the same moment is said at each method.
//
// On a replicated server the connection has to reach one replica, or read with
// sequential consistency: otherwise replication delay is added to the time
// after which a revocation is in force.
type Store struct {
	db Database
}

// NewStore returns a Store on db.
func NewStore(db Database) *Store { return &Store{db: db} }

//go:embed sql/*.sql
var statements embed.FS

// statement returns the text of sql/name.sql.
func statement(name string) string {
	text, err := statements.ReadFile("sql/" + name + ".sql")
	if err != nil {
		panic(err) // the file is part of the program
	}
	return string(text)
}

// query runs a statement with server-side parameters into the slice dest.
func (s *Store) query(ctx context.Context, dest any, name string, parameters clickhouse.Parameters) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithParameters(parameters))
	return s.db.Select(ctx, dest, statement(name))
}

// insert writes one row and returns once every later query sees it: an
// asynchronous insert, which a server may be set to, would answer before.
func (s *Store) insert(ctx context.Context, table string, row ...any) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"async_insert": 0}))
	batch, err := s.db.PrepareBatch(ctx, "INSERT INTO "+table)
	if err != nil {
		return err
	}
	if err := batch.Append(row...); err != nil {
		return errors.Join(err, batch.Abort())
	}
	return batch.Send()
}

// StoredProject is a project with what the operator's tools show of it.
type StoredProject struct {
	Project
	CreatedAt time.Time
	Origins   []string // of pages that may use its keys, in alphabetical order
}

type projectRow struct {
	Project   string    `ch:"project"`
	Timezone  string    `ch:"timezone"`
	CreatedAt time.Time `ch:"created_at"`
	Deleted   uint8     `ch:"deleted"`
	Origins   []string  `ch:"origins"`
	Version   uint64    `ch:"version"`
}

func (r *projectRow) project() (StoredProject, error) {
	zone, err := LoadProjectZone(r.Timezone)
	if err != nil {
		return StoredProject{}, fmt.Errorf("project %s: %w", r.Project, err)
	}
	return StoredProject{NewProject(r.Project, zone, r.Origins), r.CreatedAt, r.Origins}, nil
}

// Projects returns every project, by name.
func (s *Store) Projects(ctx context.Context) ([]StoredProject, error) {
	var rows []projectRow
	if err := s.query(ctx, &rows, "projects", nil); err != nil {
		return nil, fmt.Errorf("list projects: %w", err)
	}
	projects := make([]StoredProject, 0, len(rows))
	for i := range rows {
		project, err := rows[i].project()
		if err != nil {
			return nil, fmt.Errorf("list projects: %w", err)
		}
		projects = append(projects, project)
	}
	return projects, nil
}

// Project returns one project, or ErrNoProject.
func (s *Store) Project(ctx context.Context, name string) (StoredProject, error) {
	row, err := s.projectRow(ctx, name)
	if err != nil {
		return StoredProject{}, fmt.Errorf("read project %q: %w", name, err)
	}
	if row == nil || row.Deleted != 0 {
		return StoredProject{}, fmt.Errorf("%w: %q", ErrNoProject, name)
	}
	return row.project()
}

// projectRow returns the row of a project, deleted or not; nil if there is none.
func (s *Store) projectRow(ctx context.Context, name string) (*projectRow, error) {
	var rows []projectRow
	if err := s.query(ctx, &rows, "project", clickhouse.Parameters{"project": name}); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &rows[0], nil
}

// CreateProject creates a project and returns it. ErrProjectExists if the name is taken, by a
// deleted project too; ErrInvalid if the name or the zone breaks its rule.
//
// Of two processes that create the same name at the same moment the last one
// to write wins; both return the project that is then in force.
func (s *Store) CreateProject(ctx context.Context, name, timezone string) (StoredProject, error) {
	if err := CheckProjectName(name); err != nil {
		return StoredProject{}, err
	}
	if _, err := LoadZone(timezone); err != nil {
		return StoredProject{}, err
	}
	taken, err := s.projectRow(ctx, name)
	if err != nil {
		return StoredProject{}, fmt.Errorf("create project %q: %w", name, err)
	}
	if taken != nil {
		return StoredProject{}, fmt.Errorf("%w: %q", ErrProjectExists, name)
	}
	if err := s.insert(ctx, "projects", name, timezone, now(), uint8(0), []string{}, firstVersion); err != nil {
		return StoredProject{}, fmt.Errorf("create project %q: %w", name, err)
	}
	return s.Project(ctx, name)
}

// firstVersion is the version of a row's first state.
const firstVersion = uint64(1)

// now is the time at the resolution that the tables keep.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
