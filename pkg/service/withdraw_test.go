package service_test

import (
	"testing"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// TestRequestInTheBatchOfTheWithdrawal: a request that comes together with the answer to
// Withdraw is waited for as any other, though it has not been started by then.
func TestRequestInTheBatchOfTheWithdrawal(t *testing.T) {
	for range 100 {
		inBubble(t, func(t *testing.T, s *script, conn *service.Conn, p *peer) {
			svc := service.New("math", nil)
			svc.Export("multiply", func(x, y int64) int64 { return x * y }, nil)
			handle := announce(t, conn, p, svc, 3)
			ended := make(chan error, 1)
			go func() { ended <- conn.Shutdown(t.Context()) }()
			_, w := message[*wire.Withdraw](p, wire.KindWithdraw)
			batch := appendDelivery(t, nil, delivery{id: 1, instance: handle, method: "multiply", args: []any{3, 4}})
			batch = wire.AppendHeader(batch, &wire.Header{Kind: wire.KindDone, ID: w.ID}, 0)
			for range 2000 { // keep the reader from the end of its batch
				batch = wire.AppendHeader(batch, &wire.Header{Kind: wire.KindBeat}, 0)
			}
			p.send(batch)
			if a := p.answerTo(1); a.value != int64(12) {
				t.Errorf("the answer is %v, %v, want 12", a.value, a.failure)
			}
			if err := <-ended; err != nil {
				t.Errorf("Shutdown = %v", err)
			}
		})
	}
}
