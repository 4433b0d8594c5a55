package main

import (
	"errors"
	"net"
	"path/filepath"
	"testing"

	"github.com/netsvc/netsvc/internal/testnet"
)

// TestDoorwayIsLeft: who is in the queue is let in, then it is closed.
func TestDoorwayIsLeft(t *testing.T) {
	for name, network := range map[string][2]string{
		"TCP":  {"tcp", "127.0.0.1:0"},
		"Unix": {"unix", filepath.Join(t.TempDir(), "socket")},
	} {
		t.Run(name, func(t *testing.T) {
			testnet.LeakCheck(t)
			l, err := net.Listen(network[0], network[1])
			if err != nil {
				t.Fatal(err)
			}
			d := newDoorway(l, false, nil, new(visits))
			defer d.Close()
			const queued = 20
			for range queued {
				conn, err := net.Dial(network[0], l.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
			}
			d.leave()
			for i := range queued {
				conn, err := d.Accept()
				if err != nil {
					t.Fatalf("Accept %d of %d: %v", i+1, queued, err)
				}
				defer conn.Close()
			}
			if _, err := d.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Accept of an empty queue = %v, want net.ErrClosed", err)
			}
			if conn, err := net.Dial(network[0], l.Addr().String()); err == nil {
				conn.Close()
				t.Error("somebody came in after it was left")
			}
		})
	}
}

// TestDoorwayOfASupervisorIsLeft: its queue is the next process's.
func TestDoorwayOfASupervisorIsLeft(t *testing.T) {
	testnet.LeakCheck(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	copied, err := net.FileListener(file)
	if err != nil {
		t.Fatal(err)
	}
	d := newDoorway(copied, true, nil, new(visits))
	d.leave()
	if _, err := d.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept = %v, want net.ErrClosed", err)
	}
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	next, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	next.Close()
}
