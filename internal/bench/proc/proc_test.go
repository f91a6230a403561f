package proc

import (
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

func TestBusyProcessUsesCPUTime(t *testing.T) {
	before, self := CPU(os.Getpid()), Self()
	for began := time.Now(); time.Since(began) < 100*time.Millisecond; {
		_ = time.Now()
	}
	if CPU(os.Getpid()) <= before || Self() <= self {
		t.Error("no CPU time was counted")
	}
}

func TestChildIsADescendant(t *testing.T) {
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	}()
	if all := Descendants(os.Getpid()); !slices.Contains(all, child.Process.Pid) {
		t.Errorf("%d is not among %v", child.Process.Pid, all)
	}
}

func TestMemoryIsWatched(t *testing.T) {
	w := WatchMemory(os.Getpid())
	time.Sleep(2 * sampleEvery)
	if m := w.Stop(); m.Median < 1e6 || m.Max < m.Median {
		t.Errorf("%+v", m)
	}
}

func TestProcessThatIsGoneCountsNothing(t *testing.T) {
	const nobody = 1 << 30
	if CPU(nobody) != 0 || Resident(nobody) != 0 || len(Descendants(nobody)) != 0 {
		t.Error("a process that is not there uses something")
	}
}
