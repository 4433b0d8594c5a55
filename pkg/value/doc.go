// Package value is what a message may carry: which Go values can travel, how they are encoded, how
// people write them, and what the methods that take them look like.
//
// # Values
//
// A value is nil, a bool, an integer of any size, a float64, a [Decimal], text (valid UTF-8),
// bytes, a date-time with or without a zone, a [Date], a [TimeOfDay], a duration, a list, a map
// with text keys, or an [Opaque] tag that nobody here knows. Each has one Go form:
//
//	value      Go form, as Decode returns it   encoded as (CBOR, RFC 8949)        JSON
//	nil        nil                             f6                                 null
//	bool       bool                            f4, f5                             true
//	int        int64, beyond it *big.Int       major 0, 1; beyond 64 bits tag 2, 3  12
//	number     float64                         fb and eight bytes                 1.5, 2, "NaN"
//	           Decimal                         tag 4 [exponent, mantissa]         1.50
//	text       string                          major 3                            "a"
//	bytes      []byte                          major 2                            "aGk="
//	datetime   time.Time                       tag 0, RFC 3339                    "2026-11-22T10:00:00Z"
//	           LocalTime                       tag 0, RFC 3339 without a zone     "2026-11-22T10:00:00"
//	date       Date                            tag 1004                           "2026-11-22"
//	time       TimeOfDay                       TagTimeOfDay, int64 nanoseconds    "10:00:00"
//	duration   time.Duration                   TagDuration, int64 nanoseconds     "1h30m0s"
//	list       []any                           major 4                            [1,2]
//	map        map[string]any                  major 5, sorted by key             {"a":1}
//	any        Opaque                          its own tag                        {"$opaque":37,"data":"..."}
//
// [Append] also takes structs, typed slices and maps, pointers and all widths of numbers, and
// [Unmarshal] reads into them; struct tags are `netsvc:"name,omitempty"`, else json's. Nothing is
// changed on the way: 3.0 stays a float, -0 and NaN stay what they are, a zone keeps its offset.
//
// # Bytes from outside
//
// [Check] decides in one scan, before memory is taken, whether bytes are one value within the
// limits ([MaxDepth], [MaxElements], [MaxBigBytes]). Everything here that reads encoded bytes does
// what Check does, so its callers need not. Announced lengths are never believed. Decoders take
// indefinite lengths and longer heads than needed; the encoder writes neither.
//
// # Funcs and signatures
//
// [NewFunc] makes any Go func callable with encoded arguments and derives its [Signature]: what
// [EncodeMethods] announces, what [Signature.Check] and [ParseArgs] go by, and what help shows.
// Common shapes are called without reflection.
//
// # Errors
//
// What is wrong decides the type: [EncodeError] a Go value that cannot travel, [DecodeError] bytes
// that are malformed or over a limit, [TypeError] a value that does not fit, with the path to it,
// [ArityError] and [ArgumentError] the wrong arguments, [NameError] a wrong name, [UsageError] a
// command line that cannot be read. errors.As tells them apart.
//
// # Concurrency
//
// No func here starts a goroutine or blocks, apart from the funcs that [Func.Call] calls and the
// [Sources] that forms read. Types, signatures and Funcs may be used by any number of goroutines.
package value
