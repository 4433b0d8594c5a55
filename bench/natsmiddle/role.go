// Package natsmiddle runs NATS, with which netsvc is compared. It is a package of its own
// so that measurements without NATS do not carry it in their processes.
package natsmiddle

import (
	"errors"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/netsvc/netsvc/bench/process"
)

// Role is that of NATS's middle: the server as it comes, without a log, on a port of the
// kernel's. It is ready with its URL.
func Role([]string) error {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true})
	if err != nil {
		return err
	}
	s.Start()
	defer func() { s.Shutdown(); s.WaitForShutdown() }()
	if !s.ReadyForConnections(10 * time.Second) {
		return errors.New("the NATS server does not get ready")
	}
	return process.Answer(s.ClientURL(), nil)
}
