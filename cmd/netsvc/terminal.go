//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package main

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/netsvc/netsvc/internal/render"
)

// lookOf finds what an output of the process can show.
func (p *program) lookOf(w io.Writer, choice render.Choice) render.Look {
	look := render.LookOf(isTerminal(w), choice, p.getenv)
	if look.Terminal {
		look.Width = widthOf(w, p.getenv)
	}
	return look
}

// widthOf is how many columns a terminal has: what the kernel says, else COLUMNS. Zero means that
// nobody knows.
func widthOf(w io.Writer, getenv func(string) string) int {
	columns := 0
	onDescriptor(w, func(fd int) {
		if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil {
			columns = int(size.Col)
		}
	})
	if columns > 0 {
		return columns
	}
	columns, err := strconv.Atoi(getenv("COLUMNS"))
	if err != nil || columns < 1 {
		return 0
	}
	return columns
}

// onDescriptor calls ask with the descriptor of a file, unless stream is none.
func onDescriptor(stream any, ask func(fd int)) {
	f, ok := stream.(*os.File)
	if !ok {
		return
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { ask(int(fd)) }) // a closed file is asked nothing
}

// isTerminal reports whether a person is at the other end of a stream. It asks the kernel and never
// the terminal.
func isTerminal(stream any) bool {
	terminal := false
	onDescriptor(stream, func(fd int) {
		_, err := unix.IoctlGetTermios(fd, getAttributes)
		terminal = err == nil
	})
	return terminal
}
