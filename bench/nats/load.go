package main

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/netsvc/netsvc/bench/process"
)

// connection is one connection of callers to a middle.
type connection interface {
	// asker makes what one goroutine calls with.
	asker(w workload) asker
	close()
}

// asker makes calls one after the other, for one goroutine, and checks each result.
type asker interface {
	// ask makes the call of a number.
	ask(n int64) error
}

// errWrong reports an answer that is not the right one, which spoils the measurement.
var errWrong = errors.New("a wrong answer")

// factors are the two numbers to multiply in the call of a number.
func factors(n int64) (x, y int64) { return n % 1000, n % 77 }

// product checks the result of the call of a number.
func product(n, got int64, err error) error {
	if err != nil {
		return err
	}
	if x, y := factors(n); got != x*y {
		return errWrong
	}
	return nil
}

// result is what a caller tells of one run.
type result struct {
	Calls    int
	Seconds  float64
	P50, P99 float64 // microseconds; zero unless there was one call at a time
}

// callerBy is the role that makes the calls of a workload by a library. Its arguments are
// the middle and the workload. Each question is a length of time, its answer the result of
// calling for so long.
func callerBy(dial func(addr string) (connection, error)) process.Role {
	return func(args []string) error {
		w, err := decodeWorkload(args[1])
		if err != nil {
			return err
		}
		l := &load{}
		for range w.Connections {
			conn, err := dial(args[0])
			if err != nil {
				return err
			}
			defer conn.close()
			for range w.Flight {
				l.askers = append(l.askers, conn.asker(w))
			}
		}
		return process.Answer("ready", answerRuns(l.run))
	}
}

// answerRuns answers questions that are lengths of time by runs.
func answerRuns(run func(time.Duration) (result, error)) func(string) (string, error) {
	return func(question string) (string, error) {
		length, err := time.ParseDuration(question)
		if err != nil {
			return "", err
		}
		r, err := run(length)
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(r)
		return string(text), err
	}
}

// load is all the goroutines that call.
type load struct {
	askers []asker
	stop   atomic.Bool
	calls  atomic.Int64
}

// run calls for a time. Calls that are on their way at its end are waited for and counted.
func (l *load) run(length time.Duration) (result, error) {
	l.stop.Store(false)
	l.calls.Store(0)
	timer := time.AfterFunc(length, func() { l.stop.Store(true) })
	defer timer.Stop()
	from := time.Now()
	if len(l.askers) == 1 {
		return l.alone(from)
	}
	errs := make([]error, len(l.askers))
	var wg sync.WaitGroup
	for i := range l.askers {
		wg.Go(func() { errs[i] = l.keepAsking(i) }) // ends by the timer
	}
	wg.Wait()
	return result{Calls: int(l.calls.Load()), Seconds: time.Since(from).Seconds()}, errors.Join(errs...)
}

// keepAsking is one goroutine of many, and makes a call at least. The first that fails stops
// all.
func (l *load) keepAsking(i int) error {
	made := int64(0)
	for made == 0 || !l.stop.Load() {
		if err := l.askers[i].ask(int64(i) + made*int64(len(l.askers))); err != nil {
			l.stop.Store(true)
			return err
		}
		made++
	}
	l.calls.Add(made)
	return nil
}

// alone makes one call after the other, one at least, and times each.
func (l *load) alone(from time.Time) (result, error) {
	var took []time.Duration
	for n, before := int64(0), from; n == 0 || !l.stop.Load(); n++ {
		if err := l.askers[0].ask(n); err != nil {
			return result{}, err
		}
		now := time.Now()
		took = append(took, now.Sub(before))
		before = now
	}
	return timed(took, time.Since(from)), nil
}

// timed is the result of calls that were timed one by one.
func timed(took []time.Duration, all time.Duration) result {
	slices.Sort(took)
	us := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	return result{
		Calls: len(took), Seconds: all.Seconds(),
		P50: us(took[len(took)/2]), P99: us(took[len(took)*99/100]),
	}
}
