package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
)

// helpOf runs words and returns what they show on stdout. Anything else is a failure.
func helpOf(t *testing.T, words ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(append([]string{"netsvc"}, words...), streams{strings.NewReader(""), &out, &errs}, func(string) string { return "" }, config.Folder{})
	if code != 0 || errs.Len() > 0 {
		t.Fatalf("netsvc %s = exit %d, stderr %q, want 0 and nothing", strings.Join(words, " "), code, errs.String())
	}
	return out.String()
}

// everyCommand calls f with each command that help shows, those of others included.
func everyCommand(table command.Table, f func(c *command.Command)) {
	for _, c := range table {
		if !c.Hidden {
			f(c)
			everyCommand(c.Sub, f)
		}
	}
}

// TestHelp compares what --help shows with testdata/help. After a change that is meant, -update
// writes the pages anew.
func TestHelp(t *testing.T) {
	pages := map[string]string{"netsvc": helpOf(t, "--help")}
	everyCommand((&program{}).commands(), func(c *command.Command) {
		words := strings.Fields(c.Name)
		pages[strings.Join(words, "_")] = helpOf(t, append(words, "--help")...)
		if got := helpOf(t, append([]string{"help"}, words...)...); got != c.Help() {
			t.Errorf("help %s differs from %s --help", c.Name, c.Name)
		}
	})
	for name, got := range pages {
		file := filepath.Join("testdata", "help", name+".golden")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%s: %v (go test -run TestHelp -update writes it)", name, err)
		} else if got != string(want) {
			t.Errorf("--help of %s is\n%s\nwant\n%s", name, got, want)
		}
		narrow(t, name, got)
	}
}

// narrow wants lines that fit a small window. A form that is longer has its line alone.
func narrow(t *testing.T, name, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 && !strings.HasPrefix(line, "usage: ") {
			t.Errorf("help of %s has a line of %d columns: %q", name, n, line)
		}
	}
}

func TestTopicsAreNarrow(t *testing.T) {
	for _, name := range []string{"exit-codes", "environment", "output", "values", "cheat"} {
		narrow(t, name, helpOf(t, "help", name))
	}
}

func TestNoGoldenPageIsLeftOver(t *testing.T) {
	known := map[string]bool{"netsvc.golden": true}
	everyCommand((&program{}).commands(), func(c *command.Command) { known[strings.ReplaceAll(c.Name, " ", "_")+".golden"] = true })
	files, err := os.ReadDir("testdata/help")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f.Name()] {
			t.Errorf("testdata/help/%s is of no command", f.Name())
		}
	}
}

// contract has the flags of each command as they were promised. Global ones are under "".
var contract = map[string]string{
	"": "-x/--exchange --context -t/--timeout --connect-timeout -o/--output -q/--jq -r/--raw --color --quiet " +
		"-v/--verbose --no-input -h/--help --version",
	"exchange": "--listen --address-file --insecure --grace --beat --suspect --dead --sessions --instances --handles --watches " +
		"--pending --groups --methods --max-frame --outbox --deadline",
	"host": "--group --grace --limit",
	"gateway": "--listen --address-file --insecure --mount --group --all --service --instance --fault-codes --dialect " +
		"--grace",
	"call":        "--all --group --no-reply --stream",
	"ls":          "--group --instances",
	"sub":         "--max --retained-only --exec --policy --group",
	"pub":         "--retain --ttl",
	"wait":        "--for",
	"demo":        "--once",
	"config show": "--origin",
	"events":      "--service --group --max",
}

// TestFlagsOfTheContract: each is there under its names, and shown.
func TestFlagsOfTheContract(t *testing.T) {
	for name, flags := range contract {
		help := helpOf(t, append(strings.Fields(name), "--help")...)
		for flag := range strings.FieldsSeq(flags) {
			row := "    " + flag
			if short, long, both := strings.Cut(flag, "/"); both {
				row = short + ", " + long
			}
			if !strings.Contains(help, "\n  "+row+" ") {
				t.Errorf("help of %q does not show %s", name, flag)
			}
		}
	}
	if strings.Contains(helpOf(t, "--help"), "-v, --version") {
		t.Error("--version has a short form")
	}
}

// TestCheatSheetIsRight: each of its lines can be run.
func TestCheatSheetIsRight(t *testing.T) {
	n := 0
	for line := range strings.Lines(helpOf(t, "help", "cheat")) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
		_, words, ok := strings.Cut(line, "netsvc ")
		if !ok || strings.HasPrefix(words, "cheat:") {
			continue
		}
		n++
		words = strings.TrimSuffix(words, ")\"")
		words = strings.ReplaceAll(words, `'{"sha":"4f2"}'`, "1")
		if _, err := (&program{}).commands().Split(strings.Fields(strings.ReplaceAll(words, "'", ""))); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if n < 10 {
		t.Errorf("found %d lines, want at least 10", n)
	}
}

func TestHelpGoesToAnybody(t *testing.T) {
	reader, writer := io.Pipe()
	reader.Close()
	code := run([]string{"netsvc", "--help"}, streams{strings.NewReader(""), writer, io.Discard}, func(string) string { return "" }, config.Folder{})
	if code == 0 {
		t.Error("exit 0 though nothing could be written")
	}
}
