// Command validate runs one suite of calls by several ways and compares: natively over the
// exchange, through a gateway, and with the XML-RPC libraries of other languages. It has the
// eight methods of the validation suite validator1, system.* of a gateway, and every kind of
// value in both directions.
//
//	netsvc host math echo validator1 &
//	netsvc gateway --listen 8000 &
//	go run ./examples/validate -x 127.0.0.1:11111 --gateway http://127.0.0.1:8000
//	go run ./examples/validate -x 127.0.0.1:11111 --gateway http://127.0.0.1:8000 --ways python,perl,node
//
// It announces a service of its own, "validate", in the group web-services. Each cell of the
// table it prints is ok, loss (documented in docs/xmlrpc-clients.md, and exactly as it is
// documented there) or FAIL. The exit code is 1 when one is FAIL, or when a client is missing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// patience is how long all ways together may take.
const patience = 2 * time.Minute

var errFailed = errors.New("not everything is as it should be")

func main() {
	log.SetFlags(0)
	exchange := flag.String("x", "127.0.0.1:11111", "address of the exchange")
	gateway := flag.String("gateway", "http://127.0.0.1:8000", "`URL` of the gateway, without a path")
	ways := flag.String("ways", "exchange,gateway", "comma-separated: exchange, gateway, curl, curl-1.0, python, xmlrpc-c, perl, perl-deflate, node, ruby, php")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := validate(ctx, os.Stdout, *exchange, strings.TrimRight(*gateway, "/"), strings.Split(*ways, ","))
	if err != nil {
		log.Fatalln("validate:", err)
	}
}

// validate runs the suite and prints the table. It announces its service for as long as that takes.
func validate(ctx context.Context, out io.Writer, exchange, gateway string, ways []string) error {
	s, err := loadSuite()
	if err != nil {
		return err
	}
	for _, way := range ways {
		if !isWay(way) {
			return fmt.Errorf("no such way: %s", way)
		}
	}
	conn, err := service.Connect(ctx, exchange, nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.Announce(ctx, s.validator()); err != nil {
		return err
	}
	if err := reached(ctx, gateway); err != nil {
		return err
	}
	columns := make([]column, len(ways))
	for i, way := range ways {
		outcomes, err := s.run(ctx, way, conn, gateway)
		columns[i] = column{way, outcomes, err}
	}
	if !s.print(out, columns) {
		return errFailed
	}
	return nil
}

// reached waits until the gateway offers all that is called.
func reached(ctx context.Context, gateway string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		missing, err := missingAt(ctx, gateway)
		if err == nil && missing == "" {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("gateway %s does not offer what is called (%s): %w", gateway, missing, errors.Join(err, ctx.Err()))
		}
	}
}

// missingAt returns a method that the gateway does not list yet.
func missingAt(ctx context.Context, gateway string) (string, error) {
	list := check{Method: "system.listMethods"}
	v, err := list.call(ctx, gatewayWay, nil, gateway)
	if err != nil {
		return "", err
	}
	names, _ := v.([]any)
	for _, want := range []string{"math.multiply", "echo.echo", "validator1.easyStructTest", "validate.give"} {
		if !hasAll([]any{map[string]any(formOf(want))}, formsOf(names)) {
			return want, nil
		}
	}
	return "", nil
}
