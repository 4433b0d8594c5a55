package main

import (
	"errors"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// errStopped ends a read that was told to end.
var errStopped = errors.New("interrupted")

// errHungUp is the end of a terminal that was closed. Ctrl-D is io.EOF.
var errHungUp = errors.New("the terminal was closed")

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
		if err != nil {
			return 0, err
		}
		if ready&unix.POLLIN != 0 {
			n, err := k.in.Read(text)
			if n == 0 && ready&unix.POLLHUP != 0 {
				err = errHungUp
			}
			return n, err
		}
		if ready != 0 {
			return 0, errHungUp
		}
	}
}

// wait waits until there is something to read, and returns what the system says of the terminal then.
// It is nothing when wait has to be called again.
func (k *keyboard) wait() (ready int16, err error) {
	list := []unix.PollFd{
		{Fd: int32(k.in.Fd()), Events: unix.POLLIN},
		{Fd: int32(k.wake.Fd()), Events: unix.POLLIN},
	}
	_, err = unix.Poll(list, -1)
	switch {
	case errors.Is(err, unix.EINTR):
		return 0, nil
	case err != nil:
		return 0, err
	case list[1].Revents != 0:
		return 0, errStopped
	}
	return list[0].Revents, nil
}
