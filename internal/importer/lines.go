package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lineReader cuts a text into lines of up to limit bytes. It keeps no more of a
// longer one than shows that it is too long.
type lineReader struct {
	in     *bufio.Reader
	limit  int
	number int    // of the line returned last, from 1
	long   []byte // a line that did not fit in the buffer of in
}

// byteOrderMark precedes the text that some Windows programs write.
var byteOrderMark = []byte("\uFEFF")

// next returns the next line without its line ending, valid until the next
// call, or io.EOF after the last one. If reading fails, what there is of the
// line is not returned: it may be half of one.
func (l *lineReader) next() (line []byte, tooLong bool, err error) {
	line, err = l.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = l.collect(line)
	}
	if errors.Is(err, io.EOF) && len(line) > 0 {
		err = nil
	}
	if err != nil {
		if !errors.Is(err, io.EOF) {
			err = fmt.Errorf("read line %d: %w", l.number+1, err)
		}
		return nil, false, err
	}
	if l.number == 0 {
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	l.number++
	line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	return line, len(line) > l.limit, nil
}

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
