package faulttest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ibarura/internal/clickhouse"
	"ibarura/internal/enginetest"
	"ibarura/internal/faulttest"
	"ibarura/internal/spool"
)

// inside starts the service in this process for one project, on a disk that
// does not fail.
func inside(t *testing.T, project faulttest.Project) *faulttest.Inside {
	t.Helper()
	s := &faulttest.Inside{
		Target: enginetest.Migrated(t), Dir: t.TempDir(), FS: spool.OS{}, Zones: map[string]*time.Location{project.Name: time.UTC},
	}
	if err := s.Start(t.Context(), faulttest.InsideOptions{Setup: calm}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Stop(context.Background()) })
	return s
}

// stored sends a batch of 100 good events with ids b-0 to b-99, and returns
// the ledger of it.
func stored(t *testing.T, project faulttest.Project) *faulttest.Ledger {
	t.Helper()
	b := &faulttest.Batch{}
	for seed := uint64(0); b.Items != 100 || b.Invalid > 0; seed++ {
		r := rand.New(rand.NewPCG(seed, 3))
		world := faulttest.NewWorld(r)
		world.Projects = []faulttest.Project{project}
		b = world.Batch(r, "b", faulttest.BatchOptions{MaxItems: 100, Exactly: true, Kind: faulttest.Events, WaitPercent: 100})
	}
	ledger := faulttest.NewLedger()
	ledger.Offer(b)
	a, err := inside(t, project).Send(t.Context(), b, len(b.Body))
	if err != nil || a.Status != http.StatusOK || a.Accepted != 100 {
		t.Fatalf("%+v %v", a, err)
	}
	ledger.Acknowledge(b, 0)
	return ledger
}

func connect(t *testing.T) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(enginetest.Migrated(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func do(t *testing.T, conn driver.Conn, p faulttest.Project, sql string) {
	t.Helper()
	ctx := driver.Context(t.Context(), driver.WithParameters(driver.Parameters{"project": p.Name}))
	if err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}

// An audit that finds nothing proves nothing unless it can find everything:
// each of these does to the stored rows what a fault could.
func TestAnAuditFindsWhateverAFaultCouldLeaveBehind(t *testing.T) {
	conn := connect(t)
	for i, c := range []struct {
		name, do string
		want     faulttest.Audit
	}{
		{"nothing", `SELECT 1`, faulttest.Audit{Stored: 100}},
		{"a lost row", `DELETE FROM events WHERE project = {project:String} AND id = 'b-7'`,
			faulttest.Audit{Stored: 99, Lost: 1}},
		{"a doubled row", `INSERT INTO events SELECT * FROM events WHERE project = {project:String} AND id = 'b-7'`,
			faulttest.Audit{Stored: 101, Doubled: 1}},
		{"a changed row", `ALTER TABLE events UPDATE user_id = 'somebody else' WHERE project = {project:String} AND id = 'b-7' SETTINGS mutations_sync = 1`,
			faulttest.Audit{Stored: 100, Distorted: 1}},
		{"changed rows", `ALTER TABLE events UPDATE tags = ['other'] WHERE project = {project:String} SETTINGS mutations_sync = 1`,
			faulttest.Audit{Stored: 100, Distorted: 100}},
		{"a row that nobody sent", `INSERT INTO events (project, day, id) VALUES ({project:String}, '2020-01-01', 'stranger')`,
			faulttest.Audit{Stored: 101, Strange: 1}},
		{"an aggregate counted twice", `INSERT INTO tag_day (project, day, tag, events) VALUES ({project:String}, '2020-01-01', 'x', 1)`,
			faulttest.Audit{Stored: 100, Differing: 1}},
		{"an aggregate that lacks a row", `DELETE FROM metrics_monthly WHERE project = {project:String}`,
			faulttest.Audit{Stored: 100, Differing: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			project := faulttest.Project{Name: fmt.Sprintf("audit-%d", i), Zone: "UTC"}
			ledger := stored(t, project)
			do(t, conn, project, c.do)
			got, err := ledger.Audit(t.Context(), conn, []faulttest.Project{project})
			if err != nil {
				t.Fatal(err)
			}
			if clean := c.want.Differing == 0 && c.name == "nothing"; got.Clean() != clean || len(got.Examples) > 0 == clean {
				t.Errorf("clean: %t, examples: %v", got.Clean(), got.Examples)
			}
			found := cmpopts.IgnoreFields(faulttest.Audit{}, "Examples", "Differing")
			if diff := cmp.Diff(c.want, *got, found); diff != "" || got.Differing < c.want.Differing {
				t.Errorf("%d differing rows of aggregates (-want +got):\n%s", got.Differing, diff)
			}
		})
	}
}
