// Command fanout measures reports: one publisher, and 1, 10 and 100 subscribers with a
// connection each, by netsvc and by core NATS. The middle, the publisher and the subscribers
// are processes of their own on this machine, started from this one program.
//
//	go run ./fanout                          # 5 rounds of 2 s
//	go run ./fanout -subscribers 10 -rounds 9
//
// The publisher is at most 4,096/subscribers reports ahead of the slowest subscriber: all
// subscribers say how far they are on a connection of their own to the publisher, beside the
// middle. So nobody is ever too slow, and a report that is missing ends the measurement as an
// error. Every report's number is checked.
//
// It is done twice. With bare ends, publisher and subscribers only move frames of either
// protocol, so that the middle is what is measured. With those of the libraries all is as
// users have it: NATS carries bytes that need no decoding, netsvc bytes as a typed value.
//
// The sides take turns within a round, and a ratio is the median of those within the rounds.
// How much of the machine others took meanwhile is printed at the end.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/netsvc/netsvc/bench/process"
)

func main() {
	if process.Run(roles) {
		return
	}
	var x extent
	flag.IntVar(&x.rounds, "rounds", 5, "rounds for each number of subscribers")
	flag.DurationVar(&x.length, "time", 2*time.Second, "length of one side's turn in a round")
	flag.IntVar(&x.payload, "payload", 16, "bytes of a report, 8 at least")
	crowds := flag.String("subscribers", "1,10,100", "numbers of subscribers, one measurement for each")
	profile := flag.String("profile", "", "write a CPU profile of each process into this `folder`")
	flag.Parse()
	if *profile != "" {
		exitOn(process.Profile(*profile))
	}
	for _, text := range strings.Split(*crowds, ",") {
		n, err := strconv.Atoi(text)
		exitOn(err)
		x.crowds = append(x.crowds, n)
	}
	exitOn(compare(os.Stdout, x))
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "fanout:", err)
		os.Exit(1)
	}
}

// extent is how much is measured.
type extent struct {
	rounds  int
	length  time.Duration // of one side in one round
	payload int           // bytes of a report
	crowds  []int         // numbers of subscribers
}

// compare measures everything and prints a table.
func compare(out io.Writer, x extent) error {
	if x.payload < numberSize {
		return fmt.Errorf("a report of %d bytes has no room for its number", x.payload)
	}
	m, err := process.WatchMachine()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "netsvc against NATS %s, %s, %d processors, %d rounds of %v, %d bytes\n\n",
		server.VERSION, runtime.Version(), runtime.NumCPU(), x.rounds, x.length, x.payload)
	fmt.Fprint(out, tableHead)
	for _, way := range ways {
		if err := x.rows(out, way); err != nil {
			return err
		}
	}
	others, err := m.Others()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nOthers took %.0f %% of the machine meanwhile.\n", others*100)
	return nil
}

// rows prints a row for each number of subscribers.
func (x extent) rows(out io.Writer, way string) error {
	for _, n := range x.crowds {
		found, err := x.measure(way, n)
		if err != nil {
			return fmt.Errorf("%s, %d subscribers: %w", way, n, err)
		}
		row(out, way, n, found)
	}
	return nil
}
