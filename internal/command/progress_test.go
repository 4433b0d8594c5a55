package command_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
)

// TestProgressOfConnecting: what is there soon is not waited for.
func TestProgressOfConnecting(t *testing.T) {
	const text = "waiting for the exchange at 127.0.0.1:1 ..."
	blank := strings.Repeat(" ", len(text+" 1s"))
	for _, tc := range []struct {
		takes time.Duration
		want  string
	}{
		{400 * time.Millisecond, ""},
		{1600 * time.Millisecond, "<" + text + "<" + text + " 1s<" + blank + "<"},
	} {
		t.Run(tc.takes.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var terminal bytes.Buffer
				progress := command.NewProgress(&terminal, render.Look{Terminal: true})
				env := &command.Env{
					Progress: progress, Settings: command.Settings{Exchange: "127.0.0.1:1"},
					Connect: func(context.Context, bool) (*service.Conn, error) { time.Sleep(tc.takes); return nil, nil },
				}
				c := &command.Command{Name: "connect", Run: func(ctx context.Context, env *command.Env) error {
					_, err := env.Connect(ctx, false)
					return err
				}}
				if err := c.Execute(t.Context(), env); err != nil {
					t.Error(err)
				}
				if got := strings.ReplaceAll(terminal.String(), "\r", "<"); got != tc.want {
					t.Errorf("the terminal got %q, want %q", got, tc.want)
				}
			})
		})
	}
}

// TestProgressGivesWay: before a result is written the line is gone, and it comes back when
// nothing else has come for a while.
func TestProgressGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var terminal bytes.Buffer
		p := command.NewProgress(&terminal, render.Look{Terminal: true})
		out := p.Guard(&terminal)
		end := p.Begin("x")
		time.Sleep(600 * time.Millisecond)
		fmt.Fprintln(out, "1")
		time.Sleep(300 * time.Millisecond)
		fmt.Fprintln(out, "2")
		p.Note("2 done")
		time.Sleep(800 * time.Millisecond)
		end()
		end()
		fmt.Fprintln(out, "3")
		got := strings.ReplaceAll(terminal.String(), "\r", "<")
		if want := "<waiting for x ...<                 <1\n2\n<waiting for x ... 1s, 2 done<                            <3\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestNoProgressWhilePeopleType: the line would go over theirs.
func TestNoProgressWhilePeopleType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var terminal bytes.Buffer
		p := command.NewProgress(&terminal, render.Look{Terminal: true})
		typed, keys := io.Pipe()
		end := p.Begin("x")
		go func() {
			time.Sleep(3 * time.Second)
			fmt.Fprint(keys, "yes\n")
		}()
		if _, err := p.Ask(typed).Read(make([]byte, 8)); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		end()
		if !strings.HasPrefix(terminal.String(), "\rwaiting for x ... 3s") {
			t.Errorf("the terminal got %q, want nothing before the answer of 3 s", terminal.String())
		}
	})
}

func TestNoProgress(t *testing.T) {
	var none *command.Progress
	var out bytes.Buffer
	none.Note("x")
	none.Begin("x")()
	if in := strings.NewReader(""); none.Ask(in) != io.Reader(in) {
		t.Error("the reader is another")
	}
	fmt.Fprint(none.Guard(&out), "as it is")
	if out.String() != "as it is" {
		t.Errorf("got %q", out.String())
	}
}
