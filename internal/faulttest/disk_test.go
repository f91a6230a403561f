package faulttest_test

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"ibarura/internal/enginetest"
	"ibarura/internal/faulttest"
	"ibarura/internal/spool"
)

func TestAFailingDiskLosesNothingAndCountsNothingTwice(t *testing.T) {
	target := enginetest.Migrated(t)
	var total faulttest.Summary
	for _, s := range seeds() {
		plan := faulttest.NewDiskPlan(s)
		dir, err := os.MkdirTemp("", fmt.Sprintf("ibarura-disk-%d-", s))
		if err != nil {
			t.Fatal(err)
		}
		o, err := faulttest.DiskRound(t.Context(), target, dir, plan)
		replay := fmt.Sprintf("spool: %s\nreplay: go test ./internal/faulttest -run %s -seed %d -rounds 1\n%s%+v", dir, t.Name(), s, plan, plan.Phases)
		switch {
		case err != nil:
			t.Errorf("seed %d: %v\n%s", s, err, replay)
			continue
		case !o.Good():
			t.Errorf("%s\n%s\n%s", o.Line(), o.Details(), replay)
		default:
			fmt.Println(o.Line())
			if err := os.RemoveAll(dir); err != nil {
				t.Error(err)
			}
		}
		total.Add(o)
	}
	if err := total.Print(os.Stdout); err != nil {
		t.Error(err)
	}
}

// lyingDisk syncs a file once, with its header; later on it says so and does
// not.
type lyingDisk struct{ spool.FS }

func (l lyingDisk) Open(path string, mode spool.Mode) (spool.File, error) {
	f, err := l.FS.Open(path, mode)
	return &lyingFile{File: f}, err
}

type lyingFile struct {
	spool.File
	once atomic.Bool
}

func (f *lyingFile) Sync() error {
	if f.once.Swap(true) {
		return nil
	}
	return f.File.Sync()
}

// If rounds found nothing on a disk that lies about Sync, they would not find a
// spool either that acknowledges too early.
func TestADiskThatLiesAboutSyncIsFoundOut(t *testing.T) {
	target := enginetest.Migrated(t)
	plan := faulttest.NewDiskPlan(4_000_000_001)
	plan.Over = func(fs spool.FS) spool.FS { return lyingDisk{fs} }
	plan.Batch.WaitPercent = 0
	plan.Phases = []faulttest.Phase{{For: 500 * time.Millisecond, Ending: faulttest.PowerLoss}, {For: 500 * time.Millisecond, Ending: faulttest.PowerLoss}}
	o, err := faulttest.DiskRound(t.Context(), target, t.TempDir(), plan)
	if err != nil {
		t.Fatal(err)
	}
	if o.Lost == 0 {
		t.Errorf("nothing of %d acknowledged ids was found to be lost: %s", o.Acknowledged, o.Line())
	}
}
