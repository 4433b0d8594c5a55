// Package testnet is what tests of a networked program need and the standard library
// lacks. Only test files may import it; any test file may, because it knows no other
// package of the module.
//
//	LeakCheck  fails a test that leaves goroutines or open descriptors behind
//	Proxy      carries bytes between two TCP addresses and spoils them on demand
//	WaitFor    waits for a fact, Receive for a value; neither hangs, neither guesses
//
// # Which clock
//
// A test that is about time runs over an in-memory connection in a testing/synctest
// bubble, where a minute costs nothing and a wait is exact. A Proxy is for the rest:
// what only real sockets do, such as resets, half-closed connections and streams cut
// at any byte. Such a test asserts order and cause, and where it must name a time, a
// lower bound, which a slow machine cannot break.
//
// # A test with everything
//
//	func TestCallSurvivesSlowNetwork(t *testing.T) {
//		testnet.LeakCheck(t) // first, so that it looks last
//		proxy := testnet.NewProxy(t, listen(t))
//		proxy.Set(testnet.Fault{Latency: 20 * time.Millisecond, Slice: 3})
//		...
//	}
package testnet
