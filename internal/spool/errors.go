package spool

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

var (
	// ErrFull says that the spool may take no more disk: MaxBytes or MinFree is
	// reached, or the disk itself is full. It ends when loaded segments are
	// released, or when somebody frees disk.
	ErrFull = errors.New("the spool has reached its limit of disk")
	// ErrClosed says that Close was called.
	ErrClosed = errors.New("the spool is closed")
	// ErrTooLarge says that a unit exceeds Options.MaxGroupBytes.
	ErrTooLarge = errors.New("the records are larger than a group may be")
	// ErrInvalid says that a record has no rows or no bytes, or that there is no
	// record.
	ErrInvalid = errors.New("a unit needs a record, and a record rows and bytes")
	// ErrBroken says that the disk takes no segment at the moment. The spool tries
	// again by itself, with growing pauses.
	ErrBroken = errors.New("the spool cannot write to its disk")
	// ErrInUse says that another process has the folder open.
	ErrInUse = errors.New("the spool's folder is in use")
	// ErrVersion says that a newer program wrote the folder.
	ErrVersion = errors.New("the spool was written by a newer version")
	// ErrNoHeader says that there are segments, but no header of them is whole, so
	// that no frame can be told from garbage.
	ErrNoHeader = errors.New("no segment of the spool has a readable header")
)

// failure is what the tickets of a failed group say.
func failure(cause error) error {
	if errors.Is(cause, ErrFull) || errors.Is(cause, ErrBroken) {
		return cause
	}
	if errors.Is(cause, unix.ENOSPC) || errors.Is(cause, unix.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, cause)
	}
	return fmt.Errorf("%w: %w", ErrBroken, cause)
}
