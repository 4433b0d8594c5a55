package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
)

// maxSocketPath is how many bytes the path of a Unix socket may have: the system's room for it
// without the zero at its end.
const maxSocketPath = len(syscall.RawSockaddrUnix{}.Path) - 1

// listenUnix listens on a socket that only this user may open. The socket of a process that was
// killed is replaced; that of a living one is in use, and so is a path where anything else is.
func listenUnix(path string) (net.Listener, error) {
	l, err := listenPrivately(path)
	if !errors.Is(err, syscall.EADDRINUSE) || !isStale(path) || os.Remove(path) != nil {
		return l, err
	}
	return listenPrivately(path)
}

// isSocket reports whether there is a socket at path itself, not behind a link.
func isSocket(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().Type() == fs.ModeSocket
}

// isStale reports whether there is a socket at path on which nobody listens.
func isStale(path string) bool {
	if !isSocket(path) {
		return false
	}
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// socketHint says what is wrong with a path on which listening has failed, if that is known.
func socketHint(path string, err error) string {
	switch {
	case len(path) > maxSocketPath:
		return fmt.Sprintf("the path of a socket has at most %d bytes", maxSocketPath)
	case !errors.Is(err, syscall.EADDRINUSE):
		return ""
	case isSocket(path):
		return "a process listens there; take another path"
	}
	return "something that is no socket is there; take another path"
}
