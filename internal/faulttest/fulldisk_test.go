package faulttest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// A full disk is more than a limit that is reached: whatever serve writes
// fails, its journal too, and it is killed and started again in that state.
// Without the right to mount a disk, a limit stands for its end.
func TestAFullDiskIsAnswered503AndNothingAcknowledgedIsLost(t *testing.T) {
	disk := t.TempDir()
	setup := calm
	setup.SegmentBytes, setup.Grace = 256<<10, 0
	setup.Extra = []string{"--spool.dir=" + filepath.Join(disk, "spool"), "--spool.min-free=0"}
	if !mountedSmall(t, disk) {
		setup.MaxBytes = 4 << 20
	}
	s := start(t, true)
	s.restart(setup)
	s.fillUp(s.rig.Proxy().Refuse, func() {
		rest := fillRest(t, disk, setup.MaxBytes)
		s.rig.Kill()
		s.rig.Proxy().Admit()
		s.serve(setup)
		s.acknowledged(s.batch(500)) // what is loaded makes room
		s.rig.Proxy().CutNow()
		s.restart(setup)
		if err := os.Remove(rest); err != nil {
			t.Error(err)
		}
	})
	if err := s.rig.Stop(); err != nil {
		t.Error(err)
	}
}

// mountedSmall mounts a disk of 4 MiB, if it may.
func mountedSmall(t *testing.T, dir string) bool {
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Logf("nothing can be mounted here, a limit stands for it: %v: %s", err, out)
		return false
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	return true
}

// fillRest takes what is left of a disk, or so many bytes.
func fillRest(t *testing.T, disk string, atMost int64) string {
	t.Helper()
	rest := filepath.Join(disk, "rest")
	f, err := os.Create(rest)
	if err != nil {
		t.Fatal(err)
	}
	piece := make([]byte, 1<<10)
	for written := int64(0); written < min(atMost, 16<<20); written += int64(len(piece)) {
		if _, err = f.Write(piece); err != nil {
			break
		}
	}
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return rest
}
