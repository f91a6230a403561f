package spool_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ibarura/internal/spool"
	"ibarura/internal/spool/faultfs"
)

const headerBlock = 4096 // of a segment, before its first frame

// goldenFrame is where a frame stands in the golden log.
type goldenFrame struct {
	file     string
	from, to int // in the file
	commit   bool
	at       spool.LSN
}

// goldenFrames finds the frames of the golden log by their lengths.
func goldenFrames(t testing.TB, files map[string][]byte) []goldenFrame {
	t.Helper()
	var frames []goldenFrame
	for _, name := range slices.Sorted(maps.Keys(files)) {
		data := files[name]
		first := binary.LittleEndian.Uint64(data[40:])
		for at := headerBlock; at+64 <= len(data) && string(data[at:at+4]) == "IFRM"; {
			stored := int(binary.LittleEndian.Uint32(data[at+24:]))
			f := goldenFrame{file: name, from: at, to: at + 64 + (stored+7)/8*8, commit: data[at+8] == 2}
			f.at = spool.LSN(first) + spool.LSN(at-headerBlock)
			frames = append(frames, f)
			at = f.to
		}
	}
	return frames
}

// harm changes the files as the bytes say: each eight of them name a file, a
// place, a way and a length.
func harm(files map[string][]byte, how []byte) map[string][]byte {
	harmed := map[string][]byte{}
	for name, data := range files {
		harmed[name] = bytes.Clone(data)
	}
	names := slices.Sorted(maps.Keys(files))
	for ; len(how) >= 8; how = how[8:] {
		name := names[int(how[0])%len(names)]
		data := harmed[name]
		if len(data) == 0 {
			continue
		}
		at := int(binary.LittleEndian.Uint16(how[1:])) % min(len(data), 6000)
		n := min(1+int(binary.LittleEndian.Uint16(how[3:])%1024), len(data)-at)
		switch how[5] % 5 {
		case 0:
			data[at] ^= 1 << (how[6] % 8)
		case 1:
			clear(data[at : at+n])
		case 2:
			from := int(how[6]) * 8 % len(data)
			copy(data[at:at+n], bytes.Clone(data[from:]))
		case 3:
			for i := range data[at : at+n] {
				data[at+i] = how[6] + how[7]*byte(i)
			}
		case 4:
			harmed[name] = data[:at]
		}
	}
	return harmed
}

// untouched reports whether the bytes of a frame are as they were.
func (f *goldenFrame) untouched(was, is map[string][]byte) bool {
	now := is[f.file]
	return f.to <= len(now) && bytes.Equal(was[f.file][f.from:f.to], now[f.from:f.to])
}

// due says of each record of the golden log whether it has to be read: its bytes
// and the commit frame of its group are untouched. A last group with nothing
// behind it may be gone as a whole if any of it is touched.
func due(frames []goldenFrame, was, is map[string][]byte) map[spool.LSN]bool {
	must := map[spool.LSN]bool{}
	newest := frames[len(frames)-1].file
	behind := false // whether a frame's header stands behind the group, in the newest segment
	for end := len(frames); end > 0; {
		begin := end - 1
		for begin > 0 && !frames[begin-1].commit {
			begin--
		}
		group := frames[begin:end]
		whole := true
		for i := range group {
			whole = whole && group[i].untouched(was, is)
		}
		commit := &group[len(group)-1]
		exempt := commit.file == newest && !behind && !whole
		for i := range group[:len(group)-1] {
			must[group[i].at] = group[i].untouched(was, is) && commit.untouched(was, is) && !exempt
		}
		for i := range group {
			f := group[i]
			f.to = f.from + 64
			behind = behind || f.file == newest && f.untouched(was, is)
		}
		end = begin
	}
	return must
}

// headers reports whether a segment with an untouched header is left, and
// whether all segments have one.
func headers(was, is map[string][]byte) (some, all bool) {
	all = true
	for name, data := range is {
		whole := false
		for _, at := range []int{0, 2048} {
			whole = whole || len(data) >= at+128 && bytes.Equal(was[name][at:at+128], data[at:at+128])
		}
		some, all = some || whole, all && whole
	}
	return some, all
}

func FuzzEveryUntouchedRecordIsReadAndNothingElse(f *testing.F) {
	files := goldenFiles(f)
	frames := goldenFrames(f, files)
	flip := func(file byte, at uint16) []byte { return []byte{file, byte(at), byte(at >> 8), 0, 0, 0, 3, 0} }
	f.Add([]byte{})
	f.Add(flip(0, headerBlock))                                                  // header of a frame
	f.Add(flip(1, headerBlock+70))                                               // payload
	f.Add(flip(2, headerBlock+448))                                              // in the last group
	f.Add(append(flip(1, 20), flip(1, 2060)...))                                 // both copies of a header
	f.Add([]byte{1, 0, 16, 0, 1, 1, 0, 0})                                       // 257 zeros
	f.Add([]byte{0, 0, 16, 0, 0, 4, 0, 0})                                       // a sealed segment cut
	f.Add([]byte{2, 0x40, 0x11, 0, 2, 2, 0, 0})                                  // the header of the file among the frames
	f.Add(append([]byte{2, 0x40, 0x11, 0, 2, 3, 1, 7}, flip(2, headerBlock)...)) // noise
	original := original(f, files)
	f.Fuzz(func(t *testing.T, how []byte) {
		if len(how) > 8*8 {
			return
		}
		harmed := harm(files, how)
		must := due(frames, files, harmed)
		dir := t.TempDir()
		disk := inMemory(t, dir, harmed)
		s, err := spool.Open(t.Context(), spool.Options{Dir: dir, FS: disk, SegmentBytes: 64 << 10})
		if some, _ := headers(files, harmed); err != nil {
			if some || !errors.Is(err, spool.ErrNoHeader) {
				t.Fatal(err)
			}
			return
		}
		defer closed(t, s)
		add(t, s, "new")
		got := all(t, s)
		if n := len(got); string(got[n-1].Data) != "new" {
			t.Fatalf("the record that was appended is not the last one read, but %q", got[n-1].Data)
		}
		checkHarmed(t, got[:len(got)-1], original, must)
	})
}

// inMemory puts files into a folder in memory.
func inMemory(t testing.TB, dir string, files map[string][]byte) spool.FS {
	t.Helper()
	disk := faultfs.NewMemory()
	for name, data := range files {
		file, err := disk.Open(filepath.Join(dir, name), spool.Create)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt(data, 0); err != nil {
			t.Fatal(err)
		}
	}
	return disk
}

// checkHarmed compares what was read of a harmed log with what is due.
func checkHarmed(t *testing.T, got []spool.Entry, original map[spool.LSN]spool.Entry, must map[spool.LSN]bool) {
	t.Helper()
	read := map[spool.LSN]bool{}
	var last spool.LSN
	for _, e := range got {
		was, is := original[e.At]
		if !is || !bytes.Equal(was.Data, e.Data) || was.Seq != e.Seq || was.Rows != e.Rows || was.Month != e.Month {
			t.Fatalf("read %d rows with number %d at %d, which were never written there", e.Rows, e.Seq, e.At)
		}
		if read[e.At] || e.At < last {
			t.Fatalf("the record at %d was read twice or out of order", e.At)
		}
		read[e.At], last = true, e.At
	}
	for at, due := range must {
		if due && !read[at] {
			t.Fatalf("the record at %d is untouched, and was not read", at)
		}
	}
}

// all reads all entries, with copies of their data.
func all(t testing.TB, s *spool.Spool) []spool.Entry {
	t.Helper()
	var got []spool.Entry
	if _, err := s.Read(0, func(e spool.Entry) bool {
		e.Data = bytes.Clone(e.Data)
		got = append(got, e)
		return true
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

// original returns the entries of the golden log, by position.
func original(t testing.TB, files map[string][]byte) map[spool.LSN]spool.Entry {
	t.Helper()
	s, err := spool.Open(context.Background(), spool.Options{Dir: unfold(t, files), SegmentBytes: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, s)
	entries := map[spool.LSN]spool.Entry{}
	for _, e := range all(t, s) {
		entries[e.At] = e
	}
	return entries
}

func TestDamageIsSetAsideReportedOnceAndPassedOver(t *testing.T) {
	files := goldenFiles(t)
	frames := goldenFrames(t, files)
	hurt := frames[2] // the first record of the second unit
	hurt.damage(files)
	dir := unfold(t, files)
	for range 2 { // an earlier copy does not prevent another start
		s := opened(t, spool.Options{Dir: dir, SegmentBytes: 64 << 10})
		for range 2 {
			if n := len(all(t, s)); n != len(goldenRecords())-1 {
				t.Errorf("%d records, want all but one of %d", n, len(goldenRecords()))
			}
		}
		closed(t, s)
	}
	copies, _ := filepath.Glob(filepath.Join(dir, "corrupt-*.bin"))
	if len(copies) != 1 {
		t.Fatalf("copies of one damaged place: %q", copies)
	}
	kept, err := os.ReadFile(copies[0])
	if err != nil || !bytes.Equal(kept, files[hurt.file][hurt.from:hurt.to]) {
		t.Errorf("the copy has %d bytes, not those of the place: %v", len(kept), err)
	}
	r, err := spool.Inspect(t.Context(), nil, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := []spool.CorruptPlace{{File: hurt.file, From: hurt.at, To: hurt.at + spool.LSN(hurt.to-hurt.from)}}; !slices.Equal(r.Corrupt, want) {
		t.Errorf("inspect finds %v damaged, want %v", r.Corrupt, want)
	}
	if len(r.SetAside) != 1 {
		t.Errorf("inspect names the copies %q", r.SetAside)
	}
}

// damage changes the last byte of a frame's payload, or of its header if it has
// none.
func (f *goldenFrame) damage(files map[string][]byte) {
	files[f.file][f.from+64] ^= 0x10
}

func TestTornTailIsCutOffBeforeAnythingIsAppended(t *testing.T) {
	files := goldenFiles(t)
	frames := goldenFrames(t, files)
	lastGroup := frames[len(frames)-3:] // two records and a commit frame
	lastGroup[1].damage(files)          // as if one of its sectors had not reached the disk
	dir := unfold(t, files)
	s := opened(t, spool.Options{Dir: dir, SegmentBytes: 64 << 10})
	got := all(t, s)
	if n := len(got); n != len(goldenRecords())-2 {
		t.Errorf("%d records, want those before the torn group", n)
	}
	if info, err := os.Stat(filepath.Join(dir, lastGroup[0].file)); err != nil || info.Size() != int64(lastGroup[0].from) {
		t.Errorf("the segment has %d bytes, want %d: %v", info.Size(), lastGroup[0].from, err)
	}
	ticket := add(t, s, "after")
	if reserved := lastGroup[0].at + 64<<10 - headerBlock; ticket.End() < reserved-spool.LSN(lastGroup[0].from) {
		t.Errorf("the next record is at %d, where the lost ones may have been", ticket.End())
	}
	last := all(t, s)[len(got)]
	if before := got[len(got)-1]; last.Seq < before.Seq+1000 {
		t.Errorf("the next row has number %d, where lost ones may have been", last.Seq)
	}
}

func TestFrameInsideAPayloadIsNotTakenForOne(t *testing.T) {
	dir := t.TempDir()
	o := spool.Options{Dir: dir, SegmentBytes: 64 << 10}
	s := opened(t, o)
	add(t, s, "original")
	closed(t, s)
	path := filepath.Join(dir, "00000000000000000000.seg")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s = opened(t, o)
	add(t, s, string(data[headerBlock:])) // whole frames of this very spool, as a payload
	add(t, s, "after")
	closed(t, s)
	files, _ := filepath.Glob(filepath.Join(dir, "*.seg"))
	carrier, err := os.ReadFile(files[1])
	if err != nil {
		t.Fatal(err)
	}
	carrier[headerBlock+20] ^= 1 // its header is damaged, so that frames are looked for in the payload
	if err := os.WriteFile(files[1], carrier, 0o600); err != nil {
		t.Fatal(err)
	}
	same(t, texts(t, opened(t, o), 0), "original", "after")
}

func TestNewerFormatIsRefusedWithASentence(t *testing.T) {
	files := goldenFiles(t)
	for name, data := range files {
		for _, at := range []int{0, 2048} {
			spool.AsVersion(data[at:at+128], 2)
		}
		files[name] = data
	}
	_, err := spool.Open(t.Context(), spool.Options{Dir: unfold(t, files)})
	if !errors.Is(err, spool.ErrVersion) || !strings.Contains(err.Error(), "format 2, and this program reads 1") {
		t.Errorf("a newer format: %v", err)
	}
}

func TestSegmentsOfTwoSpoolsAreNotMixed(t *testing.T) {
	files := goldenFiles(t)
	names := slices.Sorted(maps.Keys(files))
	for _, at := range []int{0, 2048} {
		spool.AsOther(files[names[0]][at : at+128])
	}
	if _, err := spool.Open(t.Context(), spool.Options{Dir: unfold(t, files)}); err == nil || !strings.Contains(err.Error(), "another spool") {
		t.Errorf("a segment of another spool: %v", err)
	}
}

func TestNoReadableHeaderIsAnErrorAndChangesNothing(t *testing.T) {
	files := goldenFiles(t)
	for _, data := range files {
		clear(data[:headerBlock])
	}
	dir := unfold(t, files)
	if _, err := spool.Open(t.Context(), spool.Options{Dir: dir}); !errors.Is(err, spool.ErrNoHeader) {
		t.Errorf("no header: %v", err)
	}
	for name, data := range files {
		if now, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(now, data) {
			t.Errorf("%s was changed: %v", name, err)
		}
	}
}
