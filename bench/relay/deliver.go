package relay

import (
	"errors"
	"io"
	"net"

	"github.com/netsvc/netsvc/pkg/wire"
)

// deliver copies what the caller sends, with each Request turned into a Deliver, until the
// caller's connection ends.
func deliver(service, caller net.Conn) error {
	in, out := make([]byte, size), make([]byte, 0, 2*size)
	held := 0
	for {
		n, err := caller.Read(in[held:])
		held += n
		if err != nil {
			return ended(err)
		}
		var taken int
		if out, taken, err = translate(out[:0], in[:held]); err != nil {
			return err
		}
		if _, err := service.Write(out); err != nil {
			return ended(err)
		}
		held = copy(in, in[taken:held])
		if held == len(in) {
			in = append(in, make([]byte, len(in))...)
		}
	}
}

// ended is nil for a connection that ended because one of the parties closed its own.
func ended(err error) error {
	if err == io.EOF || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// translate appends the whole frames of data as the service is to get them, and tells how
// many bytes of data they were.
func translate(dst, data []byte) (out []byte, taken int, err error) {
	for len(data)-taken >= wire.HeaderSize {
		frame := data[taken:]
		n, err := wire.FrameSize(frame, maxFrame)
		if err != nil {
			return dst, taken, err
		}
		if len(frame) < n {
			break
		}
		dst = appendFor(dst, frame[:n])
		taken += n
	}
	return dst, taken, nil
}

// appendFor appends one frame. A Bind is left out: there is one service to bind.
func appendFor(dst, frame []byte) []byte {
	switch wire.Kind(frame[4]) {
	case wire.KindRequest:
		h := wire.ParseHeader(frame)
		h.Kind = wire.KindDeliver
		return wire.AppendDeliver(dst, &h, 0, frame[wire.HeaderSize:])
	case wire.KindBind:
		return dst
	default:
		return append(dst, frame...)
	}
}
