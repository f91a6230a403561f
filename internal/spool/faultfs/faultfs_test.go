package faultfs_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"ibarura/internal/spool"
	"ibarura/internal/spool/faultfs"
)

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, disk spool.FS, path string) []byte {
	t.Helper()
	file := must[spool.File](t)(disk.Open(path, spool.Read))
	defer file.Close()
	b := make([]byte, 10_000)
	n, err := file.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return b[:n]
}

// systems are the file systems that faults are put upon.
func systems(t *testing.T) map[string]spool.FS {
	return map[string]spool.FS{"disk": spool.OS{}, "memory": faultfs.NewMemory()}
}

func TestPowerLossKeepsWhatWasSyncedAndTearsTheRestAtSectors(t *testing.T) {
	for name, inner := range systems(t) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			outcomes := map[int]bool{} // by the sectors of the second write that survived
			for seed := range uint64(60) {
				disk := faultfs.New(inner, seed)
				path := filepath.Join(dir, "file")
				file := must[spool.File](t)(disk.Open(path, spool.Create))
				check(t, file.Allocate(4096))
				must[int](t)(file.WriteAt(bytes.Repeat([]byte{1}, 1024), 0))
				check(t, file.Sync())
				check(t, disk.Sync(dir))
				must[int](t)(file.WriteAt(bytes.Repeat([]byte{2}, 2048), 1024))
				check(t, disk.PowerLoss())
				if _, err := file.WriteAt([]byte{3}, 0); !errors.Is(err, faultfs.ErrPowerOff) {
					t.Fatalf("a write without power: %v", err)
				}
				check(t, file.Close())
				disk.PowerOn()
				got := content(t, disk, path)
				if len(got) != 4096 || !bytes.Equal(got[:1024], bytes.Repeat([]byte{1}, 1024)) {
					t.Fatalf("what was synced is lost: %d bytes", len(got))
				}
				outcomes[sectors(t, got[1024:3072])] = true
			}
			if len(outcomes) < 4 || !outcomes[0] || !outcomes[4] {
				t.Errorf("of four sectors there survived only %v", outcomes)
			}
		})
	}
}

// sectors counts the sectors that were written, and wants each whole.
func sectors(t *testing.T, b []byte) int {
	t.Helper()
	n := 0
	for sector := range slices.Chunk(b, 512) {
		switch {
		case bytes.Equal(sector, bytes.Repeat([]byte{2}, 512)):
			n++
		case !bytes.Equal(sector, make([]byte, 512)):
			t.Fatal("a sector is torn")
		}
	}
	return n
}

func TestPowerLossTakesNamesBackThatWereNotSynced(t *testing.T) {
	for name, inner := range systems(t) {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for seed := range uint64(60) {
				disk, dir := faultfs.New(inner, seed), t.TempDir()
				for _, name := range []string{"kept", "removed"} {
					check(t, must[spool.File](t)(disk.Open(filepath.Join(dir, name), spool.Create)).Close())
				}
				check(t, disk.Sync(dir))
				check(t, disk.Remove(filepath.Join(dir, "removed")))
				check(t, must[spool.File](t)(disk.Open(filepath.Join(dir, "new"), spool.Create)).Close())
				check(t, disk.Rename(filepath.Join(dir, "new"), filepath.Join(dir, "named")))
				check(t, disk.PowerLoss())
				disk.PowerOn()
				names := must[[]string](t)(disk.List(dir))
				slices.Sort(names)
				seen[filepath.Join(names...)] = true
			}
			for _, want := range []string{"kept/removed", "kept", "kept/new", "kept/named"} {
				if !seen[want] {
					t.Errorf("%s never was what survived", want)
				}
			}
			if len(seen) != 4 {
				t.Errorf("there survived %v", seen)
			}
		})
	}
}

func TestCrashKeepsEverythingAndALaterPowerLossDoesNot(t *testing.T) {
	lost := false
	for seed := range uint64(20) {
		disk, path := faultfs.New(faultfs.NewMemory(), seed), "dir/file"
		file := must[spool.File](t)(disk.Open(path, spool.Create))
		check(t, disk.Sync("dir"))
		must[int](t)(file.WriteAt([]byte("text"), 0))
		disk.Crash()
		if _, err := disk.List("dir"); !errors.Is(err, faultfs.ErrPowerOff) {
			t.Fatalf("after a crash: %v", err)
		}
		disk.PowerOn()
		if got := content(t, disk, path); string(got) != "text" {
			t.Fatalf("a crash lost what was written: %q", got)
		}
		check(t, disk.PowerLoss())
		disk.PowerOn()
		lost = lost || string(content(t, disk, path)) != "text"
	}
	if !lost {
		t.Error("what was never synced survived every loss of power")
	}
}

func TestFaultsAreWhatTheHookSays(t *testing.T) {
	disk := faultfs.New(faultfs.NewMemory(), 1)
	file := must[spool.File](t)(disk.Open("dir/file", spool.Create))
	var ops []faultfs.Op
	disk.SetHook(func(op faultfs.Op) faultfs.Fault {
		ops = append(ops, op)
		switch op.Kind {
		case faultfs.WriteAt:
			return faultfs.Fault{Err: unix.EIO, Short: 2}
		case faultfs.Free:
			return faultfs.Fault{Free: 42}
		default:
			return faultfs.Fault{}
		}
	})
	n, err := file.WriteAt([]byte("text"), 0)
	if n != 2 || !errors.Is(err, unix.EIO) {
		t.Errorf("a short write: %d, %v", n, err)
	}
	if free, err := disk.Free("dir"); free != 42 || err != nil {
		t.Errorf("free: %d, %v", free, err)
	}
	if want := (faultfs.Op{Kind: faultfs.WriteAt, Path: "dir/file", Size: 4, Count: 1}); ops[0] != want {
		t.Errorf("the hook was asked about %+v, want %+v", ops[0], want)
	}
	disk.SetHook(nil)
	if got := content(t, disk, "dir/file"); string(got) != "te" {
		t.Errorf("a short write left %q", got)
	}
	check(t, disk.FlipBit("dir/file", 8))
	if got := content(t, disk, "dir/file"); string(got) != "td" {
		t.Errorf("a bit was flipped: %q", got)
	}
	if _, err := disk.Open("dir/absent", spool.Read); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
}

func TestSameSeedDrawsTheSameFaults(t *testing.T) {
	draw := func(seed uint64) (faults []bool) {
		hook := faultfs.Random(seed, faultfs.Rates{Write: .5})
		for range 64 {
			faults = append(faults, hook(faultfs.Op{Kind: faultfs.WriteAt, Size: 10}).Err != nil)
		}
		return faults
	}
	if !slices.Equal(draw(7), draw(7)) || slices.Equal(draw(7), draw(8)) {
		t.Error("faults do not follow from the seed")
	}
}
