package command_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/command"
)

// TestGiven reads the flags of a line: what was not given is nothing, and the last one counts.
func TestGiven(t *testing.T) {
	line, err := command.Commands().Split(strings.Fields("-t 5s call m.f --each -P 2 -P 8 --args [=1] --all=false -o json -r"))
	if err != nil {
		t.Fatal(err)
	}
	f := line.Given()
	if !f.Bool("each") || f.Bool("all") || !f.IsSet("all") || f.IsSet("stream") || f.Bool("stream") {
		t.Errorf("switches: each %v, all %v (set %v), stream %v (set %v)", f.Bool("each"), f.Bool("all"), f.IsSet("all"), f.Bool("stream"), f.IsSet("stream"))
	}
	if f.Int("parallel") != 8 || f.Int("max") != 0 || f.Duration("timeout") != 5*time.Second || f.Duration("connect-timeout") != 0 {
		t.Errorf("numbers: %d, %d, %v, %v", f.Int("parallel"), f.Int("max"), f.Duration("timeout"), f.Duration("connect-timeout"))
	}
	if f.String("args") != "[=1]" || f.String("output") != "raw" || f.String("jq") != "" || f.IsSet("out") {
		t.Errorf("texts: %q, %q, %q", f.String("args"), f.String("output"), f.String("jq"))
	}
	if got, want := f.StringSlice("output"), []string{"json", "raw"}; !slices.Equal(got, want) {
		t.Errorf("all of a name: %q, want %q", got, want)
	}
}
