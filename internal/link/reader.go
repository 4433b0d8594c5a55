package link

import (
	"fmt"
	"io"

	"github.com/netsvc/netsvc/pkg/wire"
)

// readSize is the size of a read buffer, the most that one batch holds but for a frame
// that is larger by itself.
const readSize = 64 << 10

// source is the receiving side of a connection.
type source interface {
	// read waits for bytes and puts them behind what the reader holds. The buffer may be
	// taken only then, so that an idle connection holds none.
	read(r *reader) (int, error)
}

// reader collects bytes to whole frames.
type reader struct {
	source source
	limit  int         // of the next frame
	buf    *inBuffer   // nil while nothing is held
	filled int         // bytes in buf
	opened bool        // the preface has been seen
	header wire.Header // of the frame being handled, here so that it costs no allocation
}

// StrangerError reports a peer that opened with something else than netsvc's preface.
type StrangerError struct {
	Guess string // which protocol it looks like, or "unknown"
}

// Error names the guess.
func (e *StrangerError) Error() string {
	return fmt.Sprintf("link: the peer does not speak netsvc (it looks like %s)", e.Guess)
}

// Unwrap makes errors.Is(err, wire.ErrNotNetsvc) true.
func (e *StrangerError) Unwrap() error { return wire.ErrNotNetsvc }

// readLoop reads and handles batches until an error or the link's end ends it.
func (l *Link) readLoop(h Handler) error {
	r := &l.reads
	for !l.ended.Load() {
		n, err := r.source.read(r)
		if n > 0 {
			r.filled += n
			l.heard()
			l.handling.Store(true)
			err := l.batch(h)
			l.heardAt.Store(int64(now()))
			l.handling.Store(false)
			if err != nil {
				return err
			}
		}
		if err != nil {
			return r.ended(err)
		}
	}
	return l.Err()
}

// ended turns the end of the stream into an error that tells a clean end from a cut one.
func (r *reader) ended(err error) error {
	if err == io.EOF && r.filled > 0 {
		return ErrTruncated
	}
	return err
}

// batch handles all whole frames in the buffer and keeps the rest.
func (l *Link) batch(h Handler) error {
	r := &l.reads
	data := r.buf.b[:r.filled]
	if !r.opened {
		rest, err := r.open(data)
		if err != nil || !r.opened {
			l.partial.Store(true)
			return err
		}
		data = rest
	}
	rest, err := l.frames(h, data)
	h.EndBatch()
	if err != nil {
		return err
	}
	l.partial.Store(len(rest) > 0)
	r.keepRest(rest)
	return nil
}

// open checks the preface at the start of data. Until enough has come it returns nothing.
func (r *reader) open(data []byte) ([]byte, error) {
	if !wire.PrefaceStarts(data) {
		return nil, &StrangerError{Guess: wire.GuessProtocol(data)}
	}
	if len(data) < wire.PrefaceSize {
		return nil, nil
	}
	if err := wire.CheckPreface(data); err != nil {
		return nil, err
	}
	r.opened = true
	return data[wire.PrefaceSize:], nil
}

// frames hands the whole frames of data to h and returns what is left.
func (l *Link) frames(h Handler, data []byte) ([]byte, error) {
	header := &l.reads.header
	for len(data) >= 4 {
		size, err := wire.FrameSize(data, l.reads.limit)
		if err != nil {
			return nil, err
		}
		if len(data) < size {
			break
		}
		*header = wire.ParseHeader(data)
		if err := h.Frame(header, data[wire.HeaderSize:size]); err != nil {
			return nil, err
		}
		if l.ended.Load() {
			return nil, l.Err()
		}
		data = data[size:]
	}
	return data, nil
}

// keepRest moves an unfinished frame to the start of a buffer that can hold more of it.
// The buffer doubles as bytes come, never by the length a frame announces.
func (r *reader) keepRest(rest []byte) {
	if len(rest) == 0 {
		r.release()
		return
	}
	size := r.frameSize(rest)
	switch {
	case len(r.buf.b) > readSize && size <= readSize && len(rest) < readSize:
		r.replace(newInBuffer(readSize), rest)
	case len(rest) < len(r.buf.b):
		r.filled = copy(r.buf.b, rest)
	default:
		r.replace(newInBuffer(min(2*len(r.buf.b), max(size, len(rest)+1))), rest)
	}
}

// replace puts rest into another buffer.
func (r *reader) replace(b *inBuffer, rest []byte) {
	n := copy(b.b, rest)
	r.release()
	r.buf, r.filled = b, n
}

// frameSize is the size of the frame that rest begins, as far as it is known and allowed.
func (r *reader) frameSize(rest []byte) int {
	if len(rest) < 4 {
		return readSize
	}
	size, err := wire.FrameSize(rest, r.limit)
	if err != nil {
		return readSize
	}
	return size
}
