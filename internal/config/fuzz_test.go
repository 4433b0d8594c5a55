package config_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/netsvc/netsvc/internal/config"
)

// FuzzRead reads any bytes as a file. They are refused in the words of the package, or what was
// read is the same after it was written and read again.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "current = \"lab\"\n[context.lab]\nexchange = \"127.0.0.1:1\"\ntimeout = '5s'\n", "context.\"a\\u0000b\".log = '''x'''",
		"[context]\nlab = {exchange = \"1\", color = \"never\"}", "[[context]]", "context = [[[[[[", "\ufeff#", "[context.\"\"]", "current = 1e9",
		"[context.a.b]\n", "x = {y = [1, {z = 2}]}", "current = 2026-11-24",
	} {
		f.Add([]byte(seed))
	}
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(folder, "f.toml")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var first, second config.Contexts
		var fault *config.Error
		_, err := config.Read(path, &first)
		if err != nil {
			if !errors.As(err, &fault) || fault.File != path {
				t.Fatalf("%v is no Error of the file", err)
			}
			return
		}
		again := filepath.Join(folder, "again.toml")
		if err := config.Change(t.Context(), again, "a test", func(c *config.Contexts) error { *c = first; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Read(again, &second); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if first.Current != second.Current || !maps.Equal(first.Named, second.Named) {
			t.Errorf("read %+v, written and read again %+v", first, second)
		}
	})
}
