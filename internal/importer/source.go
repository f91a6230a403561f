package importer

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// source is an opened file, decompressed as it is read.
type source struct {
	name   string // for people
	size   int64  // on disk; -1: not known
	stream bool   // not a regular file: it can be read once, and never resumed

	file  *os.File // nil for the standard input
	count *countingReader
	text  *bufio.Reader // decompressed
	close func()        // of the decompressor
}

// peeked is how much of the decompressed beginning is looked at, in bytes.
const peeked = 64 << 10

// maxWindow bounds the decompressor's memory, in bytes; zstd -22 --ultra needs
// so much.
const maxWindow = 128 << 20

func openSource(path string, stdin io.Reader) (*source, error) {
	if path == "-" {
		s := &source{name: "standard input", size: -1, stream: true, close: func() {}}
		return s, s.decompress(stdin)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	s := &source{name: path, size: -1, stream: true, file: file, close: func() {}}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("is a folder")
	}
	if err == nil && info.Mode().IsRegular() {
		s.size, s.stream = info.Size(), false
	}
	if err == nil {
		err = s.decompress(file)
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return s, nil
}

// The first bytes of compressed files.
var (
	gzipMagic = [...]byte{0x1f, 0x8b}
	zstdMagic = [...]byte{0x28, 0xb5, 0x2f, 0xfd}
)

// decompress sets text by what raw begins with, whatever the file is called.
func (s *source) decompress(raw io.Reader) error {
	s.count = &countingReader{in: raw}
	head := bufio.NewReaderSize(s.count, peeked)
	magic, err := head.Peek(len(zstdMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var text io.Reader = head
	switch {
	case len(magic) >= 2 && [2]byte(magic) == gzipMagic:
		z, err := gzip.NewReader(head)
		if err != nil {
			return fmt.Errorf("gzip: %w", err)
		}
		text, s.close = z, func() { _ = z.Close() }
	case len(magic) == 4 && [4]byte(magic) == zstdMagic:
		z, err := zstd.NewReader(head, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return fmt.Errorf("zstd: %w", err)
		}
		text, s.close = z, z.Close
	}
	s.text = bufio.NewReaderSize(text, peeked)
	return nil
}

// read is how many bytes of the file, as it lies on disk, have been read.
func (s *source) read() int64 { return s.count.n.Load() }

// Close may be called while another goroutine reads a stream: that read then
// fails, or its result is not looked at.
func (s *source) Close() {
	if !s.stream {
		s.close()
	}
	if s.file != nil {
		_ = s.file.Close()
	}
}

// countingReader counts what is read through it.
type countingReader struct {
	in io.Reader
	n  atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n.Add(int64(n))
	return n, err
}
