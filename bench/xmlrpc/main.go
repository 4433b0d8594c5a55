// Command xmlrpc measures XML-RPC: the codec against encoding/xml and kolo/xmlrpc, and a gateway
// with exchange and service behind it against two programs that answer by themselves, on xmlrpc-c's
// Abyss and on the XML-RPC of Python's library.
//
//	make bench-xmlrpc
//	make bench-xmlrpc BENCH='-hostile -time 20s'
//
// The load is made by wrk, whose connections stay open. Every program is a process of its own, the
// gateway's way is three of them, and all are there from the beginning. In each round all take their
// turn, and each round is begun by another; a ratio is the median of those within the rounds. CPU
// per call is that of all processes of a way together.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 7, "rounds of everything")
	each := flag.Duration("time", time.Second, "time of one measurement of the load, in whole seconds")
	connections := flag.String("connections", "1,16,64", "connections of wrk")
	hostile := flag.Bool("hostile", false, "measure a good client of the gateway while others attack it, for -time, in place of all else")
	flag.Parse()
	if *hostile {
		if err := underAttack(os.Stdout, *each); err != nil {
			fmt.Fprintln(os.Stderr, "xmlrpc:", err)
			os.Exit(1)
		}
		return
	}
	if err := compare(os.Stdout, *rounds, *each, strings.Split(*connections, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "xmlrpc:", err)
		os.Exit(1)
	}
}

// codecTime is how long one piece of work of a codec is repeated in a round.
const codecTime = 50 * time.Millisecond

func compare(out io.Writer, rounds int, each time.Duration, connections []string) error {
	if err := compareCodecs(out, rounds, codecTime); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "bench-xmlrpc")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	ways, err := startAll(folder)
	defer endAll(ways)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\n| connections | way | calls/s | CPU per call | gateway's calls/s over it (least to most) |\n|---|---|---|---|---|")
	for _, text := range connections {
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		if err := compareLoad(out, ways, rounds, n, each); err != nil {
			return err
		}
	}
	return nil
}
