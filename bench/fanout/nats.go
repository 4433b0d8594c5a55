package main

import (
	"github.com/nats-io/nats.go"
)

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
