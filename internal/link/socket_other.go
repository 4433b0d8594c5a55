//go:build !unix

package link

import "net"

// socket is not built where descriptors cannot be tried; every connection is then read
// and written as a plain net.Conn.
type socket struct {
	plainSource
	plainWriter
}

func newSocket(net.Conn) *socket { return nil }
