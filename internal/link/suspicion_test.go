package link

import (
	"sync"
	"testing"
	"time"
)

// The keeper doubts while the reader hears: OnSuspect must be told in turn, and at the end
// what it was told last must be so.
func TestSuspicionIsToldInTurn(t *testing.T) {
	near, _ := Pipe()
	var told []bool
	l := New(near, Options{OnSuspect: func(s bool) { told = append(told, s) }})
	l.doubt(0)
	l.heard()
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 20_000 {
				l.doubt(0)
			}
		})
		wg.Go(func() {
			for range 20_000 {
				l.heard()
			}
		})
	}
	wg.Wait()
	for i, s := range told {
		if s != (i%2 == 0) {
			t.Fatalf("call %d of OnSuspect got %v, want true and false in turn", i, s)
		}
	}
	if last := len(told)%2 == 1; l.Suspect() != last {
		t.Errorf("Suspect = %v, but OnSuspect was told %v last", l.Suspect(), last)
	}
}

// Who is heard between the keeper's look and its verdict is not suspect.
func TestPeerHeardMeanwhileIsNotDoubted(t *testing.T) {
	near, _ := Pipe()
	l := New(near, Options{OnSuspect: func(bool) { t.Error("OnSuspect ran") }})
	l.heard()
	l.doubt(time.Hour)
	if l.Suspect() {
		t.Error("suspect although heard just now")
	}
}
