package service_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/slogtest"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// tapped is a service clock with a tap before a handler that writes from level Info on.
type tapped struct {
	*service.LogTap
	log  *slog.Logger
	book logbook
	conn *service.Conn // somebody else's
}

// withTap announces the tapped service at an exchange, in virtual time.
func withTap(t *testing.T, f func(t *testing.T, tap *tapped)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var tap tapped
		tap.LogTap = service.NewLogTap(slog.NewTextHandler(&tap.book, nil))
		tap.log = slog.New(tap.LogTap)
		_, tap.conn = pairUp(t, service.New("clock", &service.ServiceOptions{Logger: tap.log, Work: tap.Run}))
		synctest.Wait()
		f(t, &tap)
	})
}

// listen subscribes to the clock, and returns when the tap has been told.
func (tap *tapped) listen(t *testing.T, patterns ...string) *service.Subscription {
	t.Helper()
	sub := subscribe(t, tap.conn, service.SubscribeOptions{Subjects: patterns})
	if err := sub.Synced(t.Context()); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
	return sub
}

// captured reads the log records that come until none has come for a while.
func captured(t *testing.T, sub *service.Subscription) []service.LogRecord {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	var records []service.LogRecord
	for {
		report, err := sub.Next(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			return records
		}
		var record service.LogRecord
		if err == nil {
			err = report.Decode(&record)
		}
		if err != nil || report.Subject != service.LogSubject || report.Retained {
			t.Fatalf("%s of the log: %v, retained %v", report.Subject, err, report.Retained)
		}
		records = append(records, record)
	}
}

func TestLogTapCapturesForThoseWhoNameIt(t *testing.T) {
	tests := []struct {
		name     string
		patterns []string
		want     bool
	}{
		{"all subjects", nil, false},
		{"a star", []string{"*"}, false},
		{"a pattern that only fits", []string{"s*.log"}, false},
		{"another subject of the system", []string{"system.stats"}, false},
		{"its name", []string{"system.log"}, true},
		{"all of the system", []string{"system.*"}, true},
		{"one of two patterns", []string{"tick", "system.l?g"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			withTap(t, func(t *testing.T, tap *tapped) {
				sub := tap.listen(t, tt.patterns...)
				if got := tap.Enabled(t.Context(), slog.LevelDebug); got != tt.want {
					t.Errorf("takes records below the level of the next handler: %v, want %v", got, tt.want)
				}
				tap.log.Debug("seen")
				if got := len(captured(t, sub)) == 1; got != tt.want {
					t.Errorf("captured: %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestLogTapCapturesWhileSomebodyListens(t *testing.T) {
	withTap(t, func(t *testing.T, tap *tapped) {
		tap.log.Info("before")
		first, second := tap.listen(t, "system.log"), tap.listen(t, "system.*")
		tap.log.Info("one")
		first.Close()
		synctest.Wait()
		tap.log.Info("two")
		wantMessages(t, captured(t, second), "one", "two")
		second.Close()
		synctest.Wait()
		if tap.Enabled(t.Context(), slog.LevelDebug) {
			t.Error("captures when all listeners have left")
		}
		tap.log.Info("three")
		third := tap.listen(t, "system.log")
		tap.log.Info("four")
		wantMessages(t, captured(t, third), "four")
		wantText(t, tap.book.String(), "before", "one", "two", "three", "four")
	})
}

func wantMessages(t *testing.T, records []service.LogRecord, want ...string) {
	t.Helper()
	var got []string
	for _, r := range records {
		got = append(got, r.Message)
		if r.Lost != 0 {
			t.Errorf("%d lost before %s, want none", r.Lost, r.Message)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("captured %v, want %v", got, want)
	}
}

// TestLogTapIsForThoseWhoAsked alone: another connection's subscription to everything gets none.
func TestLogTapIsForThoseWhoAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex, err := exchange.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ex.Close()
		tap := service.NewLogTap(nil)
		host := connectTo(t, ex)
		if err := host.Announce(t.Context(), service.New("clock", &service.ServiceOptions{Work: tap.Run})); err != nil {
			t.Fatal(err)
		}
		all := subscribe(t, connectTo(t, ex), service.SubscribeOptions{})
		asked := subscribe(t, connectTo(t, ex), service.SubscribeOptions{Subjects: []string{"system.log"}})
		synctest.Wait()
		slog.New(tap).Info("secret")
		wantMessages(t, captured(t, asked), "secret")
		wantLines(t, "for the other", drain(t, all))
	})
}

func TestLogTapCapturesEveryLevel(t *testing.T) {
	withTap(t, func(t *testing.T, tap *tapped) {
		sub := tap.listen(t, "system.log")
		began := time.Now()
		levels := []slog.Level{slog.LevelDebug - 4, slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError + 1}
		for _, level := range levels {
			tap.log.Log(t.Context(), level, "m")
		}
		var got []string
		for _, r := range captured(t, sub) {
			got = append(got, r.Level)
			if !r.Time.Equal(began) {
				t.Errorf("logged at %v, want %v", r.Time, began)
			}
		}
		if want := []string{"DEBUG-4", "DEBUG", "INFO", "WARN", "ERROR+1"}; !slices.Equal(got, want) {
			t.Errorf("captured %v, want %v", got, want)
		}
		if lines := strings.Count(tap.book.String(), "\n"); lines != 3 {
			t.Errorf("the next handler got %d records, want the 3 of its level:\n%s", lines, tap.book.String())
		}
	})
}

// TestLogTapIsAHandler as slog wants them, before another handler and for those who listen.
func TestLogTapIsAHandler(t *testing.T) {
	withTap(t, func(t *testing.T, tap *tapped) {
		sub := tap.listen(t, "system.log")
		err := slogtest.TestHandler(tap, func() []map[string]any {
			var results []map[string]any
			for _, r := range captured(t, sub) {
				results = append(results, nested(r))
			}
			return results
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// nested is a record with a map for each group.
func nested(r service.LogRecord) map[string]any {
	all := map[string]any{slog.LevelKey: r.Level, slog.MessageKey: r.Message}
	if !r.Time.IsZero() {
		all[slog.TimeKey] = r.Time
	}
	for name, v := range r.Attrs {
		in := all
		path := strings.Split(name, ".")
		for _, group := range path[:len(path)-1] {
			if in[group] == nil {
				in[group] = map[string]any{}
			}
			in = in[group].(map[string]any)
		}
		in[path[len(path)-1]] = v
	}
	return all
}

// masked has a text of its own for logs.
type masked string

func (masked) LogValue() slog.Value { return slog.GroupValue(slog.String("shown", "***")) }

func TestLogTapCopiesFacts(t *testing.T) {
	at := time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC)
	tests := []struct {
		name string
		log  func(l *slog.Logger)
		want string
	}{
		{"none", func(l *slog.Logger) { l.Info("m") }, "map[]"},
		{"numbers and truth as they are", func(l *slog.Logger) { l.Info("m", "i", -1, "u", uint8(2), "f", 1.5, "b", true) }, "map[b:bool true f:float64 1.5 i:int64 -1 u:int64 2]"},
		{"others as text", func(l *slog.Logger) { l.Info("m", "d", time.Second, "t", at, "e", errors.New("no"), "n", nil) },
			"map[d:string 1s e:string no n:string <nil> t:string 2026-11-24 01:02:03 +0000 UTC]"},
		{"groups of the logger", func(l *slog.Logger) { l.With("a", 1).WithGroup("g").With("b", 2).WithGroup("h").Info("m", "c", 3) },
			"map[a:int64 1 g.b:int64 2 g.h.c:int64 3]"},
		{"groups of facts", func(l *slog.Logger) { l.Info("m", slog.Group("g", "a", 1, slog.Group("h", "b", 2))) }, "map[g.a:int64 1 g.h.b:int64 2]"},
		{"a group without a name", func(l *slog.Logger) { l.WithGroup("g").With(slog.Group("", "a", 1)).Info("m", slog.Group("", "b", 2)) },
			"map[g.a:int64 1 g.b:int64 2]"},
		{"a fact without a name", func(l *slog.Logger) { l.WithGroup("g").With(slog.Attr{}).Info("m", slog.Attr{}) }, "map[]"},
		{"a value with its own form", func(l *slog.Logger) { l.With("p", masked("x")).Info("m", "q", masked("y")) }, "map[p.shown:string *** q.shown:string ***]"},
		{"no UTF-8", func(l *slog.Logger) { l.Info("m", "a\xff", "b\xff") }, "map[a\ufffd:string b\ufffd]"},
	}
	withTap(t, func(t *testing.T, tap *tapped) {
		sub := tap.listen(t, "system.log")
		for _, tt := range tests {
			tt.log(tap.log)
			records := captured(t, sub)
			if len(records) != 1 {
				t.Fatalf("%s: captured %d records, want 1", tt.name, len(records))
			}
			typed := map[string]string{}
			for name, v := range records[0].Attrs {
				typed[name] = fmt.Sprintf("%T %v", v, v)
			}
			if got := fmt.Sprint(typed); got != tt.want {
				t.Errorf("%s: captured %s, want %s", tt.name, got, tt.want)
			}
		}
	})
}

func TestLogTapCutsWhatIsTooLong(t *testing.T) {
	const most = 4 << 10
	long := strings.Repeat("x", most-1) + "é" + strings.Repeat("y", most)
	want := strings.Repeat("x", most-1) + "\ufffd"
	withTap(t, func(t *testing.T, tap *tapped) {
		sub := tap.listen(t, "system.log")
		tap.log.Info(long, long, long)
		var many []any
		for i := range 65 {
			many = append(many, fmt.Sprintf("fact %02d", i), i)
		}
		tap.log.Info("many", many...)
		records := captured(t, sub)
		if len(records) != 2 {
			t.Fatalf("captured %d records, want 2", len(records))
		}
		if r := records[0]; r.Message != want || len(r.Attrs) != 1 || r.Attrs[want] != want {
			t.Errorf("texts are not cut to %d bytes of UTF-8", most)
		}
		names := slices.Sorted(maps.Keys(records[1].Attrs))
		if len(names) != 64 || names[63] != "fact 63" {
			t.Errorf("%d facts came, want the first 64", len(names))
		}
	})
}
