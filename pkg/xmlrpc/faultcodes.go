package xmlrpc

// Fault codes of the interoperability list of 2001-05-16 (Libby), which keeps
// -32768 to -32000 for such use, and four of ours from its free range -32099 to
// -32000.
const (
	CodeNotWellFormed  = -32700 // the document is not well-formed XML
	CodeUnknownCharset = -32701 // its encoding is not known here
	CodeBadCharacter   = -32702 // its bytes do not fit its encoding
	CodeInvalidRequest = -32600 // it is XML but no XML-RPC, or over a limit
	CodeNoMethod       = -32601 // no such service or method
	CodeBadParams      = -32602 // the arguments do not fit the method
	CodeInternal       = -32603 // the gateway failed, or nothing better is known
	CodeApplication    = -32500 // the method failed, or its answer cannot be written
	CodeTransport      = -32300 // the exchange was lost during the call
	CodeTimeout        = -32000 // the deadline passed
	CodeGone           = -32001 // the service ended with the call in flight
	CodeBusy           = -32002 // overload; trying later may help
	CodeDenied         = -32003 // not allowed
)
