// Package xmlrpc reads and writes XML-RPC, makes calls by it, and opens services of an
// exchange to programs that speak it. Documents, Client and Gateway can each be used alone.
//
// # Documents
//
// [DecodeCall] and [DecodeResponse] read documents, [AppendCall],
// [AppendResponse] and [AppendFault] write them. All work on bytes in memory,
// know nothing of HTTP, and may be used by any number of goroutines at once.
//
//	XML-RPC                           value                  written as
//	int i4 i8 i1 i2                   int64                  int, beyond 32 bits i8
//	boolean                           bool                   boolean
//	string, or no type at all         string                 string
//	double float                      float64                double
//	dateTime.iso8601, without zone    value.LocalTime        dateTime.iso8601
//	dateTime.iso8601, with zone       time.Time              dateTime.iso8601 in UTC
//	base64                            []byte                 base64
//	array                             []any                  array
//	struct                            map[string]any         struct, members by name
//	nil                               nil                    nil
//	biginteger                        *big.Int               string
//	bigdecimal                        value.Decimal          string
//	                                  value.Date, value.TimeOfDay, time.Duration,
//	                                  value.Opaque           string
//
// Reading takes nearly everything real clients send; writing is as plain as
// possible, and [Dialect] says how plain. What XML-RPC cannot carry is refused
// with the path to it, never cut: params[1].items[3].id. Two losses are part of
// the format: instants lose their zone and the part of a second, and the types
// in the last lines arrive as text.
//
// # Hostile documents
//
// The reader is our own, for XML 1.0 without document types: there are no
// entities to expand and nothing is ever fetched. [Limits] bounds depth, number
// of values and every length before memory is taken. A refused document gives a
// [*DecodeError] with the fault code of the interoperability list, the path, and
// line and column.
//
// # Go values
//
// Whatever is written may be a Go value that package value encodes: structs with the
// tags netsvc:"name,omitempty", typed slices and maps, pointers, numbers of any width.
// What was read goes into such values by [Call.Scan] and [Scan], and the error of one that does
// not fit names the path to it.
//
// # Client
//
// A [Client] makes calls at one URL, of a gateway or of any other server. Its errors tell
// whether the method may have run.
//
//	client, err := xmlrpc.NewClient("http://127.0.0.1:8000/RPC2", nil)
//	product, err := client.Call(ctx, "math.multiply", 3, 4)
//
// # Gateway
//
// A [Gateway] is an http.Handler. Each service has a URL of its own, and all share
// /RPC2, where the method name carries the service:
//
//	POST /xmlrpc/service/math    <methodName>multiply</methodName>
//	POST /RPC2                   <methodName>math.multiply</methodName>
//
// On both it answers system.listMethods, system.methodSignature,
// system.methodHelp, system.multicall and system.getCapabilities itself. A call
// has a deadline, and is cancelled when its client hangs up. What went wrong in a
// call is a fault; HTTP's own codes tell of the transport, 503 of an exchange that
// is away. What a fault has no place for is in the header of the answer:
//
//	Netsvc-Code: lost             the word of the failure
//	Netsvc-Number: 60             its number, or the service's own
//	Netsvc-Delivered: maybe       whether the method may have run: no, maybe, yes
//	Netsvc-Instance: math@3       who was chosen to answer, if anybody was
//
// The faults inside of a system.multicall have the members netsvcCode,
// netsvcDelivered and netsvcInstance instead. No other fault has members of ours.
//
// A service's own number is the fault code, unless it is one that the interoperability list
// keeps for itself, -32768 to -32000: then the code is -32500. A handler that panics is a
// failure of the method like any other, application, -32500, with the text of the panic; the
// stack stays in the log of the service. A panic in the gateway itself is -32603 with an id
// that finds the record in its log, and no text.
//
// The request headers traceparent and tracestate (W3C Trace Context) go along with each call
// as its headers of these names, those of a system.multicall included; handlers see them in
// service.CallerFrom, and service.Propagate carries them on. What is no UTF-8, or would take
// the call's headers over 8 KiB, is left out.
//
// Behind a Gateway stands a [Backend]. [Members] is the one for an exchange: what a
// [Selection] names, such as the members of a group, as they come and go.
//
//	members, err := xmlrpc.NewMembers(conn, xmlrpc.Selection{Groups: []string{"web-services"}})
//	gateway, err := xmlrpc.NewGateway(members, nil)
//	err = http.ListenAndServe("127.0.0.1:8000", gateway)
//
// To end without failing calls: stop accepting, call [Gateway.Drain], wait until the
// connections are gone, and when there is no more time give the server's BaseContext a
// cause of its own, so that what is open is answered.
//
// # Specifications
//
// XML-RPC by Winer (1999, notes to 2003); the fault codes by Libby (2001-05-16);
// introspection as xmlrpc-c has it; system.multicall by Kidd (2001); the extension types of Apache ws-xmlrpc 3; XML 1.0, fifth edition, with
// Namespaces; RFC 7303 for the charset.
package xmlrpc
