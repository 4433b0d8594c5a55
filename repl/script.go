package repl

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/netsvc/netsvc/internal/command"
)

// maxText bounds a text of a script: an item that goes on over many lines.
const maxText = 64 << 20

// longText is a text of which not each line is looked at for itself.
const longText = 8 << 10

// maxSources bounds files that are read by files.
const maxSources = 16

// RunScript runs a script line by line, up to the first text that fails, or all of them where set
// errexit off says so. The first line may be "#!". At the end it waits for the jobs. The error is the
// first failure, told already, or nil; ErrQuit ends a script in good order and is no failure.
func (s *Session) RunScript(ctx context.Context, script io.Reader, name string) error {
	err := s.script(ctx, script, name, s.streams())
	if errors.Is(err, ErrQuit) {
		err = failureIn(err)
	}
	if err != nil && s.settings.errexitNow() || ctx.Err() != nil {
		s.jobs.end(nil)
	}
	if failed := s.jobs.waitWithin(ctx); err == nil {
		err = failed
	}
	if err == nil && ctx.Err() != nil {
		err = s.reported(ctx, context.Cause(ctx), Where{})
	}
	return err
}

// failureIn is what failed before the end of a session, or nil.
func failureIn(quit error) error {
	var e *command.Error
	if errors.As(quit, &e) {
		return e
	}
	return nil
}

// stops reports whether a failure ends a text or a script.
func (s *Session) stops() bool { return s.settings.errexitNow() && !s.goesOn }

func (s *Session) script(ctx context.Context, script io.Reader, name string, to streams) error {
	r := &scriptReader{lines: bufio.NewReader(script)}
	var first error
	for {
		text, line, err := r.next()
		where := Where{File: name, Line: line}
		switch {
		case err == io.EOF:
			return first
		case err != nil:
			err = s.report(ctx, wrong("", "cannot read the script: %v", reason(err)), where, s.telling())
		default:
			err = s.text(ctx, text, to, where)
		}
		if errors.Is(err, ErrQuit) {
			return errors.Join(first, err)
		}
		if first == nil {
			first = err
		}
		if err != nil && (s.stops() || ctx.Err() != nil) {
			return first
		}
	}
}

// scriptReader reads texts: lines, and those after them as long as something is open.
type scriptReader struct {
	lines *bufio.Reader
	line  int // the number of the last line that was read
	ended bool
	asked int // how long the text was that was last asked whether it is whole
}

// next is the next text, and the number of its first line. The error is io.EOF at the end, or that
// of the reader.
func (r *scriptReader) next() (text string, begins int, err error) {
	begins, r.asked = r.line+1, 0
	var lines strings.Builder
	for !r.ended {
		line, err := r.lines.ReadString('\n')
		r.line++
		if err != nil {
			r.ended = true
		}
		if err != nil && err != io.EOF {
			return lines.String(), begins, err
		}
		if r.line == 1 && strings.HasPrefix(line, "#!") {
			line = ""
		}
		lines.WriteString(line)
		if lines.Len() > maxText || r.whole(lines.String()) {
			return lines.String(), begins, nil
		}
	}
	if lines.Len() > 0 {
		return lines.String(), begins, nil
	}
	return "", begins, io.EOF
}

// whole reports whether a text is not to be continued. A long one, which takes time to read, is
// looked at when it has grown by a quarter or has ended: what comes meanwhile is run with it.
func (r *scriptReader) whole(text string) bool {
	if len(text) > longText && len(text) < r.asked+r.asked/4 && !r.ended {
		return false
	}
	r.asked = len(text)
	return !Incomplete(text)
}

// source runs the lines of a file.
func (s *Session) source(ctx context.Context, path string, to streams) error {
	if s.sources == maxSources {
		return wrong("", "source %s: more than %d files inside each other", path, maxSources)
	}
	file, err := os.Open(path)
	if err != nil {
		return wrong("", "cannot read %s: %v", path, reason(err))
	}
	defer file.Close()
	s.sources++
	defer func() { s.sources-- }()
	return s.script(ctx, file, path, to)
}

// RunFile runs a file at the beginning of a session, if it is there. What fails in it is told, and
// the session goes on behind it; the error is ErrQuit or nil.
func (s *Session) RunFile(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	s.goesOn = true
	err := s.source(ctx, path, s.streams())
	s.goesOn = false
	var e *command.Error
	switch {
	case errors.Is(err, ErrQuit):
		return err
	case err == nil, errors.As(err, &e) && e.Told:
		return nil
	}
	s.report(ctx, err, Where{}, s.telling())
	return nil
}
