package exchange

import "sync/atomic"

// totals are the counters of an exchange, for `_exchange.stats`.
type totals struct {
	sessions       atomic.Uint64 // admitted so far
	strangers      atomic.Uint64 // connections that did not speak netsvc or did not finish the handshake
	violations     atomic.Uint64 // sessions closed for breaking the protocol
	slow           atomic.Uint64 // sessions closed because they did not read
	frozen         atomic.Uint64 // sessions closed because nothing came from them
	skipped        atomic.Uint64 // frames of unknown optional kinds
	late           atomic.Uint64 // answers nobody waited for any more
	cancelsDropped atomic.Uint64 // cancels that a full outbox did not take
	resets         atomic.Uint64 // watches told anew because they did not keep up
	calls          atomic.Uint64 // delivered
	failures       failures      // answered to callers, whoever made them
}
