package xmlrpc

import (
	"strconv"
	"time"
)

// DecodeOptions tunes decoding. Nil or the zero value is ready for production.
type DecodeOptions struct {
	// Limits bounds a document. The zero value is the default of every limit.
	Limits Limits
	// AssumeZone turns dates without a zone into instants. Nil leaves them
	// floating, as value.LocalTime.
	AssumeZone *time.Location
}

// Call is one decoded request.
type Call struct {
	// Method is the name as it was sent, of [A-Za-z0-9_.:/] only, never empty.
	Method string
	// Params are the arguments, in the forms of package value. It is not nil.
	Params []any
}

// callBuffer has place for the arguments of an ordinary call, so that they cost
// no memory of their own.
type callBuffer struct {
	Call
	params [4]any
}

// usualDepth is how many open elements fit without taking memory: enough for an
// array or struct inside an argument.
const usualDepth = 12

// decoder reads the grammar of XML-RPC from a reader.
type decoder struct {
	reader
	zone   *time.Location
	values int // read so far
	depth  int // arrays and structs open now
}

func newDecoder(data []byte, opts *DecodeOptions) decoder {
	var o DecodeOptions
	if opts != nil {
		o = *opts
	}
	return decoder{reader: reader{data: data, limits: o.Limits.orDefault()}, zone: o.AssumeZone}
}

// DecodeCall reads a methodCall document. contentType is the header field of
// HTTP, whose charset parameter counts more than the document's own; it may be
// empty. Nil opts means defaults. The error is a [*DecodeError].
//
// Decoding takes what real clients send beyond the specification: 64 bits in
// <int>, <i8>, <nil/> and the other types of Apache with or without their
// prefix, boolean words, dates with dashes, fractions and zones.
func DecodeCall(data []byte, contentType string, opts *DecodeOptions) (*Call, error) {
	var open [usualDepth]span
	d := newDecoder(data, opts)
	d.open = open[:0]
	if err := d.root("methodCall", contentType); err != nil {
		return nil, err
	}
	call, err := d.call()
	if err != nil {
		return nil, err
	}
	if err := d.epilog(); err != nil {
		return nil, err
	}
	return call, nil
}

// DecodeResponse reads a methodResponse document and returns its value, nil
// when it has none. An answer that is a fault is returned as a [*Fault] error; any
// other error is a [*DecodeError]. contentType and opts are as in [DecodeCall].
func DecodeResponse(data []byte, contentType string, opts *DecodeOptions) (any, error) {
	var open [usualDepth]span
	d := newDecoder(withoutEmptyLines(data), opts)
	d.open = open[:0]
	if err := d.root("methodResponse", contentType); err != nil {
		return nil, err
	}
	result, fault, err := d.response()
	if err != nil {
		return nil, err
	}
	if err := d.epilog(); err != nil {
		return nil, err
	}
	if fault != nil {
		return nil, fault
	}
	return result, nil
}

// withoutEmptyLines is an answer without the blanks that some servers print first.
func withoutEmptyLines(data []byte) []byte {
	for len(data) > 0 && classes[data[0]]&classBlank != 0 {
		data = data[1:]
	}
	return data
}

// IsResponse reports whether a document is a methodResponse, as far as its root element tells:
// [DecodeResponse] is for it, and [DecodeCall] for all others. contentType is as in DecodeCall.
func IsResponse(data []byte, contentType string) bool {
	d := newDecoder(withoutEmptyLines(data), nil)
	if len(data) > d.limits.Bytes || d.start(contentType) != nil || d.misc() != nil {
		return false
	}
	t, err := d.tag()
	return err == nil && t.is("methodResponse")
}

// root reads up to the start tag of the root element, which has to be name.
func (d *decoder) root(name, contentType string) error {
	if len(d.data) > d.limits.Bytes {
		return &DecodeError{Code: CodeInvalidRequest,
			Reason: "the document is too long: the limit is " + grouped(d.limits.Bytes) + " bytes"}
	}
	if err := d.start(contentType); err != nil {
		return err
	}
	if err := d.misc(); err != nil {
		return err
	}
	t, err := d.tag()
	if err != nil {
		return err
	}
	if !t.is(name) {
		return d.fail(CodeInvalidRequest, "the root element is %s, not <%s>", t, name)
	}
	return nil
}

// epilog reads what follows the root element.
func (d *decoder) epilog() error {
	if err := d.misc(); err != nil {
		return err
	}
	if d.pos < len(d.data) {
		return d.malformed("a second root element")
	}
	return nil
}

func (d *decoder) call() (*Call, error) {
	if err := d.expect("methodCall", "methodName"); err != nil {
		return nil, err
	}
	buffer := new(callBuffer)
	call := &buffer.Call
	call.Params = buffer.params[:0]
	var err error
	if call.Method, err = d.methodName(); err != nil {
		return nil, err
	}
	t, err := d.child("methodCall")
	if err != nil || t.end {
		return call, err
	}
	if !t.is("params") {
		return nil, d.unexpected(t, "methodCall")
	}
	if call.Params, err = d.params(call.Params); err != nil {
		return nil, err
	}
	return call, d.ending("methodCall")
}

func (d *decoder) methodName() (string, error) {
	text, err := d.leaf("methodName")
	if err != nil {
		return "", err
	}
	name := trim(text)
	if len(name) > d.limits.MethodBytes {
		return "", d.overLimit("the method name is too long", d.limits.MethodBytes)
	}
	if !isMethodName(name) {
		return "", d.fail(CodeInvalidRequest, "%s is no method name", shown(name))
	}
	return string(name), nil
}

// isMethodName reports whether name is made of the characters the specification
// allows: A-Z a-z 0-9 _ . : /
func isMethodName[T string | []byte](name T) bool {
	for i := range len(name) {
		if b := name[i]; b != '/' && (classes[b]&className == 0 || b == '-') {
			return false
		}
	}
	return len(name) > 0
}

// params reads the content of <params> and appends the values to list.
func (d *decoder) params(list []any) ([]any, error) {
	for {
		t, err := d.child("params")
		if err != nil || t.end {
			return list, err
		}
		if !t.is("param") {
			return nil, d.unexpected(t, "params")
		}
		v, err := d.param()
		if err != nil {
			return nil, inside(err, "params["+strconv.Itoa(len(list))+"]")
		}
		list = append(list, v)
	}
}

func (d *decoder) param() (any, error) {
	if err := d.expect("param", "value"); err != nil {
		return nil, err
	}
	v, err := d.value()
	if err != nil {
		return nil, err
	}
	return v, d.ending("param")
}
