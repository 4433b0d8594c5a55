package repl_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/repl"
)

// One command gives the same text at the prompt as on the command line, in a pipe and on a terminal.
func TestSameTextAsOnTheCommandLine(t *testing.T) {
	for _, look := range []render.Look{{}, {Terminal: true, Color: true, Width: 80}} {
		r := newRoom(t, func(o *repl.Options) { o.Env.OutLook, o.Interactive = look, look.Terminal })
		for _, words := range [][]string{
			{"call", "math.multiply", "3", "-4"}, {"call", "math.multiply", "y:=4", "x=3"}, {"call", "math.series", "3", "-o", "yaml"},
			{"call", "echo.same", "[1,2]", "-q", ".[]"}, {"call", "math.series", "3", "--stream"}, {"call", "math.add", "1", "2", "--dry-run"},
			{"call", "math.multiply", "3", "4", "--envelope", "-q", ".value"}, {"call", "math.add", "1", "2", "--all", "-q", ".value"},
			{"ls"}, {"ls", "-o", "name"}, {"ls", "m*", "-o", "table"}, {"groups"}, {"describe", "math"}, {"describe", "math.add", "-o", "json", "-q", ".methods[].name"},
			{"call", "math.divide", "1", "0"}, {"call", "math.nope"}, {"call", "math.add", "1"}, {"ls", "-o", "raw"}, {"nonsense"},
		} {
			r.out.Reset()
			failed := r.Run(t.Context(), command.ShellWords(words...), repl.Where{})
			want, err := r.outside(t, look, words)
			if got := r.out.String(); strings.ReplaceAll(got, "help lists the commands; a call is SERVICE.METHOD, as in nonsense.METHOD", "netsvc --help lists the commands") != want {
				t.Errorf("%q\n%s\non the command line\n%s", words, got, want)
			}
			if got, want := exitOf(failed), exitOf(err); got != want {
				t.Errorf("%q: exit code %d, on the command line %d", words, got, want)
			}
		}
	}
}

func exitOf(err error) int {
	if e := command.Explain(context.Background(), err); e != nil {
		return e.Exit
	}
	return 0
}

// outside runs a command as the command line does.
func (r *room) outside(t *testing.T, look render.Look, words []string) (string, error) {
	t.Helper()
	var out strings.Builder
	none := func(string) string { return "" }
	line, err := command.Commands().Split(words)
	var settings command.Settings
	if err == nil {
		settings, err = line.Command.Resolve(line.Given(), none, (command.Env{}).Folder)
	}
	if err == nil {
		err = line.Command.Execute(t.Context(), &command.Env{
			Args: line.Args, Flags: line.Given(), Settings: settings, Out: &out, Err: &out, OutLook: look, Log: discard, Getenv: none,
			Connect: func(context.Context, bool) (*service.Conn, error) { return r.host, nil },
		})
	}
	if err != nil {
		out.Write(command.Explain(t.Context(), err).Append(nil, settings.Format, render.Look{}, false))
	}
	return out.String(), err
}

// notes are the lines that a session shows above the prompt.
type notes struct {
	mu    sync.Mutex
	lines []string
	more  chan struct{}
}

func newNotes() *notes { return &notes{more: make(chan struct{}, 1)} }

func (n *notes) add(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, line)
	select {
	case n.more <- struct{}{}:
	default:
	}
}

// await waits until a line has come that holds a text.
func (n *notes) await(t *testing.T, text string) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		n.mu.Lock()
		found := slices.ContainsFunc(n.lines, func(line string) bool { return strings.Contains(line, text) })
		all := fmt.Sprintf("%q", n.lines)
		n.mu.Unlock()
		if found {
			return
		}
		select {
		case <-n.more:
		case <-limit:
			t.Fatalf("no %q in %s", text, all)
		}
	}
}

// Jobs tell what they write and how they end above the prompt, and end with the session.
func TestJobs(t *testing.T) {
	n := newNotes()
	r := newRoom(t, func(o *repl.Options) { o.Interactive, o.Notify = true, n.add })
	run := func(text string) {
		t.Helper()
		if err := r.Run(t.Context(), text, repl.Where{}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	run("math.add 1 2 &")
	n.await(t, "[1] math.add 1 2 &")
	n.await(t, "[1] 3")
	n.await(t, "[1] done  math.add 1 2 &")
	run("math.divide 1 0 &")
	n.await(t, "[2] netsvc: math.divide: division by zero")
	n.await(t, "[2] failed  math.divide 1 0 &")
	run("sub clock &; sub other &")
	run("jobs")
	if got := r.out.String(); !strings.Contains(got, `[{"id":3,"text":"sub clock &"},{"id":4,"text":"sub other &"}]`) {
		t.Errorf("jobs: %s", got)
	}
	run("unsub 3")
	n.await(t, "[3] ended  sub clock &")
	run("unsub *")
	n.await(t, "[4] ended  sub other &")
	run("sub more &")
	run("$x = 3; $x")
	if got := r.out.String(); !strings.HasSuffix(got, "3\n") {
		t.Errorf("the session goes on: %q", got)
	}
}

func TestJobsAreBounded(t *testing.T) {
	n := newNotes()
	r := newRoom(t, func(o *repl.Options) { o.Interactive, o.Notify = true, n.add })
	for range 64 {
		if err := r.Run(t.Context(), "sub clock &", repl.Where{}); err != nil {
			t.Fatal(err)
		}
	}
	err := r.Run(t.Context(), "sub clock &", repl.Where{})
	if exitOf(err) != command.ExitUsage || !strings.Contains(r.out.String(), "64 jobs run already (unsub * ends them)") {
		t.Errorf("one more: %v, %s", err, r.out.String())
	}
}

// What ends a text ends what runs in it, and the session goes on.
func TestInterrupted(t *testing.T) {
	r := newRoom(t, func(o *repl.Options) { o.Interactive = true })
	started := make(chan struct{})
	slow := service.New("slow", nil)
	slow.Export("wait", func(ctx context.Context) error { close(started); <-ctx.Done(); return ctx.Err() }, nil)
	if err := r.host.Announce(t.Context(), slow); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"slow.wait; math.add 1 2", "watch -n 1h math.add 1 2", "repeat 100000000 math.add 1 2 | cat", "sub clock"} {
		ctx, cancel := context.WithCancelCause(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { r.Run(ctx, text, repl.Where{}) }) // ends when ctx does
		if strings.HasPrefix(text, "slow") {
			<-started
		}
		cancel(&command.Interrupted{Signal: 2})
		wg.Wait()
	}
	r.out.Reset()
	if err := r.Run(t.Context(), "math.add 1 2", repl.Where{}); err != nil || r.out.String() != "3\n" {
		t.Errorf("afterwards: %q, %v", r.out.String(), err)
	}
}

// A session moves with its context, and a statement may go elsewhere.
func TestOneStatementElsewhere(t *testing.T) {
	var places []string
	r := newRoom(t, func(o *repl.Options) {
		dial := o.Dial
		o.Dial = func(ctx context.Context, s command.Settings, patient bool) (*service.Conn, error) {
			places = append(places, s.Exchange)
			return dial(ctx, s, patient)
		}
	})
	for _, text := range []string{
		"math.add 1 2", "math.add 1 2", "math.add 1 2 -x 127.0.0.1:7", "math.add 1 2",
		"context add lab -x 127.0.0.1:8", "math.add 1 2", "context use lab", "math.add 1 2", "math.add 1 2 --context local",
	} {
		if err := r.Run(t.Context(), text, repl.Where{}); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	want := []string{"127.0.0.1:11111", "127.0.0.1:7", "127.0.0.1:8", "127.0.0.1:11111"}
	if !slices.Equal(places, want) {
		t.Errorf("connected to %q, want %q", places, want)
	}
	if got := r.Prompt(); got.Context != "lab" || !got.Connected {
		t.Errorf("the prompt shows %+v", got)
	}
}

// A text of more results than a variable takes is refused, and says so.
func TestTooManyResults(t *testing.T) {
	r := newRoom(t, nil)
	err := r.Run(t.Context(), "$x = math.series 100001 |> .[]", repl.Where{})
	if exitOf(err) != command.ExitUsage || !strings.Contains(r.out.String(), "too many for a variable") {
		t.Errorf("%v: %s", err, r.out.String())
	}
	if err := r.Run(t.Context(), "$x = math.series 100000 |> .[]; $x |> length", repl.Where{}); err != nil || !strings.HasSuffix(r.out.String(), "\n100000\n") {
		t.Errorf("as many as there may be: %v", err)
	}
}

// A script ends with its first failure, and with quit.
func TestRunScript(t *testing.T) {
	for _, tc := range []struct {
		name, script, want string
		goOn               bool
		exit               int
	}{
		{"to its end", "math.add 1 2\nmath.add 3 4", "3\n7\n", false, 0},
		{"to the first failure", "math.add 1 2\nnonsense\nmath.add 3 4", "3\nnetsvc: s:2: unknown command", false, 2},
		{"behind failures", "nonsense\nmath.divide 1 0\nmath.add 3 4", "7\n", true, 2},
		{"to quit", "math.add 1 2; quit; math.add 3 4\nmath.add 5 6", "3\n", false, 0},
		{"what has no end", "math.add 1 2\nmath.add [1,\n2", "a bracket [ has no end", false, 2},
		{"lines of an item", "math.series 3 |>\n  # and then\n  add\nnobody.at |\n cat", "6\n", true, 3},
		{"failing jobs", "math.divide 1 0 &\nmath.add 1 2", "division by zero", false, 4},
		{"quit in a file of a file", "!echo quit > q; source q; math.add 1 2", "", false, 0},
		{"quit in a value", "math.add $(quit) 1; math.add 5 6", "", false, 0},
		{"quit that is watched", "watch quit; math.add 1 2", "", false, 0},
		{"itself", "!echo source q > q; source q", "more than 16 files inside each other", false, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			r := newRoom(t, func(o *repl.Options) { o.GoOn = tc.goOn })
			err := r.RunScript(t.Context(), strings.NewReader(tc.script), "s")
			if got := exitOf(err); got != tc.exit || !strings.Contains(r.out.String(), tc.want) {
				t.Errorf("exit code %d, %q; want %d and %q", got, r.out.String(), tc.exit, tc.want)
			}
		})
	}
}

// What cannot be read is an error of the script.
func TestScriptThatCannotBeRead(t *testing.T) {
	r := newRoom(t, nil)
	err := r.RunScript(t.Context(), failing{}, "s")
	if exitOf(err) != command.ExitUsage || !strings.Contains(r.out.String(), "netsvc: s:1: cannot read the script: no more") {
		t.Errorf("%v: %s", err, r.out.String())
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("no more") }

// A value inside of a job is a part of the job: it takes nothing that is typed at the prompt, and nothing
// that is about the session.
func TestValuesInsideOfJobs(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"stdin", "echo.same $(echo.same -) &", `[1] ""`},
		{"the session", "echo.same $(use math) &", "[1] netsvc: use is no job: it is about the session"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			typed := strings.NewReader("typed")
			n := newNotes()
			r := newRoom(t, func(o *repl.Options) { o.Env.In, o.Interactive, o.Notify = typed, true, n.add })
			if err := r.Run(t.Context(), tc.text, repl.Where{}); err != nil {
				t.Fatal(err)
			}
			n.await(t, tc.want)
			if typed.Len() != len("typed") {
				t.Errorf("%d bytes of what is typed are left", typed.Len())
			}
		})
	}
}

// What a file prints goes where the results of source do.
func TestSourceIntoSinks(t *testing.T) {
	for _, tc := range []struct{ name, script, want string }{
		{"into a file", "source q > out; !echo the file:; !cat out", "the file:\n3\nit\n"},
		{"into a pipe", "source q | sed s/^/-/", "-3\n-it\n"},
		{"of a file of a file", "!echo source q > p; source p | sed s/^/-/", "-3\n-it\n"},
		{"into a variable", "$x = source q; vars", `[{"name":"x","value":null}]` + "\n"},
		{"into a value", "echo.kind $(source q)", `"<nil>"` + "\n"},
		{"a pipe inside", "!echo 'math.add 3 4 | cat' > q; source q > out; !echo the file:; !cat out", "the file:\n7\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("q", []byte("math.add 1 2\n!echo it\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			r := newRoom(t, nil)
			err := r.RunScript(t.Context(), strings.NewReader(tc.script), "s")
			if got := r.out.String(); err != nil || got != tc.want {
				t.Errorf("got %q, %v; want %q", got, err, tc.want)
			}
		})
	}
}

// Lines of many flags, as they are found in files that are no scripts, take no time to speak of: the words
// are sorted once, not once for each of them.
func TestLinesOfManyFlags(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"in front of a call", strings.Repeat("--quiet ", 20_000) + "math.add 1 2", "3\n"},
		{"in front of a value of a flag", strings.Repeat("--quiet ", 20_000) + "-o yaml math.add 1 2", "3\n"},
		{"one that is unknown, and words", "-what" + strings.Repeat(" is", 20_000), "unknown flag -what"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRoom(t, nil)
			if _ = r.Run(t.Context(), tc.text, repl.Where{}); !strings.Contains(r.out.String(), tc.want) {
				t.Errorf("got %.200q, want %q", r.out.String(), tc.want)
			}
		})
	}
}
