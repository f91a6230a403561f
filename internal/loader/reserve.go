package loader

import (
	"errors"
	"os"
	"syscall"

	"ibarura/internal/spool"
)

// reserveBytes is the disk that a journal keeps for itself: several times what
// it takes while it is written anew.
const reserveBytes = 1 << 20

// reserve is a file whose disk the journal takes when there is no other. What
// the loader loads is what makes room in the spool, and it cannot load what it
// cannot write down: without a reserve a full disk would stay full.
type reserve struct{ path string }

// hold takes the disk, if it can be had. Without it a full disk needs an operator.
func (r reserve) hold() {
	if _, err := os.Stat(r.path); err == nil {
		return
	}
	disk := spool.OS{}
	file, err := disk.Open(r.path, spool.Create)
	if err != nil {
		return
	}
	if err := errors.Join(file.Allocate(reserveBytes), file.Close()); err != nil {
		_ = disk.Remove(r.path)
	}
}

// release gives the disk back and reports whether there was any, if err says
// that it is full.
func (r reserve) release(err error) bool {
	if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
		return false
	}
	return os.Remove(r.path) == nil
}
