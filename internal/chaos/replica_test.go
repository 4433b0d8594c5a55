//go:build linux

package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// What a replica announces: little room, so that calls wait and are refused.
const (
	workName  = "work"
	workLimit = 4
	workQueue = 8
	aloneName = "alone" // a Serial service
	workGrace = time.Second
)

// worker executes calls and writes down which.
type worker struct{ journal *journal }

// runReplica serves until a signal drains it.
func runReplica(c config) error {
	j, err := openJournal(c.History, c.Name)
	if err != nil {
		return err
	}
	before := takeStock()
	conn, err := service.Connect(context.Background(), c.Exchange, backgroundOptions(c.Name))
	if err != nil {
		return err
	}
	w := &worker{journal: j}
	err = service.RunConn(context.Background(), conn, workGrace, w.workService(), w.aloneService())
	j.write(record{Kind: closed, Leaks: before.leaks()})
	if errors.Is(err, context.DeadlineExceeded) {
		return nil // the grace time was over before the calls were: that is part of the game
	}
	return err
}

func (w *worker) workService() *service.Service {
	s := service.New(workName, &service.ServiceOptions{Limit: workLimit, Queue: workQueue})
	s.Export("work", w.work, nil)
	s.Export("fail", w.fail, nil)
	s.Export("panic", w.panic, nil)
	s.Export("large", w.large, nil)
	s.Export("series", w.series, nil)
	s.Export("later", w.later, nil)
	s.Export("pass", w.pass, nil)
	s.Export("ring", w.ring, nil)
	s.Export("each", w.each, nil)
	return s
}

func (w *worker) aloneService() *service.Service {
	s := service.New(aloneName, &service.ServiceOptions{Serial: true, Queue: workQueue})
	s.Export("work", w.work, nil)
	return s
}

func backgroundOptions(program string) *service.Options {
	return &service.Options{
		Background: true, Program: program,
		RetryMin: 20 * time.Millisecond, RetryMax: 200 * time.Millisecond,
	}
}

// begin writes down that a handler starts, and returns how to write what becomes of it.
func (w *worker) begin(ctx context.Context, kind, id string) (tell func(kind, wrong string)) {
	caller, _ := service.CallerFrom(ctx)
	r := record{ID: id, Instance: addressText(caller.Instance)}
	if caller.Service != nil {
		r.Service = caller.Service.Name()
	}
	tell = func(kind, wrong string) {
		told := r
		told.Kind, told.Wrong = kind, wrong
		w.journal.write(told)
	}
	tell(kind, "")
	return tell
}

// work takes so many milliseconds, or until its caller gives up, and returns the id.
func (w *worker) work(ctx context.Context, id string, millis int64) (string, error) {
	tell := w.begin(ctx, begun, id)
	defer tell(finished, "")
	return id, rest(ctx, time.Duration(millis)*time.Millisecond)
}

var errAsked = errors.New("asked to fail")

func (w *worker) fail(ctx context.Context, id string, _ int64) (string, error) {
	defer w.begin(ctx, begun, id)(finished, "")
	return "", errAsked
}

func (w *worker) panic(ctx context.Context, id string, _ int64) string {
	defer w.begin(ctx, begun, id)(finished, "")
	panic("asked to panic")
}

// largeBytes is what the id is filled up with.
const largeBytes = 1 << 20

// large returns a result of a MiB.
func (w *worker) large(ctx context.Context, id string, _ int64) string {
	defer w.begin(ctx, begun, id)(finished, "")
	return id + strings.Repeat(".", largeBytes)
}

// idIn takes the id out of the result of a method.
func idIn(method, result string) string {
	if method != "large" {
		return result
	}
	id, whole := strings.CutSuffix(result, strings.Repeat(".", largeBytes))
	if !whole {
		return fmt.Sprintf("%d bytes, %.40q", len(result), result)
	}
	return id
}

// seriesItem is the k-th result of a stream: 4 KiB, so that 64 of them use up the credit.
func seriesItem(id string, k int) string {
	return fmt.Sprintf("%d %s %s", k, id, strings.Repeat(".", 4<<10))
}

// series streams so many items in about so many milliseconds.
func (w *worker) series(ctx context.Context, id string, millis int64, items int) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		tell := w.begin(ctx, begun, id)
		defer tell(finished, "")
		pause := time.Duration(millis) * time.Millisecond / time.Duration(items)
		for k := range items {
			if err := rest(ctx, pause); err != nil {
				yield("", err)
				return
			}
			if !yield(seriesItem(id, k+1), nil) {
				return
			}
		}
	}
}

// later keeps its request, returns, and answers twice, which must be once.
func (w *worker) later(ctx context.Context, id string, millis int64) string {
	tell := w.begin(ctx, begun, id)
	kept := service.Keep(ctx)
	go func() { // ends when it has answered, or earlier with the request
		rest(kept.Context(), time.Duration(millis)*time.Millisecond)
		tell(finished, "")
		kept.Answer(id)
		if err := kept.Answer("again"); !errors.Is(err, service.ErrAnswered) {
			tell(finished, fmt.Sprintf("a second answer got %v", err))
		}
	}()
	tell(parked, "")
	return "what a handler returns that has kept its request"
}

// pass forwards its request to the replica with the fewest calls.
func (w *worker) pass(ctx context.Context, id string, _ int64) error {
	w.begin(ctx, relayed, id)
	caller, _ := service.CallerFrom(ctx)
	return service.ForwardRaw(ctx, caller.Conn.Endpoint(workName), "work", nil)
}

// each is work in a call to all: every instance has a story of its own.
func (w *worker) each(ctx context.Context, id string, millis int64) (string, error) {
	caller, _ := service.CallerFrom(ctx)
	return w.work(ctx, memberID(id, caller.Instance), millis)
}

// memberID makes the id of one call out of that of the call to all.
func memberID(id string, instance service.Address) string { return id + "@" + addressText(instance) }

// ring calls its caller back, which is a call with a story of its own.
func (w *worker) ring(ctx context.Context, id string, millis int64) (string, error) {
	tell := w.begin(ctx, begun, id)
	defer tell(finished, "")
	caller, _ := service.CallerFrom(ctx)
	back := record{Kind: asked, ID: id + backSuffix, Way: wayBack, Note: caller.Address.String() + ".ring"}
	if end, ok := ctx.Deadline(); ok {
		back.Deadline = time.Until(end)
	}
	w.journal.write(back)
	end := ask(ctx, caller.Conn.At(caller.Address), back.ID, job{method: "ring", millis: millis})
	failed := end.Code
	end.Kind, end.ID = outcome, back.ID
	w.journal.write(end)
	if failed != "" {
		return "", errors.New("the call back ended with " + failed)
	}
	return id, nil
}

// backSuffix makes the id of a call back out of that of its call.
const backSuffix = "/back"

// rest waits, and returns ctx's error when that ends first.
func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// addressText tells instances of different exchanges apart.
func addressText(a service.Address) string {
	if a.IsZero() {
		return ""
	}
	return fmt.Sprintf("%016x/%d", a.Origin, a.Number)
}
