package systemtest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
	"github.com/netsvc/netsvc/pkg/service"
)

// watching reads a watch for a test.
type watching struct {
	t *testing.T
	w *service.Watch
}

func watch(t *testing.T, conn *service.Conn, opts service.WatchOptions) *watching {
	t.Helper()
	w, err := conn.Watch(opts)
	if err != nil {
		t.Fatalf("watch: %v", err)
	}
	t.Cleanup(w.Close)
	return &watching{t, w}
}

// next is the next event.
func (w *watching) next() service.Event {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), testnet.Patience)
	defer cancel()
	e, err := w.w.Next(ctx)
	if err != nil {
		w.t.Fatalf("next event: %v", err)
	}
	return e
}

// text is an event in short: its kind, name, group and reason.
func text(e service.Event) string {
	words := []string{e.Kind.String()}
	if e.Info.Name != "" {
		words = append(words, e.Info.Name)
	}
	if e.Group != "" {
		words = append(words, "of "+e.Group)
	}
	if e.Kind == service.Left || e.Kind == service.Withdrawn {
		words = append(words, "("+e.Reason.String()+")")
	}
	if e.Kind == service.Changed {
		words = append(words, e.Info.State.String())
	}
	return strings.Join(words, " ")
}

// wants fails t unless these events come next, in this order. It returns the address of
// the last one.
func (w *watching) wants(texts ...string) service.Address {
	w.t.Helper()
	var last service.Event
	for i, want := range texts {
		last = w.next()
		if got := text(last); got != want {
			w.t.Fatalf("event %d is %q, want %q", i, got, want)
		}
	}
	return last.Info.Address
}

// untilSynced returns the events up to the next synced, which is left out.
func (w *watching) untilSynced() []string {
	w.t.Helper()
	var texts []string
	for e := w.next(); e.Kind != service.Synced; e = w.next() {
		texts = append(texts, text(e))
	}
	return texts
}

// directory keeps a copy of a part of the registry for a test.
func directory(t *testing.T, conn *service.Conn, opts service.WatchOptions) *service.Directory {
	t.Helper()
	d, err := conn.Directory(opts)
	if err != nil {
		t.Fatalf("directory: %v", err)
	}
	t.Cleanup(d.Close)
	return d
}

// waitInstances waits until the name has exactly this many instances, and returns them.
func waitInstances(t *testing.T, d *service.Directory, name string, count int) []service.Info {
	t.Helper()
	testnet.WaitFor(t, fmt.Sprintf("%d instances of %s", count, name), func() bool {
		return len(d.Lookup(name)) == count
	})
	return d.Lookup(name)
}
