// Command forward compares the exchange with a bare relay that copies bytes between two
// sockets, which is as fast as any process in the middle can be. A caller and a service
// that speak the raw protocol run in processes of their own; only the middle changes.
//
//	go run ./forward -rounds 5 -time 2s
//
// The rounds are interleaved, so that both sides see the same machine. For each number of
// calls in flight it prints the medians of calls per second and of the middle's CPU time
// per call, and the medians of the ratios within a round.
package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/netsvc/netsvc/bench/process"
)

func main() {
	if process.Run(roles) {
		return
	}
	rounds := flag.Int("rounds", 5, "rounds of every measurement")
	length := flag.Duration("time", 2*time.Second, "length of one measurement")
	flights := flag.String("flight", "1,64,1024", "calls in flight, one measurement for each")
	payload := flag.Int("payload", 16, "bytes of arguments and of the result")
	flag.Parse()
	for _, text := range strings.Split(*flights, ",") {
		flight, err := strconv.Atoi(text)
		exitOn(err)
		exitOn(compare(flight, *payload, *rounds, *length))
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "forward:", err)
		os.Exit(1)
	}
}
