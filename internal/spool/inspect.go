package spool

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// ErrEmpty says that a folder holds no segment.
var ErrEmpty = errors.New("there is no spool here")

// Inspect reads a whole spool, changes nothing, and takes no lock: a running
// process may write meanwhile. It calls each for every record, in order; nil:
// for none. It returns ErrEmpty, ErrVersion, ErrNoHeader, the error of ctx or
// of each, or one of the disk.
func Inspect(ctx context.Context, files FS, dir string, each func(RecordReport) error) (*Report, error) {
	if files == nil {
		files = OS{}
	}
	names, err := files.List(dir)
	if err != nil {
		return nil, err
	}
	found, err := findSegments(files, dir, names)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %s has no file %s", ErrEmpty, dir, "*"+segmentEnding)
	}
	h, err := newestHeader(found)
	if err != nil {
		return nil, err
	}
	i := inspection{files: files, walker: walker{seed: seedOf(h.id)}, each: each, Report: Report{
		Format: FormatNumber, ID: hex.EncodeToString(h.id[:]), Number: h.number, First: found[0].first,
		Segments: []SegmentReport{}, Tables: []TableReport{}, Corrupt: []CorruptPlace{}, SetAside: []string{}, // JSON has lists for them
	}}
	for _, name := range names {
		if strings.HasPrefix(name, asidePrefix) {
			i.SetAside = append(i.SetAside, name)
		}
	}
	slices.Sort(i.SetAside)
	return i.run(ctx, found)
}

// inspection is a Report in the making.
type inspection struct {
	Report

	files  FS
	walker walker
	each   func(RecordReport) error
}

func (i *inspection) run(ctx context.Context, found []foundSegment) (*Report, error) {
	for n := range found {
		var next *foundSegment
		if n+1 < len(found) {
			next = &found[n+1]
		}
		err := i.segment(ctx, &found[n], next)
		if errors.Is(err, fs.ErrNotExist) {
			continue // loaded and removed meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", found[n].path, err)
		}
	}
	return &i.Report, nil
}

func (i *inspection) segment(ctx context.Context, f, next *foundSegment) error {
	file, err := i.files.Open(f.path, Read)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := i.measure(file, f, next); err != nil {
		return err
	}
	r := SegmentReport{File: filepath.Base(f.path), First: f.first, End: f.end, Bytes: f.size}
	if f.whole {
		created := f.header.created.UTC()
		r.Created = &created
	}
	if err := i.walker.open(file, f.first, f.end); err != nil {
		return err
	}
	if err := i.walk(ctx, &r); err != nil {
		return err
	}
	i.End = f.end
	i.Groups += r.Groups
	i.DiskBytes += r.Bytes
	i.Segments = append(i.Segments, r)
	return nil
}

// measure finds a segment's end as the next start would.
func (i *inspection) measure(file File, f, next *foundSegment) error {
	limit := ^LSN(0)
	if next != nil {
		var told bool
		if f.end, told = f.endBy(next); told {
			return nil
		}
		limit = next.first
	}
	if err := i.walker.openAll(file, f.first, limit); err != nil {
		return err
	}
	t, err := walkToEnd(&i.walker, f.first)
	if err != nil {
		return err
	}
	f.end = t.end
	if next != nil {
		return nil
	}
	f.end = t.whole()
	last, err := i.walker.lastByte(f.end)
	i.TailBytes = int64(last - f.end)
	return err
}

func (i *inspection) walk(ctx context.Context, r *SegmentReport) error {
	for at := r.First; at < r.End; {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := i.walker.next(at)
		if err != nil {
			return err
		}
		if !p.damaged && p.kind == recordFrame {
			i.walker.payload(&p)
		}
		switch {
		case p.damaged:
			i.addCorrupt(r, p.from, p.to)
		case p.kind == commitFrame:
			r.Groups++
		default:
			if err := i.tell(i.addRecord(r, &p)); err != nil {
				return err
			}
		}
		at = p.to
	}
	return nil
}

func (i *inspection) tell(r RecordReport) error {
	if i.each == nil {
		return nil
	}
	return i.each(r)
}
