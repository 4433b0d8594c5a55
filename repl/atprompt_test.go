package repl_test

import (
	"testing"

	"github.com/netsvc/netsvc/repl"
)

// TestSecret knows which lines a history must not have.
func TestSecret(t *testing.T) {
	r := newRoom(t, func(o *repl.Options) { o.Interactive, o.Notify = true, func(string) {} })
	if err := r.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, text string
		want       bool
	}{
		{"in its place", "echo.login ann hunter2", true},
		{"by its name", "echo.login password=hunter2", true},
		{"as JSON", `echo.login ann password:="hunter2"`, true},
		{"in --args", `echo.login --args '{"name":"ann","password":"hunter2"}'`, true},
		{"behind call", "call echo.login ann hunter2", true},
		{"in a list", "ls; echo.login ann hunter2", true},
		{"in an assignment", "$a = echo.login ann hunter2", true},
		{"inside of another statement", "math.add $(echo.login ann hunter2) 3", true},
		{"inside of time", "time echo.login ann hunter2", true},
		{"of a variable", "echo.login ann $p", true},
		{"none is given", "echo.login ann", false},
		{"the other parameter by its name", "echo.login name=ann", false},
		{"another method", "echo.same hunter2", false},
		{"no call", "describe echo.login", false},
		{"in what is no statement", "echo.login ann hunter2 > ; ls", true},
		{"in what is none behind another", "ls; $(echo.login ann hunter2) &&", true},
		{"no statement, and no such method", "echo.same hunter2 > ; ls", false},
		{"what has no end yet", "echo.login 'ann", false},
	} {
		if got := r.Secret(t.Context(), tc.text); got != tc.want {
			t.Errorf("%s: Secret(%q) = %v, want %v", tc.name, tc.text, got, tc.want)
		}
	}
	if r.ex.Stats().Calls != 0 {
		t.Error("a method was called")
	}
}

// TestFoldedTextsMeanTheSame runs a text of several lines, and what the history has of it.
func TestFoldedTextsMeanTheSame(t *testing.T) {
	for _, text := range []string{
		"echo.same [1,\n  2]", "echo.same {\n\"a\":\n1}", "echo.same 'a\nb'", "echo.same '[1,\n2]'", "echo.same \"a\nb\"",
		"ls |>\nlength", "ls -q '.[0]\n|.name'",
	} {
		r := newRoom(t, nil)
		if repl.Incomplete(repl.Fold(text)) {
			t.Errorf("%q is folded to %q, which has no end", text, repl.Fold(text))
		}
		want := r.run(t, text)
		if got := r.run(t, repl.Fold(text)); got != want {
			t.Errorf("%q gives %q, folded to %q it gives %q", text, want, repl.Fold(text), got)
		}
	}
}

// run runs a text that goes well, and returns what it shows.
func (r *room) run(t *testing.T, text string) string {
	t.Helper()
	r.out.Reset()
	if err := r.Run(t.Context(), text, repl.Where{}); err != nil {
		t.Errorf("%q: %v: %s", text, err, r.out.String())
	}
	return r.out.String()
}
