package main

import "golang.org/x/sys/unix"

// getAttributes is the request by which a terminal tells its attributes, and nothing else
// answers.
const getAttributes = unix.TCGETS
