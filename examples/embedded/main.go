// Command embedded is all of the seed in one process: exchange, service, client and gateway, joined by
// connections in memory. Only the gateway has a socket, on a loopback port that the kernel chooses.
//
//	go run ./examples/embedded
//
// It prints three squares and the URL of the gateway, and serves HTTP until SIGINT. The service and the
// client could be other processes: to them only the Dial option is different.
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

	"github.com/netsvc/netsvc/examples/services"
	"github.com/netsvc/netsvc/pkg/exchange"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ex, err := exchange.New(nil)
	if err != nil {
		return err
	}
	defer ex.Close()
	conn, err := service.Connect(ctx, "", &service.Options{Dial: ex.Dial})
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.Announce(ctx, services.Math()); err != nil {
		return err
	}
	for _, x := range []int64{7, 12, 999} {
		square, err := service.Call[int64](ctx, conn.Endpoint("math"), "multiply", x, x)
		if err != nil {
			return err
		}
		fmt.Println(square)
	}
	return serveHTTP(ctx, conn)
}

// serveHTTP is the gateway for the group that the services of package services are in.
func serveHTTP(ctx context.Context, conn *service.Conn) error {
	members, err := xmlrpc.NewMembers(conn, xmlrpc.Selection{Groups: []string{"web-services"}})
	if err != nil {
		return err
	}
	defer members.Close()
	gateway, err := xmlrpc.NewGateway(members, nil)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/xmlrpc/service/math\n", listener.Addr())
	daemon := &http.Server{Handler: gateway, ReadHeaderTimeout: 5 * time.Second}
	go daemon.Serve(listener)
	<-ctx.Done()
	return daemon.Shutdown(context.Background())
}
