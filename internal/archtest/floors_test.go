package archtest

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// floor is one row of the house: a package, or with "/..." a family of them, whose
// members may import each other.
type floor struct {
	dir   string
	level int
	// without lists packages of the standard library that would bring in what this
	// package promises not to have.
	without []string
	// only lists all that this package may import, whoever makes it.
	only []string
	// outsider packages import of the project only what a user's program could: pkg.
	outsider bool
	// testing packages are imported by test files alone, and by all of these.
	testing bool
}

// floors is the whole house. Two rows of one level are siblings and never meet.
var floors = []floor{
	{dir: "pkg/value", level: 0, without: []string{"net", "os"}},
	{dir: "pkg/wire", level: 1, without: []string{"net", "os", "sync"}},
	{dir: "internal/link", level: 2},
	{dir: "internal/backlog", level: 2, without: []string{"net", "os", "sync"}},
	{dir: "pkg/exchange", level: 3},
	{dir: "pkg/service", level: 3},
	{dir: "pkg/xmlrpc", level: 4},
	{dir: "internal/termguard", level: 0, only: []string{"os"}},
	{dir: "internal/catalog", level: 4},
	{dir: "internal/render", level: 4},
	{dir: "internal/config", level: 4, without: []string{"net", "log/slog"}},
	{dir: "internal/httpdoor", level: 4},
	{dir: "internal/completion", level: 5},
	{dir: "internal/screen", level: 5},
	{dir: "examples/...", level: 5, outsider: true},
	{dir: "internal/command", level: 6},
	{dir: "internal/topscreen", level: 7},
	{dir: "tui", level: 7},
	{dir: "repl", level: 7},
	{dir: "cmd/netsvc", level: 8},
	{dir: "bench/...", level: 9},
	{dir: "internal/testnet", level: 0, testing: true},
	{dir: "internal/systemtest", level: 9, testing: true},
	{dir: "internal/archtest", level: 0, testing: true},
	{dir: "internal/chaos", level: 0, testing: true},
}

// floorOf finds the row of a folder.
func floorOf(dir string) (floor, bool) {
	i := slices.IndexFunc(floors, func(f floor) bool {
		family, ok := strings.CutSuffix(f.dir, "/...")
		return f.dir == dir || ok && (dir == family || strings.HasPrefix(dir, family+"/"))
	})
	if i < 0 {
		return floor{}, false
	}
	return floors[i], true
}

func checkFloors(t *tree) []breach {
	var found []breach
	homeless := make(map[string]bool)
	for _, f := range t.files {
		from, ok := floorOf(f.dir)
		if !ok {
			if !homeless[f.dir] {
				found = append(found, breach{f.dir, "has no row in the table of floors"})
			}
			homeless[f.dir] = true
			continue
		}
		for _, spec := range f.syntax.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if reason := t.refuse(f, from, imported); reason != "" {
				found = append(found, t.breach(spec, "%s imports %s: %s", f.dir, imported, reason))
			}
		}
	}
	return found
}

// refuse says why f, which lives on from, must not import a package, or "".
func (t *tree) refuse(f *goFile, from floor, imported string) string {
	if from.only != nil && !f.test && !slices.Contains(from.only, imported) {
		return "this package imports nothing but " + strings.Join(from.only, ", ")
	}
	dir, ours := strings.CutPrefix(imported, t.module+"/")
	if !ours {
		if !f.test && slices.Contains(from.without, imported) {
			return "this floor promises to do without it"
		}
		return ""
	}
	to, known := floorOf(dir)
	switch {
	case !known:
		return "it has no row in the table of floors"
	case to.testing && !f.test:
		return "it is for test files only"
	case to.testing, f.external(), to.dir == from.dir:
		// A test from outside sees the house as its users do and may join any floors:
		// an exchange and a service, say, though neither knows the other.
		return ""
	case from.outsider && !strings.HasPrefix(dir, "pkg/"):
		return "an example uses what a user's program could: pkg/ alone"
	case to.level == from.level:
		return "siblings, both on floor " + strconv.Itoa(to.level)
	case to.level > from.level:
		return "floor " + strconv.Itoa(from.level) + " must not reach up to floor " + strconv.Itoa(to.level)
	}
	return ""
}

// drawers are names that say where a thing lies instead of what it is.
var drawers = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "types", "base", "stuff"}

func checkDrawers(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		name := strings.TrimSuffix(strings.TrimSuffix(path.Base(f.path), ".go"), "_test")
		if slices.Contains(drawers, name) || slices.Contains(drawers, path.Base(f.dir)) {
			found = append(found, breach{f.path, "says nothing about what is in it"})
		}
	}
	return found
}
