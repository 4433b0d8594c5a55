package link

import (
	"net"
	"time"
)

// Pipe makes an in-memory connection: what is written at one end is read at the other,
// through a buffer of 256 KiB each way, so that two ends that both write before they read
// do not wait for each other. It is built on a mutex and a condition only, so that time in
// a synctest bubble moves while its ends wait.
func Pipe() (net.Conn, net.Conn) {
	there, back := newStream(), newStream()
	return &pipeEnd{in: back, out: there}, &pipeEnd{in: there, out: back}
}

// pipeEnd is one end of a pipe.
type pipeEnd struct{ in, out *stream }

func (p *pipeEnd) Read(b []byte) (int, error) { return p.in.read(b) }

// read takes a buffer only when there is something to read.
func (p *pipeEnd) read(r *reader) (int, error) {
	if err := p.in.await(); err != nil {
		return 0, err
	}
	return p.in.read(r.space())
}

func (p *pipeEnd) Write(b []byte) (int, error) {
	done := 0
	for done < len(b) {
		n, err := p.out.write(b[done:], true)
		done += n
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (p *pipeEnd) tryWrite(b []byte) (int, error)  { return p.out.write(b, false) }
func (p *pipeEnd) waitWrite(b []byte) (int, error) { return p.out.write(b, true) }

// CloseWrite ends what is sent; the other end reads what is left and then io.EOF.
func (p *pipeEnd) CloseWrite() error {
	p.out.end(false)
	return nil
}

// Close ends both directions. The other end still reads what was written.
func (p *pipeEnd) Close() error {
	p.out.end(false)
	p.in.end(true)
	return nil
}

func (p *pipeEnd) LocalAddr() net.Addr  { return pipeAddr{} }
func (p *pipeEnd) RemoteAddr() net.Addr { return pipeAddr{} }

func (p *pipeEnd) SetDeadline(t time.Time) error {
	p.SetReadDeadline(t)
	return p.SetWriteDeadline(t)
}

func (p *pipeEnd) SetReadDeadline(t time.Time) error {
	p.in.setDeadline(&p.in.reading, t)
	return nil
}

func (p *pipeEnd) SetWriteDeadline(t time.Time) error {
	p.out.setDeadline(&p.out.writing, t)
	return nil
}

// pipeAddr is the address of an in-memory connection.
type pipeAddr struct{}

func (pipeAddr) Network() string { return "memory" }
func (pipeAddr) String() string  { return "memory" }
