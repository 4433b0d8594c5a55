// Package wire is the protocol between a process and its exchange: the preface, the
// frame header, the kinds of frames, the messages of the control plane and the failures
// a call may end with. It owns no socket, goroutine or clock; package link moves the
// bytes it describes.
//
// # A frame
//
// Every frame is a header of 24 bytes, little-endian, and a body:
//
//	offset  size  field
//	0       4     length  bytes that follow this field: 20 + the body's
//	4       1     kind    what the frame carries, see Kind
//	5       1     flags   by kind, see Flags
//	6       1     depth   nested calls so far, at most MaxDepth
//	7       1     hops    exchanges passed so far; 0 from a process
//	8       8     id      which call (low half slot, high half generation) or which control request
//	16      4     target  towards the exchange a handle, towards a process the other party's number
//	20      4     ttl     milliseconds the call may still take
//
// Bodies of calls and reports carry encoded values that the exchange forwards without
// looking at them. Bodies of all other kinds are CBOR maps with integer keys, the
// Messages of this package.
//
// # Limits
//
// No decoder here allocates by a length it was told: every length is compared with a
// limit and with the bytes that are there. PROTOCOL.md at the top of the project has the
// same tables for those who write a client in another language.
package wire
