package systemtest

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
)

// Large results made faster than they can be carried slow down those who make them. The
// exchange reads all the time; nobody is to be closed as slow, and no call lost.
func TestLargeResults_SlowDownNobodyElse(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		n.open()
		text := strings.Repeat("x", 2<<20)
		svc := service.New("large", nil)
		svc.Export("text", func() string { return text }, nil)
		n.announce(svc)
		var wg sync.WaitGroup
		for range 8 { // each a process of its own, so that no caller has too much to read
			client := n.connect(nil)
			wg.Go(func() {
				for range 2 {
					v, err := client.Endpoint("large").Call(patient(t), "text")
					if err != nil || v != text {
						t.Errorf("the call ended with %v and a result of %T", err, v)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}

// A healthy caller with more large results on their way than its outbox holds keeps its
// session: each call ends with its result or with too_large.
func TestLargeResults_MoreThanOneCallerHasRoomFor(t *testing.T) {
	overEach(t, func(t *testing.T, n *network) {
		ex := n.open()
		text := strings.Repeat("x", 1<<20)
		svc := service.New("large", nil)
		svc.Export("text", func() string { return text }, nil)
		n.announce(svc)
		client := n.connect(nil)
		address := client.Address()
		var wg sync.WaitGroup
		for range 4 * 16 {
			wg.Go(func() {
				v, err := client.Endpoint("large").Call(patient(t), "text")
				var f *service.Failure
				switch {
				case err == nil && v == text:
				case errors.Is(err, service.ErrTooLarge) && errors.As(err, &f) && f.Delivered == service.Yes:
				default:
					t.Errorf("a call ended with %v and a result of %T, want the text or too_large, yes", err, v)
				}
			})
		}
		wg.Wait()
		if s := waitIdle(t, ex); s.SlowSessions != 0 || client.Address() != address {
			t.Errorf("%d slow sessions, the caller was %v and is %v; want its session kept", s.SlowSessions, address, client.Address())
		}
	})
}
