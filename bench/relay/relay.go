// Package relay is the least that a process in the middle can do, to compare an exchange
// with: it copies bytes from one connection to the other.
package relay

import (
	"net"
	"sync"
)

// size is what is read at once. It is that of netsvc's own read buffers.
const size = 64 << 10

// Join copies bytes between two connections, both ways, until both have ended.
func Join(a, b net.Conn) {
	var wg sync.WaitGroup
	wg.Go(func() { copyBytes(a, b) })
	wg.Go(func() { copyBytes(b, a) })
	wg.Wait()
}

// copyBytes goes by way of user space, as every exchange must. When one side ends it ends
// the other.
func copyBytes(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, size)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}
