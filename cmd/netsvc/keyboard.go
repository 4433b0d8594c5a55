package main

import (
	"errors"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// errStopped ends a read that was told to end.
var errStopped = errors.New("interrupted")

// keyboard reads a terminal no longer than somebody wants what is typed: what comes after Stop is
// left for whoever reads the terminal next, a child of the process for example.
type keyboard struct {
	in   *os.File
	wake *os.File // readable while it is stopped
	stop *os.File // its other end

	mu      sync.Mutex
	stopped bool
}

// newKeyboard makes one that is not stopped. The file stays open when it is closed.
func newKeyboard(in *os.File) (*keyboard, error) {
	wake, stop, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	return &keyboard{in: in, wake: wake, stop: stop}, nil
}

// Close is called when nobody reads any more.
func (k *keyboard) Close() {
	k.wake.Close()
	k.stop.Close()
}

// Stop makes the read that waits, and all that follow, fail with errStopped.
func (k *keyboard) Stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.stopped {
		k.stopped = true
		k.stop.Write([]byte{0}) // a pipe with room in it: this does not wait
	}
}

// Resume makes reads read again.
func (k *keyboard) Resume() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopped {
		k.stopped = false
		k.wake.Read(make([]byte, 1)) // there is one
	}
}

// Read implements io.Reader.
func (k *keyboard) Read(text []byte) (int, error) {
	for {
		ready, err := k.wait()
		switch {
		case err != nil:
			return 0, err
		case ready:
			return k.in.Read(text)
		}
	}
}

// wait waits until there is something to read. It reports false when it has to be called again.
func (k *keyboard) wait() (bool, error) {
	list := []unix.PollFd{
		{Fd: int32(k.in.Fd()), Events: unix.POLLIN},
		{Fd: int32(k.wake.Fd()), Events: unix.POLLIN},
	}
	_, err := unix.Poll(list, -1)
	switch {
	case errors.Is(err, unix.EINTR):
		return false, nil
	case err != nil:
		return false, err
	case list[1].Revents != 0:
		return false, errStopped
	case list[0].Revents&unix.POLLNVAL != 0:
		return false, io.EOF
	}
	return list[0].Revents != 0, nil
}
