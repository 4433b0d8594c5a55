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

	published        atomic.Uint64 // reports taken
	reportsDelivered atomic.Uint64 // put into outboxes
	reportsLost      atomic.Uint64 // by subscriptions that were too slow
	reportsRefused   atomic.Uint64 // by limits and names, answered or not
	reportsUnmatched atomic.Uint64 // for which there was no subscription
	failures         failures      // answered to callers, whoever made them
}

// reportCounts are what a session's reader has done since the last batch ended.
type reportCounts struct{ published, delivered, unmatched uint64 }

// countReports adds what the batch has done, if it was about reports.
func (s *session) countReports() {
	if s.reports == (reportCounts{}) {
		return
	}
	c := &s.ex.counts
	c.published.Add(s.reports.published)
	c.reportsDelivered.Add(s.reports.delivered)
	c.reportsUnmatched.Add(s.reports.unmatched)
	s.reports = reportCounts{}
}

// batchMillis is the time for people to read, read once in a batch.
func (s *session) batchMillis() int64 {
	if s.millis == 0 {
		s.millis = wallMillis()
	}
	return s.millis
}
