package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/netsvc/netsvc/internal/config"
)

// nobody is a user without any rights of its own.
const nobody = 65534

// TestFolderThatMayOnlyBeRead works with the rights of nobody, for those of root know no limits.
func TestFolderThatMayOnlyBeRead(t *testing.T) {
	top := t.TempDir()
	folder := filepath.Join(top, "netsvc")
	path := filepath.Join(folder, "contexts.toml")
	mustAdd(t, path, "a")
	if err := errors.Join(os.Chmod(path, 0o444), os.Chmod(folder, 0o555), os.Chmod(top, 0o755), os.Chmod(filepath.Dir(top), 0o755)); err != nil {
		t.Fatal(err)
	}
	becomeNobody(t)
	var c config.Contexts
	if _, err := config.Read(path, &c); err != nil || len(c.Named) != 1 {
		t.Errorf("Read = %v, %v; want that it can be read", c, err)
	}
	for _, name := range []string{"contexts.toml", "calls.toml"} {
		if err := add(t.Context(), filepath.Join(folder, name), "b"); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("Change of %s = %v, want permission denied", name, err)
		}
	}
}

// becomeNobody takes the rights of root from the test's thread until its end.
func becomeNobody(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	runtime.LockOSThread()
	if err := unix.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Setfsuid(0); err != nil {
			t.Fatal(err)
		}
		runtime.UnlockOSThread()
	})
}
