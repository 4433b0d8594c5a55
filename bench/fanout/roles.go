package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/netsvc/netsvc/bench/process"
)

// publisher publishes, by a library or by itself.
type publisher interface {
	publish(report []byte) error
	flush() error // what it has not sent; libraries send by themselves
	close()
}

// run is what a publisher did in one turn. All of it has reached all subscribers.
type run struct {
	Reports int
	Seconds float64
}

// publisherBy is the role of a publisher. args are the middle, the number of subscribers and
// the bytes of a report. It is ready with an address for the subscribers' turnstile; each
// question is a length of time, its answer the run.
func publisherBy(dial func(addr string) (publisher, error)) process.Role {
	return func(args []string) error {
		crowd, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		size, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		p, err := dial(args[0])
		if err != nil {
			return err
		}
		defer p.close()
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer ln.Close()
		l := &load{publisher: p, listener: ln, report: make([]byte, size)}
		l.window.step = stepOf(crowd)
		return process.Answer(ln.Addr().String(), l.answer)
	}
}

// load is a publisher and how far it is.
type load struct {
	publisher publisher
	listener  net.Listener
	window    window
	report    []byte
	number    uint64 // of the next report
}

// answer answers a length of time by a run.
func (l *load) answer(question string) (string, error) {
	length, err := time.ParseDuration(question)
	if err != nil {
		return "", err
	}
	if l.window.conn == nil {
		if l.window.conn, err = l.listener.Accept(); err != nil {
			return "", err
		}
	}
	r, err := l.run(length)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(r)
	return string(text), err
}

// run publishes whole steps for a time, one at least, and waits until all have come.
func (l *load) run(length time.Duration) (r run, err error) {
	from := time.Now()
	for r.Reports == 0 || time.Since(from) < length {
		for range l.window.step {
			binary.LittleEndian.PutUint64(l.report, l.number)
			if err := l.publisher.publish(l.report); err != nil {
				return r, err
			}
			l.number++
		}
		if err := l.publisher.flush(); err != nil {
			return r, err
		}
		r.Reports += l.window.step
		if err := l.window.advance(); err != nil {
			return r, err
		}
	}
	err = l.window.drain()
	r.Seconds = time.Since(from).Seconds()
	return r, err
}

// subscribersBy is the role of all subscribers. args are the middle, how many there are, and
// where the publisher waits for their progress.
func subscribersBy(subscribe func(addr string, each func(report []byte)) (leave func(), err error)) process.Role {
	return func(args []string) error {
		crowd, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		conn, err := net.Dial("tcp", args[2])
		if err != nil {
			return err
		}
		defer conn.Close()
		t := &turnstile{step: uint64(stepOf(crowd)), crowd: int32(crowd), conn: conn}
		for range crowd {
			var next uint64
			leave, err := subscribe(args[0], func(report []byte) { t.mustPass(&next, report) })
			if err != nil {
				return err
			}
			defer leave()
		}
		return process.Answer("ready", nil)
	}
}

// mustPass is pass, and ends the process when a report is missing: the publisher, whose
// window does not move any more, then sees its connection end.
func (t *turnstile) mustPass(next *uint64, report []byte) {
	if err := t.pass(next, report); err != nil {
		stop(err)
	}
}

// stop ends a subscriber's process.
func stop(err error) {
	fmt.Fprintln(os.Stderr, "subscribers:", err)
	os.Exit(1)
}
