package config

import "fmt"

// Error is what is wrong with a file, in the words that its owner needs to mend it.
type Error struct {
	File    string // its path
	Line    int    // from 1; 0 when it is about no line
	Key     string // as written in TOML, "context.lab.timeout"; empty when it is about no key
	Message string // what is wrong, with the key
	Near    string // what was probably meant; may be empty

	cause error
}

// Error is "FILE:LINE: MESSAGE", or without the line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Message
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
}

// Unwrap returns the cause: that of the system, when the file could not be read.
func (e *Error) Unwrap() error { return e.cause }
