package main

import "golang.org/x/sys/unix"

// getAttributes is the request by which a terminal tells its attributes, and nothing else
// answers; setAttributes changes them.
const (
	getAttributes = unix.TCGETS
	setAttributes = unix.TCSETS
)
