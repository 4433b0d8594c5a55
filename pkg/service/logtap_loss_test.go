package service_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestLogTapTellsWhereRecordsAreMissing: of 300 records 256 can wait, and the next one that
// comes says that 44 are missing before it.
func TestLogTapTellsWhereRecordsAreMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tap := service.NewLogTap(nil)
		log := slog.New(tap)
		clock := service.New("clock", nil)
		_, conn := pairUp(t, clock)
		ended := make(chan struct{})
		run := func() (stop func()) {
			ctx, cancel := context.WithCancel(t.Context())
			go func() { tap.Run(ctx, clock); ended <- struct{}{} }()
			synctest.Wait()
			return func() { cancel(); <-ended }
		}
		stop := run()
		sub := subscribe(t, conn, service.SubscribeOptions{Subjects: []string{"system.log"}})
		synctest.Wait()
		stop()
		for i := range 300 {
			log.Info(fmt.Sprint(i))
		}
		stop = run()
		log.Info("300")
		log.Info("301")
		records := captured(t, sub)
		stop()
		if len(records) != 258 {
			t.Errorf("%d records came, want 258", len(records))
		}
		if lost := checkPlaces(t, records); lost != 44 {
			t.Errorf("%d are told to be missing, want 44", lost)
		}
	})
}

// checkPlaces checks that each record whose message is its number comes after as many as have
// come or are told to be missing, and returns how many are missing.
func checkPlaces(t *testing.T, records []service.LogRecord) (lost uint64) {
	t.Helper()
	for i, r := range records {
		lost += r.Lost
		if want := fmt.Sprint(uint64(i) + lost); r.Message != want {
			t.Fatalf("record %s came %d. with %d missing before it, want record %s there", r.Message, i, lost, want)
		}
	}
	return lost
}

// TestLogTapHoldsUpNoLogger when the exchange takes nothing: time stands still in the bubble
// while it is logged, and no count is wrong afterwards.
func TestLogTapHoldsUpNoLogger(t *testing.T) {
	const total = 1000
	facts := make([]any, 0, 16)
	for i := range cap(facts) {
		facts = append(facts, slog.String(fmt.Sprint("fact", i), strings.Repeat("x", 4<<10)))
	}
	inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
		tap := service.NewLogTap(nil)
		log := slog.New(tap)
		announce(t, conn, p, service.New("clock", &service.ServiceOptions{Work: tap.Run}), 3)
		p.tell(p.audience("clock@3"), listens(7, 1, "system.log"), wire.Event{Kind: wire.Synced})
		synctest.Wait()
		p.pause()
		began := time.Now()
		for i := range total - 1 {
			log.Info(fmt.Sprint(i), facts...)
			synctest.Wait() // the tap has sent it on, if it can
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("logging took %v, want no time", took)
		}
		p.resume()
		var records []service.LogRecord
		for len(records) == 0 || records[len(records)-1].Message != fmt.Sprint(total-1) {
			if len(records) == 300 { // the queue has had room by now
				log.Info(fmt.Sprint(total - 1))
			}
			got := p.published()
			m := got.value.(map[string]any)
			if got.To != 7 || m["level"] != "INFO" {
				t.Fatalf("published %v to %d, want records to 7", m["level"], got.To)
			}
			records = append(records, service.LogRecord{Message: m["msg"].(string), Lost: uint64(m["lost"].(int64))})
		}
		if lost := checkPlaces(t, records); lost == 0 || uint64(len(records))+lost != total {
			t.Errorf("%d came and %d are missing, want %d together and some missing", len(records), lost, total)
		}
	})
}

// TestLogTapGoesOnAfterAnOutage with those who listen still.
func TestLogTapGoesOnAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ex, err := exchange.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer ex.Close()
		var link atomic.Pointer[net.Conn]
		host, err := service.Connect(t.Context(), "", &service.Options{Dial: func(ctx context.Context) (net.Conn, error) {
			c, err := ex.Dial(ctx)
			link.Store(&c)
			return c, err
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer host.Close()
		tap := service.NewLogTap(nil)
		if err := host.Announce(t.Context(), service.New("clock", &service.ServiceOptions{Work: tap.Run})); err != nil {
			t.Fatal(err)
		}
		sub := subscribe(t, connectTo(t, ex), service.SubscribeOptions{Subjects: []string{"system.log"}})
		synctest.Wait()
		for _, message := range []string{"first", "second", "third"} {
			slog.New(tap).Debug(message)
			wantMessages(t, captured(t, sub), message)
			(*link.Load()).Close()
			time.Sleep(time.Minute) // for the service to come back
		}
	})
}

// TestLogTapOfAServiceNobodyHas captures nothing and ends with its context.
func TestLogTapOfAServiceNobodyHas(t *testing.T) {
	tap := service.NewLogTap(nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	tap.Run(ctx, service.New("clock", nil))
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) || tap.Enabled(ctx, slog.LevelError) {
		t.Errorf("Run returned with context %v; enabled: %v, want false", ctx.Err(), tap.Enabled(ctx, slog.LevelError))
	}
}
