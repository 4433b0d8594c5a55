// Package systemtest drives the exchange, the service library and the XML-RPC gateway
// together, as their users do, and asserts what the contract promises of the whole. It
// holds tests only.
//
// # Which network
//
// A test that waits for no clock runs over memory, TCP and Unix sockets, by overEach. A
// test about time runs in a testing/synctest bubble over memory, by inBubble. Each checks
// that no goroutine and no descriptor is left behind.
//
// # Names
//
// TestFault_NN is the case of that number in the table of faults; TestStory_SN, the part
// of that number of the story that the project must be able to tell; TestR_NN, the
// promise of that number about calls.
package systemtest
