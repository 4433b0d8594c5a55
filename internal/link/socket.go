package link

import "net"

// endpoints picks how to read and write a connection: tried without blocking where that
// can be done, else with the overflow writer for every write.
func endpoints(conn net.Conn) (source, writer) {
	if p, ok := conn.(*pipeEnd); ok {
		return p, p
	}
	if s := newSocket(conn); s != nil {
		return s, s
	}
	return plainSource{conn}, plainWriter{conn}
}

// plainSource reads any net.Conn; it holds its buffer while it waits.
type plainSource struct{ conn net.Conn }

func (s plainSource) read(r *reader) (int, error) { return s.conn.Read(r.space()) }

// plainWriter writes a net.Conn that cannot be tried. Every write goes by way of the
// overflow writer.
type plainWriter struct{ conn net.Conn }

func (w plainWriter) tryWrite([]byte) (int, error) { return 0, nil }

// plainPiece bounds one blocking write, so that progress is seen while a slow peer reads.
const plainPiece = 16 << 10

func (w plainWriter) waitWrite(p []byte) (int, error) {
	return w.conn.Write(p[:min(len(p), plainPiece)])
}
