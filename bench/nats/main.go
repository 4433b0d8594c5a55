// Command nats compares netsvc with NATS: an exchange, a service and a caller on either side,
// every part a process of its own on this machine, started from this one program. It prints
// the goals of netsvc with what was found, and then the absolute figures of all sides.
//
//	go run ./nats              # 5 rounds of 2 s
//	go run ./nats -quick       # some twenty seconds, to see that all is well
//	go run ./nats -only 1024   # workloads whose names match
//
// NATS carries bytes that need no decoding, by plain requests to a plain subscription; where
// a workload says JSON it carries that, as most of its users do. netsvc carries typed values
// to funcs that run concurrently, each call with its deadline and loss detection. Every
// result is checked. Where there is a third side, the relay, callers and service are those
// of netsvc and the process between them only copies bytes.
//
// The sides take turns within a round, and a ratio is the median of those within the rounds.
// CPU per call is the steadiest figure. How much of the machine others took meanwhile is
// printed at the end: with more than a few percent absolute figures mean little.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/netsvc/netsvc/bench/process"
)

func main() {
	if process.Run(roles) {
		return
	}
	x := extent{warmUp: 300 * time.Millisecond, settle: 3 * time.Second, watch: 10 * time.Second}
	flag.IntVar(&x.rounds, "rounds", 5, "rounds of every workload")
	flag.DurationVar(&x.length, "time", 2*time.Second, "length of one side's turn in a round")
	flag.IntVar(&x.idle, "idle", 2_000, "idle connections; the goals are for 10,000")
	calm := flag.Float64("calm", 0, "run a round again, up to 20 times for each, when others took more than this `percentage` of the machine")
	only := flag.String("only", "", "run the workloads whose names match this `regexp`")
	quick := flag.Bool("quick", false, "3 rounds of 0.2 s and 500 idle connections")
	profile := flag.String("profile", "", "write a CPU profile of each process into this `folder`; -only one workload")
	flag.Parse()
	if *profile != "" {
		exitOn(process.Profile(*profile))
	}
	if *quick {
		x = quickly
	}
	x.calm = *calm / 100
	exitOn(compare(os.Stdout, x, *only))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "nats:", err)
		os.Exit(1)
	}
}

// quickly is enough to see that all is well, and too little to judge by.
var quickly = extent{
	rounds: 3, length: 200 * time.Millisecond, warmUp: 100 * time.Millisecond,
	idle: 500, settle: time.Second, watch: 4 * time.Second,
}

// compare runs what matches and prints the tables.
func compare(out io.Writer, x extent, only string) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	m, err := process.WatchMachine()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "netsvc against NATS %s, %s, %d processors, %d rounds of %v\n\n",
		server.VERSION, runtime.Version(), runtime.NumCPU(), x.rounds, x.length)
	t := &table{out: out}
	if err := x.all(t, wanted); err != nil {
		return err
	}
	others, err := m.Others()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d of %d goals met. Others took %.0f %% of the machine meanwhile.\n", t.goals-t.missed, t.goals, others*100)
	return nil
}

// idleName is what -only has to match for the idle connections.
const idleName = "idle connections"

// all runs the workloads and prints them.
func (x extent) all(t *table, wanted *regexp.Regexp) error {
	var later []func()
	t.verdictHead()
	run := func(w *workload, start func(string, *workload) (*contestant, error)) error {
		if !wanted.MatchString(w.Name) {
			return nil
		}
		sides, err := x.measure(w, start)
		if err != nil {
			return err
		}
		t.judge(w, sides)
		later = append(later, func() { t.figures(w, sides) })
		return nil
	}
	for _, w := range workloads() {
		if err := run(&w, startContestant); err != nil {
			return err
		}
	}
	if err := run(newcomers(), startNewcomer); err != nil {
		return err
	}
	if wanted.MatchString(idleName) {
		if err := x.idleRows(t); err != nil {
			return err
		}
	}
	t.figuresHead()
	for _, print := range later {
		print()
	}
	return nil
}

// idleRows runs the part about idle connections, each side alone.
func (x extent) idleRows(t *table) error {
	ours, err := x.measureIdle(netsvcSide)
	if err != nil {
		return err
	}
	other, err := x.measureIdle(natsSide)
	if err != nil {
		return err
	}
	t.idle(x.idle, ours, other)
	return nil
}
