package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/nats-io/nats.go"

	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/pkg/value"
)

// runNATSService is the service of a workload, by a plain subscription. args are the middle
// and the workload.
func runNATSService(args []string) error {
	w, err := decodeWorkload(args[1])
	if err != nil {
		return err
	}
	conn, err := nats.Connect(args[0])
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Subscribe(w.Method, natsHandlerOf(w)); err != nil {
		return err
	}
	if err := conn.Flush(); err != nil {
		return err
	}
	return process.Answer("ready", nil)
}

// natsHandlerOf is the handler of a workload. An answer that is not right, or none, is found
// by the caller.
func natsHandlerOf(w workload) nats.MsgHandler {
	switch {
	case w.Method == echo:
		return func(m *nats.Msg) { m.Respond(m.Data) }
	case w.Method == trade && w.JSON:
		return answerJSON(receiptOf)
	case w.Method == trade:
		_, size := tradeSizes()
		return func(m *nats.Msg) { m.Respond(append(make([]byte, 0, size), m.Data[:size]...)) }
	case w.JSON:
		return answerJSON(func(f Factors) int64 { return f.X * f.Y })
	}
	return answerProduct
}

// answerProduct multiplies two numbers of 8 bytes each.
func answerProduct(m *nats.Msg) {
	x, y := binary.LittleEndian.Uint64(m.Data), binary.LittleEndian.Uint64(m.Data[8:])
	m.Respond(binary.LittleEndian.AppendUint64(nil, x*y))
}

// answerJSON answers with what f makes of the argument, both as JSON.
func answerJSON[A, R any](f func(A) R) nats.MsgHandler {
	return func(m *nats.Msg) {
		var argument A
		if json.Unmarshal(m.Data, &argument) != nil {
			return
		}
		if text, err := json.Marshal(f(argument)); err == nil {
			m.Respond(text)
		}
	}
}

// tradeSizes are the bytes that an Order and a Receipt take on netsvc's wire. NATS carries
// as many, ready made.
func tradeSizes() (order, receipt int) {
	o := orderOf(1 << 20)
	encodedOrder, err1 := value.Marshal(o)
	encodedReceipt, err2 := value.Marshal(receiptOf(o))
	if err := errors.Join(err1, err2); err != nil {
		panic(err) // structs of this package, which can travel
	}
	return len(encodedOrder), len(encodedReceipt)
}
