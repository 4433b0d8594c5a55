// Command gateway is the seed's gateway: programs that speak XML-RPC over HTTP call the members of the
// group "web-services" through it, each under a path of its own.
//
//	go run ./examples/gateway             # or with an address: host:port, a port, unix:/path
//	python3 -c 'import xmlrpc.client as x; print(x.ServerProxy("http://127.0.0.1:8000/xmlrpc/service/math").multiply(3, 4))'
//
// A second argument says where to listen, 127.0.0.1:8000 if there is none. A service can be called as
// soon as it has joined the group, and is not found when it has left; without an exchange the answer is
// HTTP 503. SIGINT ends the gateway when the calls it has are done. The command netsvc gateway is made
// for daily use; it has flags, limits and logs.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func main() {
	exchange, listen := "127.0.0.1:11111", "127.0.0.1:8000"
	if len(os.Args) > 1 {
		exchange = os.Args[1]
	}
	if len(os.Args) > 2 {
		listen = os.Args[2]
	}
	if err := run(exchange, listen); err != nil {
		log.Fatal(err)
	}
}

func run(exchange, listen string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	conn, err := service.Connect(ctx, exchange, &service.Options{Background: true})
	if err != nil {
		return err
	}
	defer conn.Close()
	members, err := xmlrpc.NewMembers(conn, xmlrpc.Selection{Groups: []string{"web-services"}})
	if err != nil {
		return err
	}
	defer members.Close()
	gateway, err := xmlrpc.NewGateway(members, nil)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/xmlrpc/service/\n", listener.Addr())
	daemon := &http.Server{Handler: gateway, ReadHeaderTimeout: 5 * time.Second}
	go daemon.Serve(listener)
	<-ctx.Done()
	return daemon.Shutdown(context.Background()) // waits for open calls, which all have deadlines
}
