// Command pending lets a million calls wait in one exchange and then kills their service. It
// prints what each call costs the exchange, how long it takes until all callers are told,
// and how another service's calls go meanwhile.
//
//	go run ./pending -connections 16 -calls 62500
//
// The exchange, the service and the callers are processes of their own. The service has
// limit 1,000 and room for as many calls as there are; its handlers never answer. The
// callers speak the raw protocol; what is refused as busy because the service's outbox is
// full they send again.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/netsvc/netsvc/bench/middle"
	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/pkg/exchange"
)

func main() {
	if process.Run(roles) {
		return
	}
	connections := flag.Int("connections", 16, "connections of callers")
	calls := flag.Int("calls", 62_500, "calls of each connection")
	flag.Parse()
	exitOn(measure(*connections, *calls))
}

// roles are the processes of the measurement. Each prints a line when it is ready.
var roles = map[string]process.Role{
	"exchange": middle.Exchange(exchange.Limits{}, liveHeap), "service": runService, "callers": runCallers,
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "pending:", err)
		os.Exit(1)
	}
}
