package main

import (
	"errors"
	"testing"
	"time"
)

// faulty answers some calls and then wrongly.
type faulty struct{ right int64 }

func (f faulty) ask(n int64) error {
	x, y := factors(n)
	if n >= f.right {
		return product(n, x*y+1, nil)
	}
	return product(n, x*y, nil)
}

func TestAWrongAnswerFailsTheRun(t *testing.T) {
	tests := []struct {
		name   string
		askers []asker
	}{
		{"one call at a time", []asker{faulty{5}}},
		{"many", []asker{faulty{1 << 60}, faulty{5}, faulty{1 << 60}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &load{askers: tt.askers}
			if _, err := l.run(time.Minute); !errors.Is(err, errWrong) {
				t.Errorf("run = %v, want %v", err, errWrong)
			}
		})
	}
}

// bounded stops the load after some calls.
type bounded struct {
	load *load
	most int64
}

func (b bounded) ask(n int64) error {
	if n == b.most {
		b.load.stop.Store(true)
	}
	return nil
}

func TestRunCountsEachCall(t *testing.T) {
	l := &load{}
	l.askers = []asker{bounded{l, 9}}
	r, err := l.run(time.Minute)
	if err != nil || r.Calls != 10 {
		t.Errorf("run = %d calls, %v, want 10 and no error", r.Calls, err)
	}
}

// willing answers everything.
type willing struct{}

func (willing) ask(int64) error { return nil }

func TestARunMakesACallAtLeast(t *testing.T) {
	tests := []struct {
		name   string
		askers []asker
		least  int
	}{
		{"one call at a time", []asker{willing{}}, 1},
		{"many", []asker{willing{}, willing{}, willing{}}, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &load{askers: tt.askers}
			if r, err := l.run(0); err != nil || r.Calls < tt.least {
				t.Errorf("run = %d calls, %v, want %d or more", r.Calls, err, tt.least)
			}
		})
	}
}

func TestTimed(t *testing.T) {
	took := make([]time.Duration, 100)
	for i := range took {
		took[i] = time.Duration(100-i) * time.Microsecond
	}
	want := result{Calls: 100, Seconds: 2, P50: 51, P99: 100}
	if got := timed(took, 2*time.Second); got != want {
		t.Errorf("timed = %+v, want %+v", got, want)
	}
}
