// Package link is one live connection between a process and an exchange, the same at both
// ends: a read loop that hands on frames in batches, an outbox with a bound that whoever
// appends to may also write, beats that notice a frozen peer, and one law of closing.
//
// # Reading
//
// [Link.Run] reads on the caller's goroutine until the link ends. Each read may bring many
// frames; the [Handler] gets them one by one and is told when the batch is over, which is
// when it should flush the links it appended to.
//
// # Writing
//
// Appending copies a frame into the outbox under a mutex and never blocks. The append that
// makes an idle outbox non-empty answers [Flush]: its caller must call [Link.Flush] soon.
// All others ride along with that write. Flush tries the socket once without blocking; what
// the kernel does not take is written by a goroutine that lives until the outbox is empty.
// The unsent rest counts against the bound. An append that does not fit answers [Full], and
// what that means is the caller's law: a request is refused, a session is closed.
//
// # Locks
//
// A Link's mutex is a leaf: nothing is called and nothing is written while it is held, and
// it may be taken under any lock of the layers above. Appending, Close and the questions
// take no other lock.
//
// # Ending
//
// [Link.Close] takes the reason, the first one wins, and every blocked read and write
// returns. [Link.CloseAfter] sends a last word first and gives the peer a second to read
// it. Run returns the reason after all goroutines of the link have ended; until then no
// frame but the one being handled is handed on.
package link
