package render_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/render"
)

func TestLogLines(t *testing.T) {
	for _, tc := range []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"a message with facts", func(l *slog.Logger) { l.Info("listening", "address", "127.0.0.1:1", "n", 3) }, "listening address=127.0.0.1:1 n=3"},
		{"a warning", func(l *slog.Logger) { l.Warn("slow") }, "WARN slow"},
		{"below the level", func(l *slog.Logger) { l.Debug("unseen") }, ""},
		{"an error as a fact", func(l *slog.Logger) { l.Error("failed", "err", errors.New("no way")) }, `ERROR failed err="no way"`},
		{"a newline in a name is one record", func(l *slog.Logger) { l.Info("announced", "service", "a\nb") }, `announced service="a\nb"`},
		{"an escape sequence in a message", func(l *slog.Logger) { l.Info("a\x1b[2Jb") }, `a\x1b[2Jb`},
		{"bidi in a value", func(l *slog.Logger) { l.Info("m", "k", "\u202e") }, `m k="\u202e"`},
		{"a letter without a shape", func(l *slog.Logger) { l.Info("m", "k", "\u3164") }, `m k="\u3164"`},
		{"an empty value", func(l *slog.Logger) { l.Info("m", "k", "") }, `m k=""`},
		{"facts and groups of the logger", func(l *slog.Logger) { l.With("a", 1).WithGroup("g").With("b", 2).Info("m", "c", 3) }, "m a=1 g.b=2 g.c=3"},
		{"a group of facts", func(l *slog.Logger) { l.Info("m", slog.Group("g", "a", 1, slog.Group("", "b", 2))) }, "m g.a=1 g.b=2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			tc.log(slog.New(render.NewLogHandler(&out, slog.LevelInfo, render.Look{Terminal: true})))
			got := out.String()
			if tc.want == "" {
				if got != "" {
					t.Errorf("logged %q, want nothing", got)
				}
				return
			}
			clock, line, _ := strings.Cut(got, " ")
			if len(clock) != len("15:04:05") || line != tc.want+"\n" {
				t.Errorf("logged %q, want a time of day and %q", got, tc.want)
			}
		})
	}
}
