package faulttest_test

import (
	"fmt"
	"os"
	"testing"

	"ibarura/internal/enginetest"
	"ibarura/internal/faulttest"
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
