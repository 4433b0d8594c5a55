package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"

	"github.com/nats-io/nats.go"
)

// natsConn is one connection of callers.
type natsConn struct{ conn *nats.Conn }

func dialNATS(addr string) (connection, error) {
	conn, err := nats.Connect(addr)
	if err != nil {
		return nil, err
	}
	return natsConn{conn}, nil
}

func (c natsConn) close() { c.conn.Close() }

func (c natsConn) asker(w workload) asker {
	plain := natsPlain{c.conn, w.Deadline}
	switch {
	case w.Method == echo:
		return &natsEcho{plain, make([]byte, w.Payload)}
	case w.Method == trade && w.JSON:
		return natsTradeJSON{plain}
	case w.Method == trade:
		order, receipt := tradeSizes()
		return &natsTrade{plain, make([]byte, order), receipt}
	case w.JSON:
		return natsMultiplyJSON{plain}
	}
	return &natsMultiply{plain, make([]byte, 16)}
}

// natsPlain makes requests as a user would, with or without a context of its own for each.
type natsPlain struct {
	conn     *nats.Conn
	deadline bool
}

func (c natsPlain) request(subject string, data []byte) ([]byte, error) {
	if !c.deadline {
		m, err := c.conn.Request(subject, data, patience)
		if err != nil {
			return nil, err
		}
		return m.Data, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	m, err := c.conn.RequestWithContext(ctx, subject, data)
	if err != nil {
		return nil, err
	}
	return m.Data, nil
}

// requestJSON is request with argument and result as JSON.
func (c natsPlain) requestJSON(subject string, argument, result any) error {
	text, err := json.Marshal(argument)
	if err != nil {
		return err
	}
	answer, err := c.request(subject, text)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, result)
}

type natsMultiply struct {
	natsPlain
	data []byte
}

func (c *natsMultiply) ask(n int64) error {
	x, y := factors(n)
	binary.LittleEndian.PutUint64(c.data, uint64(x))
	binary.LittleEndian.PutUint64(c.data[8:], uint64(y))
	answer, err := c.request(multiply, c.data)
	if err != nil || len(answer) != 8 {
		return product(n, 0, err)
	}
	return product(n, int64(binary.LittleEndian.Uint64(answer)), nil)
}

// Factors are the arguments of a multiply in JSON.
type Factors struct {
	X int64 `json:"x"`
	Y int64 `json:"y"`
}

type natsMultiplyJSON struct{ natsPlain }

func (c natsMultiplyJSON) ask(n int64) error {
	x, y := factors(n)
	var got int64
	err := c.requestJSON(multiply, Factors{x, y}, &got)
	return product(n, got, err)
}

type natsEcho struct {
	natsPlain
	data []byte
}

func (c *natsEcho) ask(n int64) error {
	binary.LittleEndian.PutUint64(c.data, uint64(n))
	answer, err := c.request(echo, c.data)
	if err == nil && !bytes.Equal(answer, c.data) {
		err = errWrong
	}
	return err
}

// natsTrade sends bytes in place of an Order and gets bytes in place of a Receipt: the
// first of what it has sent.
type natsTrade struct {
	natsPlain
	data    []byte
	receipt int
}

func (c *natsTrade) ask(n int64) error {
	binary.LittleEndian.PutUint64(c.data, uint64(n))
	answer, err := c.request(trade, c.data)
	if err == nil && !bytes.Equal(answer, c.data[:c.receipt]) {
		err = errWrong
	}
	return err
}

type natsTradeJSON struct{ natsPlain }

func (c natsTradeJSON) ask(n int64) error {
	o := orderOf(n)
	var got Receipt
	err := c.requestJSON(trade, o, &got)
	if err == nil && got != receiptOf(o) {
		err = errWrong
	}
	return err
}
