package render

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
)

// LogHandler writes log records for people: the time of day, the level unless it is INFO, the
// message, the facts. Each record is one line of one Write, whatever its texts hold. It may be
// used by many goroutines.
type LogHandler struct {
	out    io.Writer
	level  slog.Leveler
	look   Look
	mu     *sync.Mutex // one record at a time on out
	facts  string      // those of WithAttrs, rendered
	prefix string      // of the open groups: "a.b."
}

// NewLogHandler makes a handler for records of level and above.
func NewLogHandler(out io.Writer, level slog.Leveler, look Look) *LogHandler {
	return &LogHandler{out: out, level: level, look: look, mu: new(sync.Mutex)}
}

// Enabled reports whether records of that level are written.
func (h *LogHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.level.Level()
}

// Handle writes a record. The error is that of the write.
func (h *LogHandler) Handle(_ context.Context, r slog.Record) error {
	var line []byte
	if !r.Time.IsZero() {
		line = h.look.appendPainted(line, faint, r.Time.Format(time.TimeOnly))
		line = append(line, ' ')
	}
	if r.Level != slog.LevelInfo {
		line = h.look.appendPainted(line, levelPaint(r.Level), r.Level.String())
		line = append(line, ' ')
	}
	line = append(line, Clean(r.Message)...)
	line = append(line, h.facts...)
	r.Attrs(func(a slog.Attr) bool {
		line = h.appendFact(line, h.prefix, a)
		return true
	})
	line = append(line, '\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.out.Write(line)
	return err
}

// WithAttrs returns a handler whose records have these facts, too.
func (h *LogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	more := *h
	facts := []byte(h.facts)
	for _, a := range attrs {
		facts = h.appendFact(facts, h.prefix, a)
	}
	more.facts = string(facts)
	return &more
}

// WithGroup returns a handler that puts the group's name before the names of later facts.
func (h *LogHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	inner := *h
	inner.prefix += name + "."
	return &inner
}

func (h *LogHandler) appendFact(line []byte, prefix string, a slog.Attr) []byte {
	v := a.Value.Resolve()
	if a.Equal(slog.Attr{}) {
		return line
	}
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range v.Group() {
			line = h.appendFact(line, prefix, member)
		}
		return line
	}
	line = append(line, ' ')
	line = h.look.appendPainted(line, faint, Clean(prefix+a.Key)+"=")
	return append(line, factText(v)...)
}

// factText is the value of a fact: as it is when it is one clean word, else in quotes.
func factText(v slog.Value) string {
	text := v.String()
	if text == "" || strings.ContainsAny(text, " =\"") || Clean(text) != text {
		return Clean(strconv.Quote(text))
	}
	return text
}

func levelPaint(level slog.Level) paint {
	switch {
	case level >= slog.LevelError:
		return red
	case level >= slog.LevelWarn:
		return yellow
	}
	return faint
}
