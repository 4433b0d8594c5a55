package main

import (
	"errors"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/netsvc/netsvc/bench/process"
)

// runNATSServer is NATS's middle: the server as it comes, without a log.
func runNATSServer([]string) error {
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

// natsClock publishes by NATS.
type natsClock struct{ conn *nats.Conn }

func natsPublisher(addr string) (publisher, error) {
	conn, err := nats.Connect(addr)
	if err != nil {
		return nil, err
	}
	return natsClock{conn}, nil
}

func (c natsClock) publish(report []byte) error {
	return c.conn.Publish(publisherName+"."+subject, report)
}

func (c natsClock) flush() error { return nil }

func (c natsClock) close() { c.conn.Close() }

// subscribeNATS is one subscriber.
func subscribeNATS(addr string, each func([]byte)) (leave func(), err error) {
	conn, err := nats.Connect(addr)
	if err != nil {
		return nil, err
	}
	_, err = conn.Subscribe(publisherName+"."+subject, func(m *nats.Msg) { each(m.Data) })
	if err == nil {
		err = conn.Flush()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return conn.Close, nil
}
