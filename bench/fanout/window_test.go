package main

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
)

func numbered(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }

// TestTheLastSubscriberMovesTheWindow: a step is told when both have made it, not before.
func TestTheLastSubscriberMovesTheWindow(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	turn := &turnstile{step: 2, crowd: 2, conn: ours}
	told := make(chan int)
	go func() { // ends with ours
		steps, _ := io.Copy(io.Discard, theirs)
		told <- int(steps)
	}()
	var quick, slow uint64
	for n := range uint64(6) {
		if err := turn.pass(&quick, numbered(n)); err != nil {
			t.Fatal(err)
		}
	}
	for n := range uint64(3) {
		if err := turn.pass(&slow, numbered(n)); err != nil {
			t.Fatal(err)
		}
	}
	ours.Close()
	if got := <-told; got != 1 {
		t.Errorf("%d steps were told, want 1", got)
	}
}

func TestAMissingReportIsAnError(t *testing.T) {
	turn := &turnstile{step: 100, crowd: 1}
	var next uint64
	if err := turn.pass(&next, numbered(0)); err != nil {
		t.Fatal(err)
	}
	if err := turn.pass(&next, numbered(2)); err == nil {
		t.Error("a report is missing and nobody says so")
	}
}

// TestTheWindowEndsWithItsSubscribers, instead of waiting for ever.
func TestTheWindowEndsWithItsSubscribers(t *testing.T) {
	ours, theirs := net.Pipe()
	theirs.Close()
	w := &window{step: 1, conn: ours}
	var err error
	for range windowSteps {
		err = w.advance()
	}
	if err == nil {
		t.Error("the window goes on without subscribers")
	}
}

func TestWindowsOfAllCrowdsAreSmallEnough(t *testing.T) {
	for _, crowd := range []int{1, 7, 10, 100, 1_024} {
		if got := crowd * windowSteps * stepOf(crowd); got > mostAhead {
			t.Errorf("%d deliveries to %d subscribers may be on their way, want %d at most", got, crowd, mostAhead)
		}
	}
}
