package exchange

import "github.com/netsvc/netsvc/pkg/wire"

// answer is a failure of the exchange's own, encoded once and sent many times.
type answer struct {
	flags uint8
	code  wire.Code
	body  []byte
}

// newAnswer encodes a failure.
func newAnswer(f *wire.Failure) answer {
	frame := wire.AppendFailure(nil, wire.Header{Kind: wire.KindFailure}, f)
	return answer{flags: wire.ParseHeader(frame).Flags, code: f.Code, body: frame[wire.HeaderSize:]}
}

// header is that of the answer to a call, from an instance or, with zero, from nobody.
func (a *answer) header(id uint64, instance uint32) wire.Header {
	return wire.Header{Kind: wire.KindFailure, Flags: a.flags, ID: id, Target: instance}
}

// The failures that the exchange answers by itself.
var (
	drainingAnswer = newAnswer(wire.Failf(wire.CodeDraining, wire.No,
		"the exchange is shutting down"))
	shutAnswer = newAnswer(wire.Failf(wire.CodeUnreachable, wire.Maybe,
		"the exchange shut down with the call in flight"))
	loopAnswer = newAnswer(wire.Failf(wire.CodeAborted, wire.No,
		"call loop: calls nest deeper than %d", wire.MaxDepth))
	pastAnswer = newAnswer(wire.Failf(wire.CodeTimeout, wire.No,
		"the deadline had passed before the call was delivered"))
	timeoutAnswer = newAnswer(wire.Failf(wire.CodeTimeout, wire.Maybe,
		"the deadline passed"))
	canceledAnswer = newAnswer(wire.Failf(wire.CodeCanceled, wire.Maybe,
		"the caller gave up"))
	overdrawnAnswer = newAnswer(wire.Failf(wire.CodeAborted, wire.Yes,
		"the service sent more of the stream than the caller had asked for"))
	unreadAnswer = newAnswer(wire.Failf(wire.CodeAborted, wire.Yes,
		"the caller does not read its streams"))
	stuckAnswer = newAnswer(wire.Failf(wire.CodeAborted, wire.Maybe,
		"the service does not read what it is sent"))
	lateForwardAnswer = newAnswer(wire.Failf(wire.CodeAborted, wire.Yes,
		"the service forwarded a call of which it had sent results"))
	lostAnswer = newAnswer(wire.Failf(wire.CodeLost, wire.Maybe,
		"the instance's session ended with the call in flight"))
)
