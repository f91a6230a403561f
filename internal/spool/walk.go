package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// walker goes through the frames of one segment. Its buffers are kept for the
// next one.
type walker struct {
	file     File
	seed     uint32
	first    LSN // position of the first byte after the header block
	end      LSN // no frame reaches beyond
	readable LSN // the file ends here, at or before end

	buf   []byte // bytes of the file from at on
	at    LSN
	plain []byte // an unpacked payload
}

// walkChunk is what is read at once.
const walkChunk = 1 << 20

// place is what the walker found at a position: a whole frame, or bytes up to
// the next one that are none.
type place struct {
	frame
	from, to LSN
	damaged  bool
	stored   []byte // payload as it is on disk, valid until the next step
}

// open points the walker at a segment's file, to go as far as end.
func (w *walker) open(file File, first, end LSN) error {
	size, err := file.Size()
	if err != nil {
		return err
	}
	w.file, w.first, w.end = file, first, end
	w.readable = min(end, first+LSN(max(size-headerBlock, 0)))
	w.buf, w.at = w.buf[:0], first
	return nil
}

// openAll points the walker at all of a segment's file that lies before limit,
// since nothing says where its frames end.
func (w *walker) openAll(file File, first, limit LSN) error {
	err := w.open(file, first, limit)
	w.end = w.readable
	return err
}

// next returns what stands at a position before the end.
func (w *walker) next(at LSN) (place, error) {
	head, err := w.view(at, frameSize)
	if err != nil {
		return place{}, err
	}
	f, whole := parse(head, at, w.seed)
	if !whole || f.end() > w.end {
		to, err := w.search(at + frameAlign)
		return place{from: at, to: to, damaged: true}, err
	}
	p := place{frame: f, from: at, to: f.end()}
	all, err := w.view(at, frameSize+int(f.stored))
	if err != nil {
		return place{}, err
	}
	p.damaged = len(all) < frameSize+int(f.stored)
	if !p.damaged {
		p.stored = all[frameSize:]
		p.damaged = crc32.Checksum(p.stored, castagnoli) != f.crc
	}
	return p, nil
}

// payload unpacks what the walker found; it is valid until the next step. It
// marks the place as damaged if it cannot be unpacked.
func (w *walker) payload(p *place) []byte {
	data, err := p.frame.payload(w.plain, p.stored)
	if err != nil {
		p.damaged = true
		return nil
	}
	if p.codec != None {
		w.plain = data[:cap(data)]
	}
	return data
}

// search returns the next position at which a whole header stands, or the end.
func (w *walker) search(from LSN) (LSN, error) {
	var magic [4]byte
	binary.LittleEndian.PutUint32(magic[:], frameMagic)
	for from < w.readable {
		b, err := w.view(from, walkChunk)
		if err != nil {
			return 0, err
		}
		i := bytes.Index(b, magic[:])
		switch {
		case i < 0 && (len(b) < walkChunk || from+LSN(len(b)) >= w.readable):
			return w.end, nil
		case i < 0:
			from += LSN(len(b) - len(magic) + 1)
			continue
		}
		from += LSN(i)
		found, err := w.header(from)
		if err != nil || found {
			return from, err
		}
		from++
	}
	return w.end, nil
}

// header reports whether a whole header stands at a position.
func (w *walker) header(at LSN) (bool, error) {
	if at%frameAlign != 0 {
		return false, nil
	}
	head, err := w.view(at, frameSize)
	if err != nil {
		return false, err
	}
	f, whole := parse(head, at, w.seed)
	return whole && f.end() <= w.end, nil
}

// view returns n bytes from a position on, or fewer where the file ends. They
// are valid until the next call.
func (w *walker) view(at LSN, n int) ([]byte, error) {
	if at >= w.readable {
		return nil, nil
	}
	n = int(min(LSN(n), w.readable-at))
	if at < w.at || at+LSN(n) > w.at+LSN(len(w.buf)) {
		if err := w.fill(at, n); err != nil {
			return nil, err
		}
	}
	rest := w.buf[at-w.at:]
	return rest[:min(n, len(rest))], nil
}

// fill reads at least n bytes from a position on, and keeps those that are
// there already.
func (w *walker) fill(at LSN, n int) error {
	kept := w.buf[:0]
	if at >= w.at && at < w.at+LSN(len(w.buf)) {
		kept = w.buf[at-w.at:]
	}
	want := int(min(LSN(max(n, walkChunk)), w.readable-at))
	buf := w.buf[:0]
	if cap(buf) < want {
		buf = make([]byte, 0, max(want, walkChunk))
	}
	buf = append(buf, kept...)
	had := len(buf)
	read, err := w.file.ReadAt(buf[had:want], headerBlock+int64(at-w.first)+int64(had))
	if err != nil && !errors.Is(err, io.EOF) {
		w.buf = buf[:0] // what was there was moved
		return err
	}
	w.buf, w.at = buf[:had+read], at
	return nil
}
