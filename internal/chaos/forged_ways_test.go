//go:build linux

package chaos_test

import "time"

// as makes the call one of another way.
func as(r []record, way string) []record {
	r[theCall].Way = way
	return r
}

// streamed makes the call a stream of five results.
func streamed(r []record) []record {
	r[theCall].Wanted, r[theOutcome].Results = 5, 5
	return as(r, wayStream)
}

// forwarded makes the call one that another handler has passed on.
func forwarded(r []record) []record {
	return append(as(r, wayForward), record{Kind: relayed, At: 10500 * time.Millisecond, Process: "relay", ID: "1", Instance: "a/2"})
}

// calledBack adds a call back to the caller.
func calledBack(r []record) []record {
	back := record{Process: "replica", ID: "1/back", Way: wayBack, At: 11200 * time.Millisecond, Kind: asked, Deadline: time.Second}
	run := record{Process: "caller", ID: "1/back", At: 11300 * time.Millisecond, Kind: begun, Instance: "a/1"}
	ran, told := run, back
	ran.Kind, ran.At = finished, 11400*time.Millisecond
	told.Kind, told.Way, told.Result, told.At = outcome, "", "1/back", 11500*time.Millisecond
	return append(as(r, wayReverse), back, run, ran, told)
}

// theBackRun is where the client's handler begins, in what calledBack returns.
const theBackRun = theClose + 2

// alone makes the instance one of the Serial service.
func alone(r []record) []record {
	r[theBegin].Service = aloneName
	return as(r, waySerial)
}

// other is a second call that runs on the same instance.
func other(from, to time.Duration) []record {
	return []record{
		{Kind: asked, At: 10 * time.Second, Process: "caller", ID: "2", Deadline: 20 * time.Second},
		{Kind: begun, At: from, Process: "replica", ID: "2", Instance: "a/3", Service: aloneName},
		{Kind: finished, At: to, Process: "replica", ID: "2", Instance: "a/3", Service: aloneName},
		{Kind: outcome, At: to + time.Millisecond, Process: "caller", ID: "2", Result: "2", Instance: "a/3"},
	}
}

// badWays are histories that break the rules about the ways to call.
var badWays = []badHistory{
	{"a one-way request that is executed twice", func(r []record) []record {
		r = as(r, wayOneWay)
		return append(r, r[theBegin])
	}, "executed once at most"},
	{"a one-way request that is executed though told no", func(r []record) []record {
		fail(r, "busy", "no")
		return as(r, wayOneWay)
	}, "no means not executed"},
	{"a stream without its last result", func(r []record) []record {
		return streamedBut(r, 4)
	}, "a stream is whole and in order"},
	{"a stream with one result more", func(r []record) []record { return streamedBut(r, 6) }, "a stream is whole and in order"},
	{"a stream left later than wanted", func(r []record) []record {
		r[theCall].Stop = 2
		return streamed(r)
	}, "a stream is whole and in order"},
	{"a stream that fails with maybe after a result", func(r []record) []record {
		fail(r, "lost", "maybe")
		return streamedBut(r, 3)
	}, "a stream is whole and in order"},
	{"a stream out of order", func(r []record) []record {
		r[theOutcome].Wrong = "result 2 was that of another place or call"
		return streamed(r)
	}, "nothing looked wrong"},
	{"a stream that goes on after its end", func(r []record) []record {
		r[theOutcome].Wrong = "something came after the end"
		return streamed(r)
	}, "nothing looked wrong"},
	{"a stream that nobody has sent", func(r []record) []record { return without(streamed(r), theFinish, theBegin) }, "a result was executed"},
	{"a kept request that is answered twice", func(r []record) []record {
		r[theFinish].Wrong = "a second answer got <nil>"
		return as(r, wayKept)
	}, "nothing looked wrong"},
	{"a plain call that is abandoned", func(r []record) []record { fail(r, "aborted", "yes"); return as(r, wayPlain) }, "code and delivered fit"},
	{"forwarded by nobody", func(r []record) []record { return as(r, wayForward) }, "passed on once"},
	{"forwarded twice", func(r []record) []record {
		r = forwarded(r)
		return append(r, r[len(r)-1])
	}, "passed on once"},
	{"no after a forward", func(r []record) []record {
		fail(r, "busy", "no")
		return without(forwarded(r), theFinish, theBegin)
	}, "passed on once"},
	{"a forwarded request with the result of who passed it on", func(r []record) []record {
		r[theOutcome].Instance = "a/2"
		return forwarded(r)
	}, "the result is of this call"},
	{"a call back to another process", func(r []record) []record {
		r = calledBack(r)
		r[theBackRun].Process = "stranger"
		return r
	}, "called back by address"},
	{"a call back without an outcome", func(r []record) []record {
		r = calledBack(r)
		return r[:len(r)-1]
	}, "one call, one outcome"},
	{"two at once in a Serial service", func(r []record) []record {
		return append(alone(r), other(11500*time.Millisecond, 13*time.Second)...)
	}, "the limit holds"},
	{"a MiB that is cut", func(r []record) []record {
		r[theOutcome].Result = `1000 bytes, "1....."`
		return as(r, wayLarge)
	}, "the result is of this call"},
	{"made again though it was executed", func(r []record) []record {
		r = as(r, wayRetry)
		return append(r, r[theBegin])
	}, "executed once at most"},
	{"a retry that may have been executed and ends busy, maybe", func(r []record) []record {
		fail(r, "busy", "maybe")
		return as(r, wayRetry)
	}, "code and delivered fit"},
	{"no, though an earlier attempt was executed", func(r []record) []record {
		fail(r, "busy", "no")
		return as(r, wayAgain)
	}, "no means not executed"},
	{"an idempotent call with the result of who has not executed it", func(r []record) []record {
		r[theOutcome].Instance = "a/9"
		return as(r, wayAgain)
	}, "the result is of this call"},
	{"a call to all that one member has not answered", func(r []record) []record {
		r[theOutcome].Wrong = "2 answers of 3 members"
		return without(as(r, wayAll), theFinish, theBegin)
	}, "nothing looked wrong"},
	{"HTTP 503 for what was executed", func(r []record) []record {
		fail(r, "unreachable", "no")
		return as(r, wayWeb)
	}, "no means not executed"},
	{"a fault of a method that never ran", func(r []record) []record {
		fail(r, "application", "yes")
		return without(as(r, wayWeb), theFinish, theBegin)
	}, "a result was executed"},
	{"a fault without delivered", func(r []record) []record { fail(r, "lost", ""); return as(r, wayWeb) }, "code and delivered fit"},
	{"busy, maybe, and nobody has passed it on", func(r []record) []record {
		fail(r, "busy", "maybe")
		return without(as(r, wayForward), theFinish, theBegin)
	}, "code and delivered fit"},
	{"an answer that is none of the gateway's", func(r []record) []record {
		r[theOutcome].Wrong = "HTTP status 500 Internal Server Error"
		return as(r, wayWeb)
	}, "nothing looked wrong"},
}

// streamedBut is a stream of so many results in place of five.
func streamedBut(r []record, results int) []record {
	r = streamed(r)
	r[theOutcome].Results = results
	return r
}

// goodWays are histories of the ways to call that must not be found wrong.
var goodWays = []goodHistory{
	{"a one-way request", func(r []record) []record {
		r[theOutcome].Result, r[theOutcome].Instance = "", ""
		return as(r, wayOneWay)
	}},
	{"a one-way request whose process was killed before it began", func(r []record) []record {
		r[theOutcome].Result, r[theOutcome].Instance = "", ""
		return append(without(as(r, wayOneWay), theFinish, theBegin), record{Kind: killed, At: 11 * time.Second, Process: "replica"})
	}},
	{"a stream", streamed},
	{"a stream that was left early", func(r []record) []record {
		r[theCall].Stop = 2
		return without(streamedBut(r, 2), theFinish)
	}},
	{"a stream that was cut off", func(r []record) []record {
		fail(r, "lost", "yes")
		return streamedBut(r, 3)
	}},
	{"a kept request whose service is gone", func(r []record) []record { fail(r, "aborted", "yes"); return as(r, wayKept) }},
	{"a forwarded request", forwarded},
	{"a forwarded request that nobody takes", func(r []record) []record {
		fail(r, "busy", "maybe")
		return without(forwarded(r), theFinish, theBegin)
	}},
	{"a call back", calledBack},
	{"one after the other in a Serial service", func(r []record) []record {
		return append(alone(r), other(12500*time.Millisecond, 13*time.Second)...)
	}},
	{"a kept request beside another", func(r []record) []record {
		r = append(alone(r), record{Kind: parked, At: 11100 * time.Millisecond, Process: "replica", ID: "1", Instance: "a/3", Service: aloneName})
		return append(r, other(11500*time.Millisecond, 13*time.Second)...)
	}},
	{"an idempotent call that is executed twice", func(r []record) []record {
		second := r[theBegin]
		second.Instance = "a/4"
		return append(as(r, wayAgain), second)
	}},
	{"an idempotent call whose last attempt found nobody free", func(r []record) []record {
		fail(r, "busy", "maybe")
		return as(r, wayAgain)
	}},
	{"a call to all", func(r []record) []record { return without(as(r, wayAll), theFinish, theBegin) }},
	{"a fault", func(r []record) []record {
		fail(r, "busy", "no")
		return without(as(r, wayWeb), theFinish, theBegin)
	}},
	{"a gateway that was killed", func(r []record) []record { fail(r, codeBroken, "maybe"); return as(r, wayWeb) }},
}
