//go:build unix

package main

import (
	"net"
	"syscall"
)

// listenPrivately listens on a Unix socket of mode 0600. The mask is that of the whole process,
// which at this time creates nothing else.
func listenPrivately(path string) (net.Listener, error) {
	mask := syscall.Umask(0o177)
	defer syscall.Umask(mask)
	return net.Listen("unix", path)
}
