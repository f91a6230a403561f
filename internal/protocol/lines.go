package protocol

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"ibarura/internal/event"
	"ibarura/internal/protocol/strictjson"
)

// DecodeEventLines hands the events in r, one JSON object a line, to sink as
// they are read. The stream may be of any length; memory is bounded by the
// limit on one item, and a longer line is rejected by its index while reading
// goes on. Indexes count every line from 0, blank ones (which are skipped)
// included, so that index+1 is the line number that an editor shows. Lines end
// with LF or CRLF, the last one also with the end of r; a byte order mark
// before the first is ignored.
//
// An error of r is returned wrapped; the lines before it have been handed on,
// an unfinished last line has not.
func DecodeEventLines(r io.Reader, lim *event.Limits, sink EventSink) error {
	d := takeEventDecoder(lim, sink)
	defer d.release()
	return decodeLines(r, d)
}

// DecodePageViewLines is to page views what DecodeEventLines is to events.
func DecodePageViewLines(r io.Reader, lim *event.Limits, sink PageViewSink) error {
	d := takePageDecoder(lim, sink)
	defer d.release()
	return decodeLines(r, d)
}

func decodeLines(r io.Reader, d itemDecoder) error {
	lines := takeLineReader(r, d.input().lim.MaxItemBytes)
	defer lines.release()
	for index := 0; ; index++ {
		line, tooLong, err := lines.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", index, err)
		}
		if index == 0 {
			line = bytes.TrimPrefix(line, byteOrderMark)
		}
		if err := decodeLine(line, tooLong, index, d); err != nil {
			return err
		}
	}
}

func decodeLine(line []byte, tooLong bool, index int, d itemDecoder) error {
	if tooLong {
		return d.reject(index, tooLarge(d.input().lim))
	}
	if len(bytes.TrimSpace(line)) == 0 {
		return nil
	}
	if err := strictjson.Check(line); err != nil {
		return d.reject(index, event.Reject(syntaxCode(err), "", "the line is not JSON: %s", err))
	}
	d.input().open(line)
	return decodeItem(d, index)
}

// lineReader cuts a stream into lines of up to limit bytes.
type lineReader struct {
	source io.Reader
	in     *bufio.Reader // on source; a large one once that much has passed
	passed int64         // bytes of lines
	limit  int
	long   []byte // a line that did not fit in the buffer of in
}

// A stream begins with a small buffer, since a slow one may send little for
// hours, and gets a large one when it has sent as much as that holds.
const (
	firstLineBuffer = 4 << 10
	lineBuffer      = 64 << 10
)

var firstBuffers, lineBuffers = bufferPool(firstLineBuffer), bufferPool(lineBuffer)

func bufferPool(size int) *sync.Pool {
	return &sync.Pool{New: func() any { return bufio.NewReaderSize(nil, size) }}
}

// LineMemory is about what decoding a stream of lines holds in memory, in
// bytes, when so many bytes have passed, and so many came of a line that has not
// ended and of which no more than limit is kept.
func LineMemory(passed int64, unfinished, limit int) int64 {
	buffer := firstLineBuffer
	if passed >= lineBuffer {
		buffer = lineBuffer
	}
	if unfinished <= buffer {
		return int64(buffer)
	}
	pieces := (min(unfinished, limit) + buffer - 1) / buffer
	return int64(buffer + 2*pieces*buffer) // gathered in memory that grows by doubling
}

func takeLineReader(r io.Reader, limit int) *lineReader {
	l := &lineReader{source: r, in: firstBuffers.Get().(*bufio.Reader), limit: limit}
	l.in.Reset(r)
	return l
}

func (l *lineReader) release() {
	l.in.Reset(nil)
	if l.in.Size() == lineBuffer {
		lineBuffers.Put(l.in)
	} else {
		firstBuffers.Put(l.in)
	}
}

// widen goes on with a large buffer.
func (l *lineReader) widen() {
	rest, _ := l.in.Peek(l.in.Buffered())
	large := lineBuffers.Get().(*bufio.Reader)
	large.Reset(io.MultiReader(bytes.NewReader(bytes.Clone(rest)), l.source))
	small := l.in
	l.in = large
	small.Reset(nil)
	firstBuffers.Put(small)
}

// next returns the next line without its line ending, valid until the next
// call, or io.EOF after the last one. tooLong tells that the line was longer
// than the limit and has been passed over.
func (l *lineReader) next() (line []byte, tooLong bool, err error) {
	if cap(l.long) > lineBuffer {
		l.long = nil
	}
	if l.passed >= lineBuffer && l.in.Size() == firstLineBuffer {
		l.widen()
	}
	line, err = l.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.collect(line)
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	l.passed += int64(len(line))
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	return line, len(line) > l.limit, err
}

// collect reads a line that began with first up to its end, keeping no more of
// it than shows that it is too long.
func (l *lineReader) collect(first []byte) (line []byte, err error) {
	l.long = append(l.long[:0], first...)
	for {
		var more []byte
		more, err = l.in.ReadSlice('\n')
		if room := l.limit + len("\r\n") + 1 - len(l.long); room > 0 {
			l.long = append(l.long, more[:min(room, len(more))]...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.long, err
		}
	}
}
