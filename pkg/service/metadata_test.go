package service_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
)

// TestMetadataChange: each change is told once, in order, and what is refused changes nothing.
func TestMetadataChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		labels := map[string]string{"zone": "a"}
		svc := service.New("math", &service.ServiceOptions{Version: "1", Labels: labels})
		labels["zone"] = "the caller's map"
		_, conn := pairUp(t, svc)
		w, err := conn.Watch(service.WatchOptions{Glob: "math"})
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		changes := []struct {
			name    string
			change  func() error
			refused bool
			want    string
		}{
			{"nothing yet", func() error { return nil }, false, "available 1  map[zone:a]"},
			{"the version", func() error { return svc.SetVersion("2") }, false, "changed 2  map[zone:a]"},
			{"the description", func() error { return svc.SetDescription("Sums.") }, false, "changed 2 Sums. map[zone:a]"},
			{"labels too many", func() error { return svc.SetLabels(map[string]string{"x": strings.Repeat("x", 12<<10)}) }, true, ""},
			{"a version that is no text", func() error { return svc.SetVersion("\xff") }, true, ""},
			{"the labels", func() error {
				next := map[string]string{"zone": "b", "tier": "1"}
				defer clear(next)
				return svc.SetLabels(next)
			}, false, "changed 2 Sums. map[tier:1 zone:b]"},
			{"no labels", func() error { return svc.SetLabels(nil) }, false, "changed 2 Sums. map[]"},
		}
		for _, tt := range changes {
			if err := tt.change(); (err != nil) != tt.refused || err != nil && !errors.Is(err, service.ErrBadParams) {
				t.Errorf("%s: error %v, want one: %v", tt.name, err, tt.refused)
			}
			if tt.refused {
				continue
			}
			e, err := w.Next(t.Context())
			for err == nil && e.Kind == service.Synced {
				e, err = w.Next(t.Context())
			}
			if got := fmt.Sprint(e.Kind, " ", e.Info.Version, " ", e.Info.Description, " ", e.Info.Labels); got != tt.want {
				t.Errorf("%s: event %s, %v, want %s", tt.name, got, err, tt.want)
			}
		}
		v, err := conn.Endpoint("math").Call(t.Context(), "system.describe")
		if m, _ := v.(map[string]any); err != nil || m["version"] != "2" || m["description"] != "Sums." {
			t.Errorf("system.describe = %v, %v, want version 2 and Sums.", v, err)
		}
	})
}

// TestMetadataAreAnnouncedAgain at a new exchange, as they were last.
func TestMetadataAreAnnouncedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, err := exchange.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		var now atomic.Pointer[exchange.Exchange]
		now.Store(first)
		dial := func(ctx context.Context) (net.Conn, error) { return now.Load().Dial(ctx) }
		svc := service.New("math", &service.ServiceOptions{Version: "1"})
		conn, err := service.Connect(t.Context(), "", &service.Options{Dial: dial})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.Announce(t.Context(), svc); err != nil {
			t.Fatal(err)
		}
		first.Close()
		synctest.Wait()
		if err := svc.SetVersion("2"); err != nil { // while nobody can be told
			t.Fatal(err)
		}
		second, err := exchange.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer second.Close()
		now.Store(second)
		time.Sleep(10 * time.Second)
		d, err := conn.Describe(t.Context(), "math")
		if err != nil || d.Infos[0].Version != "2" {
			t.Errorf("Describe = %+v, %v, want version 2", d, err)
		}
	})
}
