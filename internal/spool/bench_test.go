package spool_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"ibarura/internal/spool"
)

// chunkRows is what a request of a usual client carries.
const chunkRows = 500

// chunks returns community events as the loader's columns hold them: text after
// text, each with its length, a column at a time, with 56 bytes a row of ids,
// times and hashes in columns of their own.
func chunks(tb testing.TB, rows int) [][]byte {
	tb.Helper()
	var all [][]byte
	events := communityEvents(tb)
	for len(events) >= rows {
		all = append(all, columns(events[:rows]))
		events = events[rows:]
	}
	return all
}

func communityEvents(tb testing.TB) []map[string]any {
	tb.Helper()
	file, err := os.Open("../../testdata/community.ndjson.gz")
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		tb.Fatal(err)
	}
	var events []map[string]any
	for dec := json.NewDecoder(unpacked); len(events) < 20_000; {
		var e map[string]any
		if err := dec.Decode(&e); err == io.EOF {
			break
		} else if err != nil {
			tb.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

func columns(events []map[string]any) []byte {
	var out []byte
	for _, name := range []string{"id", "type", "user_id", "anonymous_id", "session_id", "user_role", "object_type", "object_id"} {
		for _, e := range events {
			text, _ := e[name].(string)
			out = append(out, byte(len(text)))
			out = append(out, text...)
		}
	}
	for _, e := range events {
		text, _ := json.Marshal(e["properties"])
		out = append(append(out, byte(len(text))), text...)
	}
	for i := range events {
		hash := uint64(i+1) * 0x9e3779b97f4a7c15
		for _, n := range []uint64{hash, 1_700_000_000_000 + uint64(i), 1_700_000_000_000, uint64(i), hash >> 1, 0, 20_000} {
			out = append(out, byte(n), byte(n>>8), byte(n>>16), byte(n>>24), byte(n>>32), byte(n>>40), byte(n>>48), byte(n>>56))
		}
	}
	return out
}

// BenchmarkCompression compares what packing a record costs and saves.
func BenchmarkCompression(b *testing.B) {
	all := chunks(b, chunkRows)
	fast, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		b.Fatal(err)
	}
	unzstd, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name         string
		pack, unpack func(dst, src []byte) []byte
	}{
		{"copy", func(dst, src []byte) []byte { return append(dst[:0], src...) }, func(dst, src []byte) []byte { return append(dst[:0], src...) }},
		{"s2", s2.Encode, func(dst, src []byte) []byte { out, _ := s2.Decode(dst, src); return out }},
		{"zstd", func(dst, src []byte) []byte { return fast.EncodeAll(src, dst[:0]) }, func(dst, src []byte) []byte { out, _ := unzstd.DecodeAll(src, dst[:0]); return out }},
	} {
		var packed [][]byte
		var raw, stored int
		for _, chunk := range all {
			packed = append(packed, bytes.Clone(c.pack(make([]byte, s2.MaxEncodedLen(len(chunk))), chunk)))
			raw += len(chunk)
			stored += len(packed[len(packed)-1])
		}
		run := func(from [][]byte, do func(dst, src []byte) []byte) func(*testing.B) {
			return func(b *testing.B) {
				dst := make([]byte, 1<<20)
				for i := 0; b.Loop(); i++ {
					dst = do(dst[:cap(dst)], from[i%len(from)])
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/chunkRows, "ns/row")
				b.ReportMetric(float64(raw)/float64(stored), "ratio")
			}
		}
		b.Run(c.name+"/pack", run(all, c.pack))
		b.Run(c.name+"/unpack", run(packed, c.unpack))
	}
}

// BenchmarkAppend appends chunks of 500 rows, from so many callers who each wait
// for their unit. The folder is IBARURA_BENCH_DIR if it is set.
func BenchmarkAppend(b *testing.B) {
	for _, policy := range []struct {
		name string
		spool.Policy
		spool.Compression
	}{{"fsync", spool.AckFsync, spool.None}, {"fsync-s2", spool.AckFsync, spool.S2}, {"write", spool.AckWrite, spool.None}} {
		for _, rows := range []int{1, chunkRows} {
			for _, callers := range []int{1, 8, 64} {
				b.Run(policy.name+"/rows="+strconv.Itoa(rows)+"/callers="+strconv.Itoa(callers), func(b *testing.B) {
					o := benchOptions(b)
					o.Policy, o.Compression = policy.Policy, policy.Compression
					benchAppend(b, o, chunks(b, rows), rows, callers)
				})
			}
		}
	}
}

func benchOptions(b *testing.B) spool.Options {
	dir := os.Getenv("IBARURA_BENCH_DIR")
	if dir == "" {
		return spool.Options{Dir: b.TempDir()}
	}
	dir, err := os.MkdirTemp(dir, "spool")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	return spool.Options{Dir: dir}
}

func benchAppend(b *testing.B, o spool.Options, all [][]byte, rows, callers int) {
	s := opened(b, o)
	go func() { // a loader that is always up to date
		var at spool.LSN
		for {
			next, err := s.AwaitBeyond(b.Context(), at)
			if err != nil {
				return
			}
			s.Release(next)
			at = next
		}
	}()
	work := make(chan int)
	var ends sync.WaitGroup
	for range callers {
		ends.Go(func() {
			for i := range work {
				ticket, err := s.Append(b.Context(), []spool.Record{{Table: 1, Month: 600, Rows: uint32(rows), Data: all[i%len(all)]}})
				if err == nil {
					err = ticket.Wait(b.Context())
				}
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		work <- i
	}
	close(work)
	ends.Wait()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
}

// BenchmarkRead reads a log of chunks of 500 rows.
func BenchmarkRead(b *testing.B) {
	for _, c := range []spool.Compression{spool.None, spool.S2} {
		b.Run(c.String(), func(b *testing.B) {
			o := benchOptions(b)
			o.Compression = c
			s := opened(b, o)
			size := written(b, s)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Read(0, func(spool.Entry) bool { return true }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// written appends all chunks several times and returns their size.
func written(b *testing.B, s *spool.Spool) (size int64) {
	b.Helper()
	all := chunks(b, chunkRows)
	for i := range 8 * len(all) {
		data := all[i%len(all)]
		ticket, err := s.Append(b.Context(), []spool.Record{{Table: 1, Rows: chunkRows, Data: data}})
		if err != nil {
			b.Fatal(err)
		}
		if err := ticket.Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
		size += int64(len(data))
	}
	return size
}

// BenchmarkRecovery opens a log whose newest segment is full and was not closed.
func BenchmarkRecovery(b *testing.B) {
	o := benchOptions(b)
	s := opened(b, o)
	size := written(b, s)
	closed(b, s)
	b.SetBytes(size)
	for b.Loop() {
		s := opened(b, o)
		b.StopTimer()
		closed(b, s)
		files, err := filepath.Glob(filepath.Join(o.Dir, "*.seg"))
		if err != nil {
			b.Fatal(err)
		}
		for _, begun := range files[1:] { // or the next start would have an empty segment to walk through
			if err := os.Remove(begun); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
	}
}
