package link_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsvc/netsvc/internal/link"
)

func TestPipeCarriesBytesBothWays(t *testing.T) {
	near, far := memoryPair(t)
	near.Write([]byte("there"))
	far.Write([]byte("back"))
	receive(t, far, []byte("there"))
	receive(t, near, []byte("back"))
}

func TestPipeIsBuffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := memoryPair(t)
		all := bytes.Repeat([]byte("0123456789abcdef"), 40<<10) // 640 KiB
		wrote := make(chan int, 1)
		near.Write(all[:256<<10]) // would hang if it were not taken at once
		go func() {
			n, _ := near.Write(all[256<<10:])
			wrote <- n
		}()
		synctest.Wait()
		if len(wrote) != 0 {
			t.Error("more than 256 KiB were taken before anything was read")
		}
		for i := range all { // small reads, so that the buffer wraps
			if i%1000 == 0 {
				receive(t, far, all[i:min(i+1000, len(all))])
			}
		}
		if n := <-wrote; n != len(all)-256<<10 {
			t.Errorf("Write = %d, want %d", n, len(all)-256<<10)
		}
	})
}

func TestPipeEndsLikeASocket(t *testing.T) {
	tests := []struct {
		name        string
		end         func(near net.Conn)
		read, write error // at the far end, which first reads what was sent
	}{
		{"Close", func(c net.Conn) { c.Close() }, io.EOF, io.ErrClosedPipe},
		{"CloseWrite", func(c net.Conn) { c.(interface{ CloseWrite() error }).CloseWrite() }, io.EOF, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			near, far := memoryPair(t)
			near.Write([]byte("last"))
			tt.end(near)
			receive(t, far, []byte("last"))
			if _, err := far.Read(make([]byte, 1)); err != tt.read {
				t.Errorf("Read = %v, want %v", err, tt.read)
			}
			if _, err := far.Write([]byte("x")); err != tt.write {
				t.Errorf("Write = %v, want %v", err, tt.write)
			}
			if _, err := near.Write([]byte("x")); err != io.ErrClosedPipe {
				t.Errorf("Write behind the end = %v, want %v", err, io.ErrClosedPipe)
			}
		})
	}
}

func TestPipeCloseUnblocksItsOwnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, _ := memoryPair(t)
		errs := make(chan error, 2)
		go func() { _, err := near.Read(make([]byte, 1)); errs <- err }()
		go func() { _, err := near.Write(make([]byte, 1<<20)); errs <- err }()
		synctest.Wait()
		near.Close()
		near.Close()
		for range 2 {
			if err := <-errs; !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.ErrClosedPipe) {
				t.Errorf("err = %v, want the pipe closed", err)
			}
		}
	})
}

func TestPipeDeadlines(t *testing.T) {
	tests := []struct {
		name string
		set  func(c net.Conn, at time.Time) error
		do   func(c net.Conn) error
	}{
		{"read", net.Conn.SetReadDeadline, readOne},
		{"write", net.Conn.SetWriteDeadline, writeMuch},
		{"both, reading", net.Conn.SetDeadline, readOne},
		{"both, writing", net.Conn.SetDeadline, writeMuch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, _ := memoryPair(t)
				began := time.Now()
				tt.set(near, began.Add(time.Minute))
				errs := make(chan error, 1)
				go func() { errs <- tt.do(near) }()
				time.Sleep(time.Second)
				tt.set(near, began.Add(time.Hour)) // while it waits
				if err := <-errs; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != time.Hour {
					t.Errorf("err = %v after %v, want the deadline after an hour", err, time.Since(began))
				}
				tt.set(near, time.Unix(1, 0))
				if err := tt.do(near); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("err = %v behind a deadline in the past", err)
				}
				tt.set(near, time.Time{})
				go func() { errs <- tt.do(near) }()
				time.Sleep(24 * time.Hour)
				if len(errs) != 0 {
					t.Errorf("err = %v without a deadline", <-errs)
				}
				near.Close()
				<-errs
			})
		})
	}
}

func readOne(c net.Conn) error {
	_, err := c.Read(make([]byte, 1))
	return err
}

func writeMuch(c net.Conn) error {
	_, err := c.Write(make([]byte, 1<<20))
	return err
}

func TestPipeHasAnAddress(t *testing.T) {
	near, _ := link.Pipe()
	for _, a := range []net.Addr{near.LocalAddr(), near.RemoteAddr()} {
		if a.Network() != "memory" || a.String() != "memory" {
			t.Errorf("address = %s %s, want memory", a.Network(), a)
		}
	}
}
