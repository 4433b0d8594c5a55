package command_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
)

// runIn runs a command that may keep something in a folder.
func (p *place) runIn(t *testing.T, folder config.Folder, flags given, words ...string) (string, error) {
	t.Helper()
	c, err := command.Commands().Find(words[0])
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	env := &command.Env{
		Args: words[1:], Flags: flags, Folder: folder, In: strings.NewReader(""), Out: &out, Err: &out, Log: slog.New(slog.DiscardHandler),
		Settings: command.Settings{Timeout: time.Minute, Format: command.FormatAuto},
		Connect:  func(context.Context, bool) (*service.Conn, error) { return p.conn, nil },
	}
	err = c.Execute(t.Context(), env)
	return out.String(), err
}

// TestSecretArguments are masked where they would be shown, and refused where they would be kept.
func TestSecretArguments(t *testing.T) {
	p := newPlace(t)
	calls := 0
	p.announce(t, "vault", func(s *service.Service) {
		s.Export("login", func(user, password string) bool { calls++; return true }, &service.MethodOptions{
			Params: []string{"user", "password"}, Secret: []string{"password"},
		})
	})
	folder := config.Find("", t.TempDir())
	for _, tc := range []struct {
		name  string
		flags given
		want  string // of the output, or of the error line
	}{
		{"what would be sent", given{"dry-run": true}, `{"item":null,"service":"vault","group":null,"method":"login","args":["ann","***"],"checked":true}` + "\n"},
		{"a command line", given{"curl": true}, "netsvc: vault.login: argument password is secret, and --curl would show it"},
		{"a saved call", given{"save": "login"}, "netsvc: vault.login: argument password is secret, and a saved call would keep it in a file"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := p.runIn(t, folder, tc.flags, "call", "vault.login", "ann", "hunter2")
			if e := command.Explain(t.Context(), err); e != nil {
				got = e.Line(render.Look{})
				if e.Exit != command.ExitUsage {
					t.Errorf("exit %d, want 2", e.Exit)
				}
			}
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
	if _, err := os.Stat(folder.Calls()); !errors.Is(err, fs.ErrNotExist) || calls > 0 {
		t.Errorf("%d calls were made, and the file is %v", calls, err)
	}
}

// TestSavedWordsAndGivenOnes: which word gives an argument by name is known by the signature alone.
func TestSavedWordsAndGivenOnes(t *testing.T) {
	p := newPlace(t)
	p.announce(t, "words", func(s *service.Service) {
		s.Export("join", func(sep string, parts ...string) string { return strings.Join(parts, sep) }, &service.MethodOptions{
			Params: []string{"sep", "parts"},
		})
	})
	for _, tc := range []struct {
		name         string
		saved, given []string
		want         string
	}{
		{"behind", []string{"-", "a"}, []string{"b"}, "a-b"},
		{"nothing more", []string{"-", "a=1", "b"}, nil, "a=1-b"},
		{"a name in the place of the same", []string{"sep=-", "parts:=[\"a\",\"b\"]"}, []string{"sep=+"}, "a+b"},
		{"in its other form", []string{"sep=-", "parts:=[\"a\",\"b\"]"}, []string{"sep:=\"+\""}, "a+b"},
		{"text that looks like a name", []string{"-", "x=1"}, []string{"x=2"}, "x=1-x=2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			folder := config.Find("", t.TempDir())
			if tc.saved[0] == "-" {
				tc.saved[0] = "str:-"
			}
			if _, err := p.runIn(t, folder, given{"save": "it"}, append([]string{"call", "words.join"}, tc.saved...)...); err != nil {
				t.Fatal(err)
			}
			got, err := p.runIn(t, folder, nil, append([]string{"run", "it"}, tc.given...)...)
			if err != nil || got != "\""+tc.want+"\"\n" {
				t.Errorf("got %s, %v, want %q", got, err, tc.want)
			}
		})
	}
}

// TestSaveThatFails makes no call.
func TestSaveThatFails(t *testing.T) {
	p := newPlace(t)
	called := false
	p.announce(t, "book", func(s *service.Service) { s.Export("note", func() { called = true }, nil) })
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, folder := range map[string]config.Folder{"no folder": {}, "a file in its place": config.Find("", file)} {
		_, err := p.runIn(t, folder, given{"save": "it"}, "call", "book.note")
		if e := command.Explain(t.Context(), err); e == nil || e.Exit != command.ExitInternal || called {
			t.Errorf("%s: %v, called is %v", name, e, called)
		}
	}
}
