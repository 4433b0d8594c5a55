package main

import (
	"bytes"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/command"
)

// fussy is an output that refuses while it is full.
type fussy struct {
	full bool
	bytes.Buffer
}

func (f *fussy) Write(p []byte) (int, error) {
	if f.full {
		return 0, errors.New("disk full")
	}
	return f.Buffer.Write(p)
}

func TestLostLogRecordsAreCounted(t *testing.T) {
	var out fussy
	log := newLogger(&command.Env{Err: &out}, true)
	log.Info("one")
	out.full = true
	log.Info("two")
	log.Info("three")
	out.full = false
	log.Info("four")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("logged %q, want three lines", lines)
	}
	for i, want := range []string{`"msg":"one"`, `"msg":"log records were lost","records":2`, `"msg":"four"`} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("line %d = %s, want %s", i, lines[i], want)
		}
	}
}

// TestFault_48 logs a name with a newline: one record, escaped.
func TestFault_48_NewlineInALoggedName(t *testing.T) {
	var out bytes.Buffer
	newLogger(&command.Env{Err: &out}, true).Info("announced", "service", "a\nb\x1b")
	if want := regexp.MustCompile(`^\{.*"service":"a\\nb\\u001b"\}\n$`); !want.MatchString(out.String()) {
		t.Errorf("logged %q, want one record", out.String())
	}
}

func TestOnlyDaemonsLogUnasked(t *testing.T) {
	for _, tc := range []struct {
		name     string
		daemon   bool
		settings command.Settings
		want     bool
	}{
		{"a daemon", true, command.Settings{}, true},
		{"a command", false, command.Settings{}, false},
		{"a command with -v", false, command.Settings{Verbose: true, LogLevel: slog.LevelDebug}, true},
		{"a quiet daemon", true, command.Settings{Quiet: true, LogLevel: slog.LevelWarn}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			newLogger(&command.Env{Err: &out, Settings: tc.settings}, tc.daemon).Info("hello")
			if got := out.Len() > 0; got != tc.want {
				t.Errorf("logged %q, want anything: %v", out.String(), tc.want)
			}
		})
	}
}
