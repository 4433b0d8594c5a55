package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxFile is the size of the largest file that is read or written, in bytes.
const maxFile = 1 << 20

// File is a file that was read. It knows in which line a key stands.
type File struct {
	Path    string
	Present bool // it was there

	meta toml.MetaData
	root map[string]toml.Primitive
}

// Read reads the TOML file into v, a pointer to a struct, or one to a map of structs. What the
// file does not say stays as it is in v; with an error v may be filled in part. A file that is
// not there says nothing. Every other failure is an [Error].
func Read(path string, v any) (*File, error) {
	f := &File{Path: path}
	text, err := f.load()
	if err != nil {
		return f, err
	}
	if f.meta, err = toml.Decode(text, &f.root); err != nil {
		return f, f.syntax(err)
	}
	if err := f.check(v); err != nil {
		return f, err
	}
	if _, err := toml.Decode(text, v); err != nil {
		return f, f.syntax(err)
	}
	return f, nil
}

// load returns the text of the file, and says whether it is there.
func (f *File) load() (string, error) {
	if f.Path == "" {
		return "", nil
	}
	text, err := readFile(f.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", &Error{File: f.Path, Message: reason(err), cause: err}
	}
	f.Present = true
	if len(text) > maxFile {
		return "", &Error{File: f.Path, Message: tooLarge}
	}
	return string(text), nil
}

var tooLarge = fmt.Sprintf("is too large: more than %d bytes", maxFile)

// readFile reads a byte more than a file may have, at most.
func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxFile+1))
}

// reason is what the system says, without the path, which is said already.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// syntax makes an Error of what the decoder says.
func (f *File) syntax(err error) error {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return &Error{File: f.Path, Line: parse.Position.Line, Message: "no TOML: " + parse.Message, cause: err}
	}
	return &Error{File: f.Path, Message: strings.TrimPrefix(err.Error(), "toml: "), cause: err}
}

// Fault makes the error of a value that cannot be used. The message goes directly behind the name
// of the key, as " wants a number" does. key leads from the top of the file to the value.
func (f *File) Fault(key []string, message, near string) *Error {
	name := toml.Key(key).String()
	return f.fault(key, name, name+message, near)
}

// fault makes the error of a key that stands where the key at does: a table that only the keys in
// it tell of has no place of its own.
func (f *File) fault(at []string, name, message, near string) *Error {
	return &Error{File: f.Path, Line: f.line(at), Key: name, Message: message, Near: near}
}

// line finds the line of a key, or 0.
func (f *File) line(key []string) int {
	table := f.root
	for i, part := range key {
		entry, ok := table[part]
		if !ok {
			return 0
		}
		if i == len(key)-1 {
			return f.lineOf(entry)
		}
		table = nil
		if f.meta.PrimitiveDecode(entry, &table) != nil {
			return f.lineOf(entry) // a list of tables: the first of them
		}
	}
	return 0
}

// lineOf asks the decoder for a place, which it tells with an error only.
func (f *File) lineOf(entry toml.Primitive) int {
	var parse toml.ParseError
	if errors.As(f.meta.PrimitiveDecode(entry, &refusal{}), &parse) {
		return parse.Position.Line
	}
	return 0
}

// refusal takes no value at all.
type refusal struct{}

var errRefused = errors.New("refused")

// UnmarshalTOML refuses.
func (*refusal) UnmarshalTOML(any) error { return errRefused }
