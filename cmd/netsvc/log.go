package main

import (
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/render"
)

// newLogger makes the logger of a command: lines for people on a terminal, JSON in a pipe. Only
// daemons log without being asked to.
func newLogger(env *command.Env, daemon bool) *slog.Logger {
	if !daemon && !env.Settings.Verbose {
		return slog.New(slog.DiscardHandler)
	}
	out := &logWriter{out: env.Err}
	if env.ErrLook.Terminal {
		return slog.New(render.NewLogHandler(out, env.Settings.LogLevel, env.ErrLook))
	}
	return slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: env.Settings.LogLevel}))
}

// logWriter counts the records that could not be written, because a disk was full or a pipe
// closed, and says how many they were before the first one that can be.
type logWriter struct {
	mu   sync.Mutex
	out  io.Writer
	lost int
}

// Write writes one record. It never fails, so that nobody stops for a log.
func (w *logWriter) Write(record []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lost > 0 && w.report() != nil {
		w.lost++
		return len(record), nil
	}
	if _, err := w.out.Write(record); err != nil {
		w.lost++
	}
	return len(record), nil
}

// report writes how many records were lost. It is called with the mutex held.
func (w *logWriter) report() error {
	_, err := fmt.Fprintf(w.out, `{"level":"WARN","msg":"log records were lost","records":%d}`+"\n", w.lost)
	if err == nil {
		w.lost = 0
	}
	return err
}
