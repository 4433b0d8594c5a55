package repl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/netsvc/netsvc/repl"
)

func open(t *testing.T, path string) *repl.History {
	t.Helper()
	h, err := repl.OpenHistory(path)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func add(t *testing.T, h *repl.History, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if err := h.Add(line); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHistoryOutlivesTheSession(t *testing.T) {
	path := filepath.Join(t.TempDir(), "netsvc", "history")
	add(t, open(t, path), "ls", "ls", "math.multiply 3 4", "ls")
	if got, want := open(t, path).Lines(-1), []string{"ls", "math.multiply 3 4", "ls"}; !slices.Equal(got, want) {
		t.Errorf("lines %q, want %q", got, want)
	}
	if got, want := open(t, path).Lines(1), []string{"ls"}; !slices.Equal(got, want) {
		t.Errorf("last line %q, want %q", got, want)
	}
}

func TestHistoryIsForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "netsvc", "history")
	add(t, open(t, path), "ls")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, path)
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %v, want %v", name, got, want)
		}
	}
}

// TestHistoryOfTwoSessions: each has begun before the other has added anything.
func TestHistoryOfTwoSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		h := open(t, path)
		wg.Go(func() { // ends with its lines
			for i := range 200 {
				if err := h.Add(fmt.Sprintf("%s %d", name, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	lines := open(t, path).Lines(-1)
	for _, name := range []string{"a", "b"} {
		own := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.HasPrefix(line, name+" ") })
		if len(own) != 200 || own[199] != name+" 199" || own[0] != name+" 0" {
			t.Errorf("%d lines of %s, want 200 in order", len(own), name)
		}
	}
}

func TestHistoryLoadsTheLastLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	var text strings.Builder
	for i := range repl.HistoryLimit + 5 {
		fmt.Fprintf(&text, "line %d\n", i)
	}
	write(t, path, text.String()+"\n\xff\xfe\n")
	lines := open(t, path).Lines(-1)
	if len(lines) != repl.HistoryLimit || lines[0] != "line 5" || lines[len(lines)-1] != "line 1004" {
		t.Errorf("%d lines from %q to %q, want %d from line 5 to line 1004", len(lines), lines[0], lines[len(lines)-1], repl.HistoryLimit)
	}
}

func TestHistoryFileIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	write(t, path, strings.Repeat(strings.Repeat("x", 99)+"\n", 60_000)+"last\n")
	h := open(t, path)
	add(t, h, "after it")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(data), "\n"); lines != repl.HistoryLimit+1 || !strings.HasSuffix(string(data), "x\nlast\nafter it\n") {
		t.Errorf("%d lines are left, want %d, the last ones", lines, repl.HistoryLimit+1)
	}
}

func TestHistoryRefusesWhatIsNoLine(t *testing.T) {
	h := open(t, "")
	for _, text := range []string{"two\nlines", "a\rb", "\xff"} {
		if err := h.Add(text); err == nil {
			t.Errorf("Add(%q) = nil, want an error", text)
		}
	}
	if got := h.Lines(-1); len(got) > 0 {
		t.Errorf("lines %q, want none", got)
	}
}

// TestHistoryWithoutAFile remembers, and says what is wrong.
func TestHistoryWithoutAFile(t *testing.T) {
	folder := t.TempDir()
	h, err := repl.OpenHistory(folder)
	if err == nil {
		t.Error("a folder was opened for a history")
	}
	if err := h.Add("ls"); err == nil {
		t.Error("a line was appended to a folder")
	}
	if got := h.Lines(-1); !slices.Equal(got, []string{"ls"}) {
		t.Errorf("lines %q, want ls", got)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
