package value

import (
	"fmt"
	"strconv"
	"strings"
)

// EncodeError reports a Go value that has no encoded form: a channel, a text that is not valid
// UTF-8, a structure deeper than [MaxDepth].
type EncodeError struct {
	Path   string // where in the value, as in "items[3].id"; empty for the value itself
	Reason string
}

func (e *EncodeError) Error() string { return located(e.Path, "cannot encode: "+e.Reason) }

// DecodeError reports bytes that are malformed or over a limit, whatever was wanted of them.
type DecodeError struct {
	Offset int // the byte where it was seen, counted from 0; -1 when it belongs to no one place
	Reason string
}

func (e *DecodeError) Error() string {
	if e.Offset < 0 {
		return "cannot decode: " + e.Reason
	}
	return "cannot decode: " + e.Reason + " at byte " + strconv.Itoa(e.Offset)
}

// TypeError reports a well-formed value that does not fit where it was meant to go.
type TypeError struct {
	Path string // "argument x", "argument values[3].id", or "[3].id" outside of arguments; may be empty
	Want string // a type name, as [Type.String] writes it, or a range of one
	Got  string // a type name and, when it is short and no secret, the value: text "a"
}

func (e *TypeError) Error() string {
	return located(e.Path, "expected "+e.Want+", got "+e.Got)
}

// ArityError reports the wrong number of arguments.
type ArityError struct {
	Want    int
	Got     int
	AtLeast bool // more than Want would do too: the func is variadic
}

func (e *ArityError) Error() string {
	least := ""
	if e.AtLeast {
		least = "at least "
	}
	noun := "arguments"
	if e.Want == 1 {
		noun = "argument"
	}
	return fmt.Sprintf("expected %s%d %s, got %d", least, e.Want, noun, e.Got)
}

// ArgumentError reports an argument that cannot be given its place: its name is unknown, or given
// twice, or it is missing.
type ArgumentError struct {
	Name    string
	Reason  string
	Nearest string // the parameter that was probably meant; empty when none is near
}

func (e *ArgumentError) Error() string {
	text := "argument " + quoteUnlessWord(e.Name) + ": " + e.Reason
	if e.Nearest != "" {
		text += " (did you mean " + e.Nearest + "?)"
	}
	return text
}

// NameError reports a name that breaks the rules for its sort.
type NameError struct {
	Sort   string // "service name", "method name", ...
	Name   string
	Reason string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("%s %s: %s", e.Sort, quoteShort(e.Name), e.Reason)
}

// UsageError reports a command line that cannot be read at all: a file or a JSON text that cannot
// be read, or a second reader of stdin. It says nothing about the types of a method.
type UsageError struct {
	Reason string
	Err    error // the cause, when there is one
}

func (e *UsageError) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return e.Reason + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *UsageError) Unwrap() error { return e.Err }

// HandlerError carries the error a called func returned, so that it cannot be taken for one of ours.
type HandlerError struct{ Err error }

func (e *HandlerError) Error() string { return e.Err.Error() }

// Unwrap returns the func's own error.
func (e *HandlerError) Unwrap() error { return e.Err }

// StreamPanic is what [Func.Stream] panics with when the func panics after its stream has ended,
// as one does that yields on after the end. Err is how the stream ended.
type StreamPanic struct {
	Err   error
	Panic any
}

// Error says both.
func (e *StreamPanic) Error() string {
	return fmt.Sprintf("%v, after the stream ended with: %v", e.Panic, e.Err)
}

// Unwrap returns how the stream ended.
func (e *StreamPanic) Unwrap() error { return e.Err }

// ResultError reports that a func ran and returned what cannot be encoded. Err is an [EncodeError].
type ResultError struct{ Err error }

func (e *ResultError) Error() string { return "result: " + e.Err.Error() }

// Unwrap returns the EncodeError.
func (e *ResultError) Unwrap() error { return e.Err }

func located(path, text string) string {
	if path == "" {
		return text
	}
	return path + ": " + text
}

// under puts one more step in front of the path of an error that is on its way up. Errors
// without a path pass unchanged.
func under(step string, err error) error {
	switch e := err.(type) {
	case *TypeError:
		e.Path = joinPath(step, e.Path)
	case *EncodeError:
		e.Path = joinPath(step, e.Path)
	}
	return err
}

func joinPath(step, rest string) string {
	if rest == "" || rest[0] == '[' {
		return step + rest
	}
	return step + "." + rest
}

// argumentStep begins the path of an argument: by its name, else by its number counted from 1.
func argumentStep(name string, i int) string {
	if name == "" {
		name = strconv.Itoa(i + 1)
	}
	return "argument " + name
}

func indexStep(i int) string { return "[" + strconv.Itoa(i) + "]" }

// keyStep names a member: plain when it reads as a word, else quoted in brackets.
func keyStep(key string) string {
	if isWord(key) {
		return key
	}
	return "[" + quoteShort(key) + "]"
}

func quoteUnlessWord(s string) string {
	if isWord(s) {
		return s
	}
	return quoteShort(s)
}

// quoteShort quotes for a message: control characters cannot get out, and 40 characters are enough.
func quoteShort(s string) string {
	const most = 40
	count := 0
	for i := range s {
		if count == most {
			return strconv.Quote(s[:i]) + "..."
		}
		count++
	}
	return strconv.Quote(s)
}

// isWord reports whether s is a parameter name: [A-Za-z_][A-Za-z0-9_]*, at most 128 bytes.
func isWord(s string) bool {
	if s == "" || len(s) > maxName || isDigit(s[0]) {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r > 0x7f || !isAlphanumeric(byte(r)))
	}) < 0
}
