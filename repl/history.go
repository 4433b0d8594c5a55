package repl

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// HistoryLimit is how many lines of what was typed a session remembers; older ones are forgotten.
const HistoryLimit = 1000

// maxHistoryBytes is how long the file may become. A session that finds more cuts it down to the
// last lines, so it is bounded however often it is opened.
const maxHistoryBytes = 4 << 20

// History is what people typed, line by line, oldest first, and the file it is kept in. Any number
// of sessions may use one file at once: each appends its own lines and leaves those of others alone.
// All methods may be called by many goroutines.
type History struct {
	path string
	told atomic.Bool // that it is not kept

	mu    sync.Mutex
	lines []string
}

// OpenHistory reads the last lines of the file, which need not be there. An empty path keeps a
// history that ends with the session. With an error the history works, but begins empty.
func OpenHistory(path string) (*History, error) {
	h := &History{path: path}
	if path == "" {
		return h, nil
	}
	data, err := readHistory(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	h.lines = lastLines(data)
	return h, err
}

// Lines are those remembered, oldest first: the last n, or all with a negative n.
func (h *History) Lines(n int) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n < 0 || n > len(h.lines) {
		n = len(h.lines)
	}
	return append([]string(nil), h.lines[len(h.lines)-n:]...)
}

// Add remembers a line and appends it to the file, unless it is the line before once more. A line
// with an end of line in it is not one, and is refused. The error is that of the file: the line is
// remembered all the same.
func (h *History) Add(line string) error {
	if strings.ContainsAny(line, "\r\n") || !utf8.ValidString(line) {
		return errors.New("not one line of text")
	}
	if !h.remember(line) || h.path == "" {
		return nil
	}
	return appendLine(h.path, line)
}

// remember reports whether the line is another than the last one.
func (h *History) remember(line string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.lines); n > 0 && h.lines[n-1] == line {
		return false
	}
	h.lines = append(h.lines, line)
	h.lines = h.lines[max(0, len(h.lines)-HistoryLimit):]
	return true
}

// appendLine appends a line in one write, so that lines of two sessions never mix.
func appendLine(path, line string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	unlock := lock(file)
	defer unlock()
	_, err = file.WriteString(line + "\n")
	return err
}

// lock keeps others from cutting the file down meanwhile. Where locks are not to be had nobody can
// cut it either.
func lock(file *os.File) (unlock func()) {
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		return func() {}
	}
	return func() { _ = unix.Flock(int(file.Fd()), unix.LOCK_UN) } // closing it unlocks, too
}

// readHistory reads the file, cuts it down if it has become too long, and makes it its owner's alone.
func readHistory(path string) ([]byte, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		if err := file.Chmod(0o600); err != nil {
			return nil, err
		}
	}
	data, err := io.ReadAll(io.NewSectionReader(file, max(0, info.Size()-maxHistoryBytes), maxHistoryBytes))
	if err != nil || info.Size() <= maxHistoryBytes {
		return data, err
	}
	return data, cut(file)
}

// cut leaves the last lines of a file.
func cut(file *os.File) error {
	unlock := lock(file)
	defer unlock()
	info, err := file.Stat()
	if err != nil || info.Size() <= maxHistoryBytes {
		return err
	}
	data, err := io.ReadAll(io.NewSectionReader(file, info.Size()-maxHistoryBytes, maxHistoryBytes))
	if err != nil {
		return err
	}
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err = file.WriteString(strings.Join(lastLines(data), "\n") + "\n")
	return err
}

// lastLines are the last lines of data that are text and not empty. What stands before the first
// end of line may be the rest of a line only when data is as long as it may be, and goes as well.
func lastLines(data []byte) []string {
	if len(data) == maxHistoryBytes {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	var lines []string
	for line := range bytes.Lines(data) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) > 0 && utf8.Valid(line) {
			lines = append(lines, string(line))
		}
	}
	return lines[max(0, len(lines)-HistoryLimit):]
}
