// Command service is the seed's service: it is called "math", is a member of the group
// "web-services" and has one method, multiply.
//
//	netsvc exchange --listen 11111 &
//	go run ./examples/service             # or with an address: host:port, a port, unix:/path
//	netsvc call math.multiply 3 4         # 12
//
// It may be started before the exchange, and it stays when the exchange goes: it announces itself
// whenever there is one. SIGINT ends it when the calls it has are done.
package main

import (
	"context"
	"log"
	"os"

	"github.com/netsvc/netsvc/pkg/service"
)

func main() {
	exchange := "127.0.0.1:11111"
	if len(os.Args) > 1 {
		exchange = os.Args[1]
	}
	math := service.New("math", &service.ServiceOptions{Groups: []string{"web-services"}})
	math.Export("multiply", func(x, y int64) int64 { return x * y }, &service.MethodOptions{
		Doc: "Product of two integers.", Params: []string{"x", "y"}, ReadOnly: true, Idempotent: true,
	})
	if err := service.Run(context.Background(), exchange, math); err != nil {
		log.Fatal(err)
	}
}
