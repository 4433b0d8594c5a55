package xmlrpc

// Dialect says how values are written that the specification of 1999 has no
// place for. Nil or the zero value writes what most readers take: <i8> for
// integers beyond 32 bits, <nil/>, dates in UTC without a zone, and refuses what
// XML cannot carry.
type Dialect struct {
	// Strict refuses <i8> and <nil/>, which the specification lacks.
	Strict bool
	// NilAsEmpty writes nil as an empty string. The reader cannot tell them apart.
	NilAsEmpty bool
	// DateZ ends instants with Z. Python's reader refuses such dates.
	DateZ bool
	// ReplaceBadChars writes U+FFFD for every character that XML cannot carry,
	// instead of refusing the value.
	ReplaceBadChars bool
}

// EncodeError says which value cannot be written and why.
type EncodeError struct {
	// Path is the value at fault, like params[1].items[3].id or result.name.
	Path string
	// Reason is one sentence without the place.
	Reason string
}

// Error returns the path and the reason.
func (e *EncodeError) Error() string {
	if e.Path == "" {
		return e.Reason
	}
	return e.Path + ": " + e.Reason
}

// Fault returns the answer a server gives when a result cannot be written.
func (e *EncodeError) Fault() *Fault {
	return &Fault{Code: CodeApplication, String: "netsvc -- " + e.Error()}
}
