//go:build !linux

package spool

import (
	"errors"
	"os"
)

// syncData syncs the whole file; on macOS that empties the disk's cache too.
func syncData(f *os.File) error { return f.Sync() }

func reserve(*os.File, int64) error { return errors.ErrUnsupported }
