//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// mode is how a terminal treats what is typed.
type mode struct{ termios *unix.Termios }

// modeOf is the present mode of a terminal.
func modeOf(terminal *os.File) (mode, error) {
	var m mode
	err := os.ErrInvalid
	onDescriptor(terminal, func(fd int) { m.termios, err = unix.IoctlGetTermios(fd, getAttributes) })
	return m, err
}

// set puts a terminal into the mode. The zero mode, which nobody knows, changes nothing.
func (m mode) set(terminal *os.File) {
	if m.termios != nil {
		// One that is closed by now has no mode to lose.
		onDescriptor(terminal, func(fd int) { _ = unix.IoctlSetTermios(fd, setAttributes, m.termios) })
	}
}

// echoes reports whether the terminal shows what is typed by itself.
func (m mode) echoes() bool { return m.termios != nil && m.termios.Lflag&unix.ECHO != 0 }

// unsignalled is the mode in which Ctrl-C and Ctrl-Z are keys like others.
func (m mode) unsignalled() mode {
	if m.termios == nil {
		return m
	}
	copied := *m.termios
	copied.Lflag &^= unix.ISIG
	return mode{&copied}
}
