package repl_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/repl"
)

var update = flag.Bool("update", false, "write the transcripts anew")

// room is an exchange in memory with some services, and a session there.
type room struct {
	*repl.Session
	ex   *exchange.Exchange
	host *service.Conn
	out  *paper // results and errors, in the order in which they come
}

// paper is what many may write on.
type paper struct {
	mu   sync.Mutex
	text []byte
}

func (p *paper) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = append(p.text, text...)
	return len(text), nil
}

func (p *paper) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.text)
}

func (p *paper) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.text = nil
}

// newRoom makes one whose session begins with some options.
func newRoom(t *testing.T, change func(*repl.Options)) *room {
	t.Helper()
	testnet.LeakCheck(t)
	ex, err := exchange.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ex.Close() })
	r := &room{ex: ex, out: &paper{}}
	if r.host, err = service.Connect(t.Context(), "127.0.0.1:1", &service.Options{Dial: ex.Dial}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.host.Close() })
	for _, s := range []*service.Service{newMath(), newEcho()} {
		if err := r.host.Announce(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	o := repl.Options{
		Env: command.Env{
			In: strings.NewReader(""), Out: r.out, Err: r.out, Log: discard,
			Getenv: func(string) string { return "" }, Folder: config.Find("", t.TempDir()), Shell: shell,
		},
		Dial: func(ctx context.Context, s command.Settings, _ bool) (*service.Conn, error) {
			return service.Connect(ctx, s.Exchange, &service.Options{Dial: ex.Dial})
		},
	}
	if change != nil {
		change(&o)
	}
	if r.Session, err = repl.NewSession(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

var discard = slog.New(slog.DiscardHandler)

// shell is the shell of a session, without the environment of the test.
func shell(ctx context.Context, line command.ShellLine) error {
	cmd := exec.CommandContext(ctx, "sh", "-c", line.Text)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = line.In, line.Out, line.Err, time.Second
	return cmd.Run()
}

func newMath() *service.Service {
	s := service.New("math", &service.ServiceOptions{Groups: []string{"web-services"}})
	two := []string{"x", "y"}
	s.Export("multiply", func(x, y int64) int64 { return x * y }, &service.MethodOptions{Params: two})
	s.Export("add", func(x, y float64) float64 { return x + y }, &service.MethodOptions{Params: two})
	s.Export("divide", func(x, y int64) (int64, error) {
		if y == 0 {
			return 0, errors.New("division by zero")
		}
		return x / y, nil
	}, &service.MethodOptions{Params: two})
	s.Export("series", func(n int64) iter.Seq[int64] {
		return func(yield func(int64) bool) {
			for i := int64(1); i <= n && yield(i); i++ {
			}
		}
	}, &service.MethodOptions{Params: []string{"n"}})
	return s
}

func newEcho() *service.Service {
	s := service.New("echo", nil)
	s.Export("same", func(v any) any { return v }, &service.MethodOptions{Params: []string{"value"}})
	s.Export("kind", func(v any) string { return fmt.Sprintf("%T", v) }, &service.MethodOptions{Params: []string{"value"}})
	s.Export("login", func(name, password string) string { return name }, &service.MethodOptions{Params: []string{"name", "password"}, Secret: []string{"password"}})
	return s
}

// play runs the lines of a transcript that begin with "> ", and returns the transcript as it should
// be: each such line, then what came of it, and "= N" where it failed with exit code N.
func (r *room) play(t *testing.T, script string) string {
	t.Helper()
	var played strings.Builder
	number := 0
	for line := range strings.Lines(script) {
		text, ok := strings.CutPrefix(line, "> ")
		if strings.HasPrefix(line, "# ") || strings.TrimSpace(line) == "" && played.Len() == 0 {
			played.WriteString(line)
		}
		if !ok {
			continue
		}
		number++
		played.WriteString(line)
		r.out.Reset()
		err := r.Run(t.Context(), strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "⏎", "\n"), repl.Where{File: "t", Line: number})
		played.WriteString(r.out.String())
		var e *command.Error
		switch {
		case errors.Is(err, repl.ErrQuit):
			played.WriteString("= quit\n")
		case errors.As(err, &e):
			fmt.Fprintf(&played, "= %d\n", e.Exit)
		case err != nil:
			t.Errorf("%s: error %v is no command.Error", text, err)
		}
	}
	return played.String()
}

func TestTranscripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			home, err := filepath.Abs(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			got := newRoom(t, nil).play(t, string(want))
			if *update {
				if err := os.WriteFile(home, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}
