package link_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/netsvc/netsvc/internal/link"
	"github.com/netsvc/netsvc/pkg/wire"
)

// joiner puts the frames it gets together again.
type joiner struct{ all []byte }

func (j *joiner) Frame(h *wire.Header, body []byte) error {
	j.all = wire.AppendFrame(j.all, h, body)
	return nil
}
func (j *joiner) EndBatch() {}

// FuzzRun feeds a link the bytes of a whole session in slices of some size. What it hands
// on must be the start of what came, and the error must say what came behind that.
func FuzzRun(f *testing.F) {
	whole := session("one", "", "three")
	f.Add(whole, uint16(1))
	f.Add(whole[:len(whole)-1], uint16(7))
	f.Add(append(session("one"), "\xff\xff\xff\xff"...), uint16(1000))
	f.Add(append(session("one"), "\x13\x00\x00\x00"...), uint16(9))
	f.Add(append(wire.AppendPreface(nil), frame(string(make([]byte, 3000)))...), uint16(100))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), uint16(3))
	f.Add([]byte("\x89NSV\r\n\x1a\x02"), uint16(8))
	f.Fuzz(func(t *testing.T, data []byte, step uint16) {
		near, far := link.Pipe()
		fed := make(chan struct{})
		go func() {
			defer close(fed)
			feed(far, data, int(step)+1)
		}()
		var j joiner
		err := link.New(near, link.Options{}).Run(&j)
		<-fed
		checkSession(t, data, j.all, err)
	})
}

// feed writes data in pieces and closes.
func feed(c io.WriteCloser, data []byte, step int) {
	defer c.Close()
	for len(data) > 0 {
		n := min(step, len(data))
		if _, err := c.Write(data[:n]); err != nil {
			return
		}
		data = data[n:]
	}
}

// checkSession compares what a link did with the plainest reading of the same bytes.
func checkSession(t *testing.T, data, joined []byte, err error) {
	t.Helper()
	if !wire.PrefaceStarts(data) {
		if !errors.Is(err, wire.ErrNotNetsvc) {
			t.Errorf("Run = %v of a stranger", err)
		}
		return
	}
	var want []byte
	var wantErr error
	switch {
	case len(data) == 0:
		wantErr = io.EOF
	case len(data) < wire.PrefaceSize:
		wantErr = link.ErrTruncated
	default:
		if wantErr = wire.CheckPreface(data); wantErr == nil {
			want, wantErr = split(data[wire.PrefaceSize:])
		}
	}
	if err.Error() != wantErr.Error() {
		t.Errorf("Run = %v, want %v", err, wantErr)
	}
	if !bytes.Equal(joined, want) {
		t.Errorf("handed on %x, want %x", joined, want)
	}
}

// split returns the whole frames at the start of data and what is wrong behind them.
func split(data []byte) ([]byte, error) {
	at := 0
	for len(data)-at >= 4 {
		size, err := wire.FrameSize(data[at:], wire.MaxHello)
		if err != nil {
			return data[:at], err
		}
		if len(data)-at < size {
			break
		}
		at += size
	}
	if at < len(data) {
		return data[:at], link.ErrTruncated
	}
	return data, io.EOF
}
