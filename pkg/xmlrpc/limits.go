package xmlrpc

// Limits bounds what one document may cost. Each bound is checked before the
// memory it protects is taken; a document over one is refused with
// [CodeInvalidRequest] and a text that names the limit and its value.
//
// A nil *Limits and any field that is zero or negative mean the default.
type Limits struct {
	// Bytes is the size of a document. Default 4 MiB.
	Bytes int
	// Depth is how many arrays and structs may lie inside each other. Default 64.
	Depth int
	// Values counts all values of a document, at any depth. Default 100,000.
	Values int
	// Attributes is the number of attributes of one element. Default 32.
	Attributes int
	// NameBytes is the length of an element or attribute name. Default 128.
	NameBytes int
	// MethodBytes is the length of a method name. Default 255.
	MethodBytes int
	// NumberChars is the length of an integer, boolean, double or date, without
	// the blanks around it. Default 64.
	NumberChars int
	// BigNumberChars is the same for biginteger and bigdecimal. Default 1,024.
	BigNumberChars int
}

// maxBindings bounds the namespace declarations in force at one place, because
// every prefix is looked up among them one by one.
const maxBindings = 64

// orDefault returns the limits with every unset field filled in.
func (l *Limits) orDefault() Limits {
	var given Limits
	if l != nil {
		given = *l
	}
	return Limits{
		Bytes:          positive(given.Bytes, 4<<20),
		Depth:          positive(given.Depth, 64),
		Values:         positive(given.Values, 100_000),
		Attributes:     positive(given.Attributes, 32),
		NameBytes:      positive(given.NameBytes, 128),
		MethodBytes:    positive(given.MethodBytes, 255),
		NumberChars:    positive(given.NumberChars, 64),
		BigNumberChars: positive(given.BigNumberChars, 1024),
	}
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}
