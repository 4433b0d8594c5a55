package command

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/exchange"
)

func TestRateOf(t *testing.T) {
	for _, tc := range []struct {
		name        string
		now, before uint64
		d           time.Duration
		want        string
	}{
		{"nothing happened", 5, 5, time.Second, "0"},
		{"in a second", 12, 5, time.Second, "7"},
		{"in two", 12, 5, 2 * time.Second, "3.5"},
		{"to a thousandth", 1, 0, 3 * time.Second, "0.333"},
		{"in no time", 12, 5, 0, "null"},
		{"backwards", 4, 5, time.Second, "null"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := json.Marshal(rateOf(tc.now, tc.before, tc.d))
			if err != nil || string(got) != tc.want {
				t.Errorf("got %s, %v; want %s", got, err, tc.want)
			}
		})
	}
}

// TestSampleOf two readings: instances come and go, and totals have their own moment.
func TestSampleOf(t *testing.T) {
	at := func(d time.Duration) time.Time { return time.Unix(1000, 0).Add(d) }
	row := func(address string, calls, failed uint64) exchange.InstanceRow {
		return exchange.InstanceRow{Address: address, Calls: calls, Failures: map[string]uint64{"timeout": failed}}
	}
	before := &reading{
		totals: exchange.Totals{Calls: 10, Published: 4}, totalsAt: at(0),
		instances: []exchange.InstanceRow{row("math@3", 10, 1), row("math@4", 7, 0), row("echo@5", 9, 0)}, listedAt: at(time.Second),
	}
	now := &reading{
		totals: exchange.Totals{Calls: 30, Published: 5, Failures: map[string]uint64{"lost": 2, "timeout": 2}}, totalsAt: at(2 * time.Second),
		instances: []exchange.InstanceRow{row("math@3", 16, 4), row("math@6", 3, 0), row("echo@5", 1, 0)}, listedAt: at(4 * time.Second),
	}
	s := sampleOf(now, before)
	rates := map[string]string{}
	add := func(name string, perSecond *float64) {
		text, err := json.Marshal(perSecond)
		if err != nil {
			t.Fatal(err)
		}
		rates[name] = string(text)
	}
	add("calls", s.Exchange.CallsPerSecond)
	add("failures", s.Exchange.FailuresPerSecond)
	add("published", s.Exchange.PublishedPerSecond)
	add("delivered", s.Exchange.ReportsDeliveredPerSecond)
	for _, i := range s.Instances {
		add(i.Instance, i.CallsPerSecond)
		add(i.Instance+" failures", i.FailuresPerSecond)
	}
	want := map[string]string{
		"calls": "10", "failures": "2", "published": "0.5", "delivered": "0",
		"math@3": "2", "math@3 failures": "1", "math@6": "null", "math@6 failures": "null", // it is new
		"echo@5": "null", "echo@5 failures": "0", // it went backwards
	}
	if !reflect.DeepEqual(rates, want) {
		t.Errorf("rates\n%v, want\n%v", rates, want)
	}
}

// TestShapeOfASample is a contract.
func TestShapeOfASample(t *testing.T) {
	now := &reading{
		origin: "3814d8b3e48fa84f", totals: exchange.Totals{Uptime: 90 * time.Second, Failures: map[string]uint64{}},
		instances: []exchange.InstanceRow{{
			Address: "math@3", Origin: "3814d8b3e48fa84f", Service: "math", State: "ready", Calls: 2, Failures: map[string]uint64{"application": 1},
		}},
	}
	s := sampleOf(now, nil)
	s.Time, s.Exchange.Address = time.Date(2026, 11, 24, 3, 2, 1, 0, time.UTC), "127.0.0.1:11111"
	got, err := encodeShape(s)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"time":"2026-11-24T03:02:01Z","exchange":{"address":"127.0.0.1:11111","origin":"3814d8b3e48fa84f","uptime":"1m30s",` +
		`"sessions":0,"connections":0,"instances":0,"watches":0,"open_calls":0,"calls":0,"failures":{},"late_responses":0,` +
		`"cancels_dropped":0,"strangers":0,"violations":0,"slow_sessions":0,"frozen_sessions":0,"skipped_frames":0,"watch_resets":0,` +
		`"subscriptions":0,"published":0,"reports_delivered":0,"reports_lost":0,"reports_refused":0,"reports_unmatched":0,` +
		`"calls_per_s":null,"failures_per_s":null,"published_per_s":null,"reports_delivered_per_s":null},` +
		`"instances":[{"instance":"math@3","origin":"3814d8b3e48fa84f","service":"math","state":"ready","inflight":0,"calls":2,` +
		`"failures":{"application":1},"calls_per_s":null,"failures_per_s":null}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if empty, _ := encodeShape(sampleOf(&reading{}, nil)); !strings.HasSuffix(string(empty), `"instances":[]}`) {
		t.Errorf("a sample without instances is %s", empty)
	}
}
