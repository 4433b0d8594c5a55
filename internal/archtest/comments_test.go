package archtest

import (
	"go/ast"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// folder is the files of one package that can carry its comment.
type folder struct {
	files []*goFile
	tests bool // there are only test files
}

// folders groups the files by package, in the order of their paths. Tests carry the
// package comment only where there is nothing else.
func (t *tree) folders() []folder {
	var all []folder
	index := make(map[string]int)
	for _, f := range t.files {
		if f.external() {
			continue
		}
		i, seen := index[f.dir]
		if !seen {
			i = len(all)
			index[f.dir] = i
			all = append(all, folder{tests: true})
		}
		if all[i].tests && !f.test {
			all[i] = folder{}
		}
		if all[i].tests == f.test {
			all[i].files = append(all[i].files, f)
		}
	}
	return all
}

func checkPackageComments(t *tree) []breach {
	var found []breach
	for _, d := range t.folders() {
		var commented []*goFile
		for _, f := range d.files {
			if f.syntax.Doc != nil {
				commented = append(commented, f)
			}
		}
		if len(commented) != 1 {
			found = append(found, breach{d.files[0].dir, strconv.Itoa(len(commented)) + " package comments"})
			continue
		}
		f := commented[0]
		if opening := opening(f); !strings.HasPrefix(f.syntax.Doc.Text(), opening) {
			found = append(found, t.breach(f.syntax.Doc, "the package comment does not begin with %q", opening))
		}
	}
	return found
}

// opening is how the package comment of f begins.
func opening(f *goFile) string {
	if f.syntax.Name.Name == "main" {
		return "Command " + path.Base(f.dir) + " "
	}
	return "Package " + f.syntax.Name.Name + " "
}

// notes are words in a comment that put work off or silence a finding.
var notes = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b|//\s*nolint|lint:(file-)?ignore`)

func checkSilence(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		nodes(f, func(c *ast.Comment) {
			if note := notes.FindString(c.Text); note != "" {
				found = append(found, t.breach(c, "comment with %q", note))
			}
		})
	}
	for name, text := range t.texts {
		if path.Ext(name) == ".md" {
			continue
		}
		if note := notes.FindString(text); note != "" {
			found = append(found, breach{name, "has " + strconv.Quote(note)})
		}
	}
	return found
}
