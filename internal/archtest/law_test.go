package archtest

import (
	"os"
	"testing"
)

// law is one rule of the house.
type law struct {
	name  string
	rule  string // what is demanded, in one sentence
	read  string // page#heading with the reason
	check func(*tree) []breach
}

// breach is one place where a law is broken.
type breach struct{ at, what string }

func (b breach) String() string { return b.at + ": " + b.what }

var laws = []law{
	{"floors", "a package imports lower floors only, and is in the table of floors_test.go",
		"docs/decisions/0001-layout-and-floors.md#choice", checkFloors},
	{"package-comments", "a package has exactly one package comment, \"Package x ...\" or \"Command x ...\"",
		"CONTRIBUTING.md#comments", checkPackageComments},
	{"links", "a relative link in a page leads to a file and a heading that exist",
		"CONTRIBUTING.md#pages", checkLinks},
	{"modules", "go.mod has no replace; a module inside the project may replace only ours, by its folder",
		"CONTRIBUTING.md#dependencies", checkModules},
	{"words", "exported names and package comments use one word for each thing",
		"CONTRIBUTING.md#names", checkWords},
	{"drawers", "a package or file is named for a thing, not for the place where leftovers go",
		"CONTRIBUTING.md#names", checkDrawers},
	{"goroutines", "a goroutine has a name, an owner that waits for it, and a comment on what ends it",
		"CONTRIBUTING.md#goroutines", checkGoroutines},
	{"sleep", "nothing sleeps in real time: tests use a synctest bubble or testnet.WaitFor, code a timer that Close can end",
		"CONTRIBUTING.md#time", checkSleep},
	{"wall-clock", "only wallclock.go reads the wall clock, and it never compares or calculates",
		"CONTRIBUTING.md#time", checkWallClock},
	{"streams", "below cmd nothing knows the process: no standard streams, no exit, no environment",
		"CONTRIBUTING.md#layers", checkStreams},
	{"screens", "only internal/screen starts bubbletea, so that the terminal is always given back",
		"docs/decisions/0025-screens-and-terminals.md#choice", checkScreens},
	{"knobs", "a package has no variable that its users could set: exported variables are failures, Err...",
		"CONTRIBUTING.md#layers", checkKnobs},
	{"silence", "no finding is silenced in the source and no work is left as a note",
		"CONTRIBUTING.md#whole-work", checkSilence},
	{"seeds", "a fuzz function has seeds",
		"CONTRIBUTING.md#tests", checkSeeds},
	{"size", "a file has at most 450 lines, a function at most 80",
		"CONTRIBUTING.md#size", checkSize},
}

// TestLaws holds the project itself to every law.
func TestLaws(t *testing.T) {
	project, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) {
			for _, b := range l.check(project) {
				t.Errorf("%v\n\trule: %s\n\tread: %s", b, l.rule, l.read)
			}
		})
	}
}

// TestEveryLawSaysWhereToRead checks that the pages and headings named by laws exist.
func TestEveryLawSaysWhereToRead(t *testing.T) {
	project, err := load(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range laws {
		if problem := project.follow("", l.read); problem != "" {
			t.Errorf("law %s: read %s: %s", l.name, l.read, problem)
		}
	}
}
