// Package service is what authors of services and of their callers import: a connection to
// an exchange, services announced on it, calls to the services of others, and reports.
//
// A service is a name and some Go funcs:
//
//	math := service.New("math", &service.ServiceOptions{Groups: []string{"web-services"}})
//	math.Export("multiply", func(x, y int64) int64 { return x * y }, &service.MethodOptions{
//		Doc: "Product of two integers.", Params: []string{"x", "y"}, ReadOnly: true,
//	})
//	err := service.Run(ctx, "localhost:11111", math) // announces, serves, drains on SIGINT
//
// A caller needs a name only:
//
//	conn, err := service.Connect(ctx, "localhost:11111", nil)
//	product, err := service.Call[int64](ctx, conn.Endpoint("math"), "multiply", 3, 4)
//	if errors.Is(err, service.ErrLost) { ... } // errors.Is works on an answer from far away
//
// # Connections
//
// A [Conn] keeps one link to an exchange and makes it anew when it breaks, for ever. What
// was announced, watched, subscribed and retained comes back by itself; instances get new
// addresses. While the link is down calls and Publish fail at once with unreachable, and
// [Conn.Ready] waits for it.
// Everything here may be used by any number of goroutines.
//
// # Outcomes
//
// Every call ends exactly once: with a result, or with a [Failure] whose code says what
// happened and whose Delivered says whether the method may have run. A call without a
// deadline gets [Options].Timeout; none waits for ever. Cancelling the context of a call
// ends it at once and reaches the context of the handler.
//
// [Endpoint.Send] is for requests that want no answer: it ends when the exchange has
// delivered the request, or with the failure.
//
// # Streams
//
// A func that returns an iter.Seq[T] or iter.Seq2[T, error] sends each element when it
// comes; [Stream] ranges over them at the other end. At most 256 KiB of them are on their
// way: a slow caller holds the func up, and one that breaks out of the range ends its
// context. [Call] gets the elements as one list, and fails as too_large when it does not
// fit a frame.
//
// # Choosing among instances
//
// By default the exchange gives a call to the instance with the fewest calls in flight.
// [CallOptions].Pick and Choose leave the choice to the caller's library, which goes by its
// own copy of the registry: [RoundRobin], [First], or a func of the caller's. [Conn.At] and
// an address such as math@3 mean exactly one instance. Instances that are suspect or
// draining are chosen only while there are no others. One that turns out to be gone, or to
// be draining, is passed over for the next, and by round-robin one that is busy, too: each
// once, 64 at most, and the last failure is the call's. A name of which the copy knows nobody
// is looked up at the exchange before the call fails as no_service. A Conn keeps a copy for
// as many names as make half of its watches, those used last. Calls by policy keep no order
// among each other.
//
// # Calls to all
//
// [Conn.CallAll] calls a method at each instance of a name, and [Conn.CallGroup] at each
// member of a group: a result or a failure for each, as they come, under one deadline.
//
// # Retries
//
// With [CallOptions].Retry a call that failed is made again when that is safe and may help:
// no_service, busy, draining and unknown if Delivered is no; lost, timeout and unreachable
// if it is no, or if the method is idempotent. It is when the caller says so, or when all
// instances that are announced mark it so, which is looked up before the call and
// remembered; read-only is not that mark. All else is never retried, and what the method
// itself failed with (application, aborted) is an answer. Between attempts lies a random
// pause, and the time until the link is back; all of it fits the deadline. After lost the
// same instance is not met again, so an address is then given up. A stream is made again
// only as long as none of its results has been handed out. The call ends with the failure
// of the last attempt, whose Attempts counts them and whose Delivered speaks for all of
// them.
//
// # Handlers
//
// The funcs of a service run concurrently, at most ServiceOptions.Limit at a time (one, if
// Serial); further calls wait in order of arrival, up to Queue and QueueBytes, and then are
// refused as busy. Calls from one connection to one instance are started in the order
// sent. A panic fails its one call. The context of a handler ends with the caller's
// deadline, when the caller gives up or vanishes, when the link breaks, and when the
// handler returns; [CallerFrom] tells who calls. Calls that a handler makes with it never
// outlive it.
//
// A handler may keep its request and return: [Keep]. It is answered later then, from
// anywhere, and holds no place of the limit meanwhile; a service that is withdrawn or shut
// down waits for it. [Forward] passes a request on to
// another service, which answers the caller itself.
//
// # Fallback
//
// [Service.ExportFallback] gives a service a handler for every method that is not exported:
// for dynamic services, mocks and, in its raw form, for passing calls on. Info.Fallback shows
// that there is one. Only the service can tell then whether a method exists: ErrNoMethod is its way to
// say no.
//
// # Middleware
//
// A [Middleware] wraps a [Handler], at either side: [Service.Use] all funcs of a service,
// [Conn.Use] all calls made by way of a connection, policies and retries inside. It sees the
// [Request] with its arguments encoded and its headers, and the outcome; it may refuse,
// measure, change the context, the arguments and, at the caller's side, headers, and stand in
// for what it wraps. [Propagate] carries a trace on. Requests that a handler forwards pass by
// the middleware of its Conn. What is not used costs nothing.
//
// # Reports
//
// A service publishes values on subjects, to whom it may concern:
//
//	err := clock.Publish(ctx, "tick", n) // for those who are subscribed now
//	err = clock.PublishWith(ctx, "started", t, service.PublishOptions{Lifetime: service.WhileAnnounced})
//
// The second is retained: a later subscriber gets it first, marked, with its time. It dies with
// its publisher. [PublishOptions] can also name one subscriber, or ask for the exchange's word.
// [ServiceOptions].Work is the place for a loop that publishes; [Service.Watched] and
// [Service.OnSubscriber] tell it who listens, for what is worth doing only then.
// [ServiceOptions].Subjects shows people what there is to subscribe to. A [LogTap] publishes what
// the service logs, while somebody reads along.
//
// Anybody subscribes, by name, group or address, whether there is a publisher yet or not:
//
//	sub, err := conn.Subscribe(service.SubscribeOptions{Service: "clock", Subjects: []string{"t*"}})
//	for report, err := range sub.Reports(ctx) {
//		var gap *service.GapError
//		switch {
//		case errors.As(err, &gap): // reports are missing here; the next one comes
//		case err != nil: // the subscription has ended
//		default: // report.Value(), or report.Decode(&v)
//		}
//	}
//
// or has a func called for each, one at a time: [SubscribeOptions].OnReport. Reports come at
// most once, and in the order of their publisher. What waits for a slow reader is bounded,
// here and in the exchange, and an [Overflow] says what goes when it is too much; nobody else is
// slowed down. Whatever is lost is told where it is missing, with the exact number, as a
// [GapError], which is never handed over as a value. After an outage the number is unknown,
// and the retained values come again.
//
// # Methods every service has
//
// The library answers system.listMethods, system.methodSignature, system.methodHelp,
// system.describe, system.stats and system.ping for each service, beside its limit.
//
// # The registry
//
// A [Watch] tells what there is and then each change, in order. A [Directory] keeps the
// same knowledge for looking things up without a question to the exchange.
//
// # Goroutines
//
// Nothing of the user's runs on the goroutine that reads the link: handlers run on a set of
// warm goroutines, Work, the funcs of a subscription and the callbacks of OnState, OnSubscriber
// and Then on goroutines of their own.
package service
