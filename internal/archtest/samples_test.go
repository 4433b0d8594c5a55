package archtest

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestEachLawFindsWhatItsSamplesBreak runs each law on small projects. A sample is an
// archive: its head lists the breaches, one a line, that the law must find in its
// files, in any order; an empty head means that the files keep the law.
func TestEachLawFindsWhatItsSamplesBreak(t *testing.T) {
	for _, l := range laws {
		samples, err := filepath.Glob(filepath.Join("testdata", l.name, "*.txtar"))
		if err != nil {
			t.Fatal(err)
		}
		broken, kept := 0, 0
		for _, sample := range samples {
			want := runSample(t, l, sample)
			if want > 0 {
				broken++
			} else {
				kept++
			}
		}
		if broken == 0 || kept == 0 {
			t.Errorf("law %s has %d samples that break it and %d that keep it, want some of each", l.name, broken, kept)
		}
	}
}

// runSample reports how many breaches the sample wants.
func runSample(t *testing.T, l law, sample string) int {
	t.Helper()
	archive, err := txtar.ParseFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	missing := make(map[string]bool)
	for line := range strings.Lines(string(archive.Comment)) {
		missing[strings.TrimSuffix(line, "\n")] = true
	}
	want := len(missing)
	t.Run(strings.TrimSuffix(filepath.Base(sample), ".txtar"), func(t *testing.T) {
		for _, b := range l.check(loadArchive(t, archive)) {
			if !missing[b.String()] {
				t.Errorf("unexpected: %v", b)
			}
			delete(missing, b.String())
		}
		for line := range missing {
			t.Errorf("not found: %s", line)
		}
	})
	return want
}

// loadArchive loads a sample as a project of our module.
func loadArchive(t *testing.T, archive *txtar.Archive) *tree {
	t.Helper()
	project := fstest.MapFS{"go.mod": {Data: []byte("module example.com/house\n")}}
	for _, file := range archive.Files {
		project[file.Name] = &fstest.MapFile{Data: file.Data}
	}
	loaded, err := load(project)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}
