package config_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/testnet"
)

// TestMain lets a test start processes of this binary that change a file.
func TestMain(m *testing.M) {
	if path := os.Getenv("CHANGE_FILE"); path != "" {
		if err := addNames(path, os.Getenv("CHANGE_NAME")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// rounds is how often each of several writers changes a file.
const rounds = 12

// addNames adds contexts NAME-0, NAME-1 and so on, one with each change.
func addNames(path, name string) error {
	for i := range rounds {
		if err := add(context.Background(), path, name+"-"+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}

func add(ctx context.Context, path, name string) error {
	return config.Change(ctx, path, "a test wrote it", func(c *config.Contexts) error {
		if c.Named == nil {
			c.Named = make(map[string]config.Values)
		}
		c.Named[name] = config.Values{Exchange: "127.0.0.1:1"}
		return nil
	})
}

func mustAdd(t *testing.T, path, name string) {
	t.Helper()
	if err := add(t.Context(), path, name); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s has %q, %v; want %q", path, got, err, want)
	}
}

func wantMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != want {
		t.Errorf("%s is %v, want %v", path, info.Mode(), want)
	}
}

const oneContext = "# a test wrote it\n\n[context]\n[context.a]\nexchange = \"127.0.0.1:1\"\n"

func TestChangeMakesFileAndFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "some", "netsvc")
	path := filepath.Join(folder, "contexts.toml")
	mustAdd(t, path, "a")
	wantFile(t, path, oneContext)
	wantMode(t, path, 0o600)
	wantMode(t, folder, os.ModeDir|0o700)
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 || entries[0].Name() != ".contexts.toml.lock" {
		t.Errorf("the folder has %v, %v; want the file and its lock", entries, err)
	}
}

func TestChangeClosesAFileThatOthersCouldRead(t *testing.T) {
	path := write(t, "contexts.toml", "current = 'x'\n")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	mustAdd(t, path, "a")
	wantMode(t, path, 0o600)
	wantFile(t, path, strings.Replace(oneContext, "[context]", "current = \"x\"\n\n[context]", 1))
}

func TestChangeKeepsLinks(t *testing.T) {
	for _, tc := range []struct {
		name  string
		there bool
	}{{"to a file", true}, {"to nothing yet", false}} {
		t.Run(tc.name, func(t *testing.T) {
			folder, elsewhere := t.TempDir(), t.TempDir()
			target, path := filepath.Join(elsewhere, "mine.toml"), filepath.Join(folder, "contexts.toml")
			between := filepath.Join(folder, "between")
			if tc.there {
				mustAdd(t, target, "a")
			}
			if err := errors.Join(os.Symlink(target, between), os.Symlink("between", path)); err != nil {
				t.Fatal(err)
			}
			mustAdd(t, path, "a")
			wantMode(t, path, os.ModeSymlink|0o777)
			wantFile(t, target, oneContext)
		})
	}
}

func TestChangeThatFails(t *testing.T) {
	wrong := errors.New("no")
	refuse := func(*config.Contexts) error { return wrong }
	folder := t.TempDir()
	ring := filepath.Join(folder, "ring")
	blocked := filepath.Join(folder, "blocked.toml")
	if err := errors.Join(os.Symlink("ring", ring), os.MkdirAll(filepath.Join(folder, ".blocked.toml.new", "full"), 0o700)); err != nil {
		t.Fatal(err)
	}
	mustAdd(t, filepath.Join(folder, "kept.toml"), "a")
	keep := func(*config.Contexts) error { return nil }
	for _, tc := range []struct {
		name, path string
		edit       func(*config.Contexts) error
		want       string
	}{
		{"nowhere", "", keep, "there is no folder for configuration"},
		{"refused by who edits", filepath.Join(folder, "kept.toml"), refuse, "no"},
		{"no folder", filepath.Join(write(t, "plain", ""), "contexts.toml"), keep, "not a directory"},
		{"broken before", write(t, "contexts.toml", "x = 1"), keep, "contexts.toml:1: unknown key x"},
		{"links in a ring", ring, keep, "too many symbolic links"},
		{"no way to write", blocked, keep, ".new: directory not empty"},
		{"too much", filepath.Join(folder, "large.toml"), func(c *config.Contexts) error {
			c.Current = strings.Repeat("x", 1<<20)
			return nil
		}, "is too large"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := config.Change(t.Context(), tc.path, "a test wrote it", tc.edit)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("err = %v, want %s", err, tc.want)
			}
		})
	}
	wantFile(t, filepath.Join(folder, "kept.toml"), oneContext)
	if _, err := os.Stat(blocked); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what could not be written is there: %v", err)
	}
}

func TestChangeAfterACrash(t *testing.T) {
	path := write(t, "contexts.toml", "")
	left := filepath.Join(filepath.Dir(path), ".contexts.toml.new")
	if err := os.WriteFile(left, []byte("half a fi"), 0o666); err != nil {
		t.Fatal(err)
	}
	mustAdd(t, path, "a")
	wantFile(t, path, oneContext)
	wantMode(t, path, 0o600)
}

// names counts the contexts in a file, reading it as anybody would.
func names(t *testing.T, path string) int {
	t.Helper()
	var c config.Contexts
	if _, err := config.Read(path, &c); err != nil {
		t.Errorf("a reader saw half a file: %v", err)
	}
	return len(c.Named)
}

func TestChangesByManyGoroutines(t *testing.T) {
	testnet.LeakCheck(t)
	path := filepath.Join(t.TempDir(), "contexts.toml")
	var writers sync.WaitGroup
	const count = 4
	for i := range count {
		writers.Go(func() {
			if err := addNames(path, strconv.Itoa(i)); err != nil {
				t.Error(err)
			}
		})
	}
	written := make(chan struct{})
	go func() { writers.Wait(); close(written) }()
	for last, reading := 0, true; reading; {
		select {
		case <-written:
			reading = false
		default:
		}
		now := names(t, path)
		if now < last {
			t.Fatalf("a reader saw %d contexts after %d", now, last)
		}
		last = now
	}
	if got := names(t, path); got != count*rounds {
		t.Errorf("%d contexts are left of %d", got, count*rounds)
	}
}

func TestChangesByManyProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "contexts.toml")
	const count = 3
	var processes []*exec.Cmd
	for i := range count {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "CHANGE_FILE="+path, "CHANGE_NAME="+strconv.Itoa(i))
		cmd.Stderr = os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		processes = append(processes, cmd)
	}
	for _, cmd := range processes {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if got := names(t, path); got != count*rounds {
		t.Errorf("%d contexts are left of %d", got, count*rounds)
	}
}

// TestChangeWaitsForItsTurn makes a change from inside another one of the same file.
func TestChangeWaitsForItsTurn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "contexts.toml")
	err := config.Change(t.Context(), path, "a test wrote it", func(*config.Contexts) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := add(ctx, path, "b"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the inner change = %v, want that it waits until its context ends", err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	mustAdd(t, path, "a")
	wantFile(t, path, oneContext)
}
