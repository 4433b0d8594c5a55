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

// onDescriptor calls ask with the descriptor of a file, unless w is none.
func onDescriptor(w io.Writer, ask func(fd int)) {
	f, ok := w.(*os.File)
	if !ok {
		return
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { ask(int(fd)) }) // a closed file is asked nothing
}

// isTerminal reports whether what is written to w is seen by a person. It asks the kernel and
// never the terminal.
func isTerminal(w io.Writer) bool {
	terminal := false
	onDescriptor(w, func(fd int) {
		_, err := unix.IoctlGetTermios(fd, getAttributes)
		terminal = err == nil
	})
	return terminal
}
