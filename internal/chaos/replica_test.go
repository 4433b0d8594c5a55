//go:build linux

package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// What a replica announces: little room, so that calls wait and are refused.
const (
	workName  = "work"
	workLimit = 4
	workQueue = 8
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
	w := &worker{journal: j}
	s := service.New(workName, &service.ServiceOptions{Limit: workLimit, Queue: workQueue})
	s.Export("work", w.work, nil)
	s.Export("fail", w.fail, nil)
	s.Export("panic", w.panic, nil)
	conn, err := service.Connect(context.Background(), c.Exchange, backgroundOptions(c.Name))
	if err != nil {
		return err
	}
	err = service.RunConn(context.Background(), conn, workGrace, s)
	j.write(record{Kind: closed, Leaks: before.leaks()})
	if errors.Is(err, context.DeadlineExceeded) {
		return nil // the grace time was over before the calls were: that is part of the game
	}
	return err
}

func backgroundOptions(program string) *service.Options {
	return &service.Options{
		Background: true, Program: program,
		RetryMin: 20 * time.Millisecond, RetryMax: 200 * time.Millisecond,
	}
}

// execute writes the begin and the end of a call around what it does.
func (w *worker) execute(ctx context.Context, id string, f func()) {
	caller, _ := service.CallerFrom(ctx)
	instance := addressText(caller.Instance)
	w.journal.write(record{Kind: begun, ID: id, Instance: instance})
	defer w.journal.write(record{Kind: finished, ID: id, Instance: instance})
	f()
}

// work takes so many milliseconds, or until its caller gives up, and returns the id.
func (w *worker) work(ctx context.Context, id string, millis int64) (string, error) {
	var err error
	w.execute(ctx, id, func() { err = rest(ctx, time.Duration(millis)*time.Millisecond) })
	return id, err
}

var errAsked = errors.New("asked to fail")

func (w *worker) fail(ctx context.Context, id string, _ int64) (string, error) {
	w.execute(ctx, id, func() {})
	return "", errAsked
}

func (w *worker) panic(ctx context.Context, id string, _ int64) string {
	w.execute(ctx, id, func() {})
	panic("asked to panic")
}

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
