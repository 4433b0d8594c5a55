//go:build linux

package chaos_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	testFunc   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	namedTest  = regexp.MustCompile("`((?:Test|Fuzz)\\w+|\\w+\\.txtar)`")
	faultCases = regexp.MustCompile(`_(\d\d)`)
)

// TestPageOfFaults holds docs/faults.md to the tests there are: it names none that does not
// exist, and all that are named after a case it tells about.
func TestPageOfFaults(t *testing.T) {
	top := os.DirFS("../..")
	page, err := fs.ReadFile(top, "docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	have := proofs(t, top)
	var named []string
	for _, m := range namedTest.FindAllStringSubmatch(string(page), -1) {
		named = append(named, m[1])
		if !have[m[1]] {
			t.Errorf("the page names %s, which does not exist", m[1])
		}
	}
	for name := range have {
		if !strings.HasPrefix(name, "TestFault_") || slices.Contains(named, name) {
			continue
		}
		for _, number := range faultCases.FindAllStringSubmatch(name, -1) {
			if strings.Contains(string(page), "\n| F"+number[1]+" ") {
				t.Errorf("the page leaves %s out of case F%s", name, number[1])
			}
		}
	}
}

// proofs are the names of all tests and scripts below top.
func proofs(t *testing.T, top fs.FS) map[string]bool {
	t.Helper()
	have := map[string]bool{}
	err := fs.WalkDir(top, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path.Ext(name) == ".txtar" {
			have[path.Base(name)] = true
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		src, err := fs.ReadFile(top, name)
		for _, m := range testFunc.FindAllStringSubmatch(string(src), -1) {
			have[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return have
}
