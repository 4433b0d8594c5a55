package repl_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/repl"
)

// typist types lines of a script. Two keys have words: ^C, and ^C after a pause.
type typist struct {
	script     []string
	prompts    []string // that it was shown
	remembered []string
}

const laterC = "^C later"

func (p *typist) ReadLine(_ context.Context, prompt func() string) (string, error) {
	p.prompts = append(p.prompts, prompt())
	if len(p.script) == 0 {
		return "", io.EOF
	}
	line := p.script[0]
	p.script = p.script[1:]
	switch line {
	case laterC:
		time.Sleep(time.Second)
		return "", repl.ErrAborted
	case "^C":
		return "", repl.ErrAborted
	case "^D":
		return "", io.EOF
	}
	return line, nil
}

func (p *typist) Remember(line string) { p.remembered = append(p.remembered, line) }

// talk is a dialogue in which a text goes on while it ends with a comma, and secrets are private.
type talk struct {
	repl.Dialogue
	ran, said []string
}

func newTalk(p *typist, h *repl.History) *talk {
	d := &talk{}
	d.Dialogue = repl.Dialogue{
		Lines: p, History: h,
		Prompt:     func() string { return "> " },
		Continued:  func() string { return "... " },
		Incomplete: func(text string) bool { return strings.HasSuffix(text, ",") },
		Private:    func(text string) bool { return strings.Contains(text, "secret") },
		Run: func(_ context.Context, text string) error {
			d.ran = append(d.ran, text)
			if text == "stop" {
				return errors.New("stopped")
			}
			return nil
		},
		Say: func(text string) { d.said = append(d.said, text) },
	}
	return d
}

func TestDialogue(t *testing.T) {
	for _, tc := range []struct {
		name        string
		script      string // lines divided by |
		ran, kept   string
		said        int
		prompts     string
		wantFailure string
	}{
		{"statements", "ls|groups", "ls|groups", "ls|groups", 0, "> > > ", ""},
		{"empty lines run nothing", "||  |ls", "ls", "ls", 0, "> > > > > ", ""},
		{"several lines are one", "sum [1,|2]|ls", "sum [1,\n2]|ls", "sum [1, 2]|ls", 0, "> ... > > ", ""},
		{"a blank in front keeps a line out", " ls|groups", " ls|groups", "groups", 0, "> > > ", ""},
		{"a secret is not kept", "login secret,|x", "login secret,\nx", "", 0, "> ... > ", ""},
		{"Ctrl-C gives a line up", "^C|ls", "ls", "ls", 0, "> > > ", ""},
		{"and all lines of a statement", "sum [1,|^C|ls", "ls", "ls", 0, "> ... > > ", ""},
		{"twice at once is a hint", "^C|^C|^C|ls", "ls", "ls", 2, "> > > > > ", ""},
		{"twice is none", "^C|" + laterC + "|ls", "ls", "ls", 0, "> > > > ", ""},
		{"nor with a line between", "^C|ls|^C", "ls", "ls", 0, "> > > > ", ""},
		{"Ctrl-D ends it", "ls|^D|groups", "ls", "ls", 0, "> > ", ""},
		{"Ctrl-D in a statement gives that up", "sum [1,|^D|ls", "ls", "ls", 0, "> ... > > ", ""},
		{"what Run returns ends it", "ls|stop|groups", "ls|stop", "ls|stop", 0, "> > ", "stopped"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &typist{script: strings.Split(tc.script, "|")}
				d := newTalk(p, open(t, ""))
				err := d.Talk(t.Context())
				if got := strings.Join(d.ran, "|"); got != tc.ran {
					t.Errorf("ran %q, want %q", got, tc.ran)
				}
				if got := strings.Join(d.History.Lines(-1), "|"); got != tc.kept || strings.Join(p.remembered, "|") != tc.kept {
					t.Errorf("kept %q, remembered %q, want %q", got, p.remembered, tc.kept)
				}
				if got := strings.Join(p.prompts, ""); got != tc.prompts {
					t.Errorf("prompts %q, want %q", got, tc.prompts)
				}
				if len(d.said) != tc.said {
					t.Errorf("said %q, want %d hints", d.said, tc.said)
				}
				if err != nil && err.Error() != tc.wantFailure || err == nil && tc.wantFailure != "" {
					t.Errorf("Talk = %v, want %q", err, tc.wantFailure)
				}
			})
		})
	}
}

func TestDialogueBringsBackEarlierLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	add(t, open(t, path), "ls", "groups")
	p := &typist{}
	if err := newTalk(p, open(t, path)).Talk(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"ls", "groups"}; !slices.Equal(p.remembered, want) {
		t.Errorf("remembered %q, want %q", p.remembered, want)
	}
}

// TestDialogueWithoutAHistory says so once, and goes on.
func TestDialogueWithoutAHistory(t *testing.T) {
	h, err := repl.OpenHistory(t.TempDir())
	if err == nil {
		t.Fatal("a folder was opened for a history")
	}
	d := newTalk(&typist{script: []string{"ls", "groups"}}, h)
	if err := d.Talk(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(d.said) != 1 || len(d.ran) != 2 {
		t.Errorf("said %q, ran %q; want one message and two statements", d.said, d.ran)
	}
}
