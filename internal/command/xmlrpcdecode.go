package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// The kinds of documents.
const (
	kindRequest  = "request"
	kindResponse = "response"
)

func xmlrpcDecodeCommand() *Command {
	return &Command{
		Name:    "xmlrpc decode",
		Section: SectionUse,
		Summary: "read an XML-RPC document on stdin and print it as JSON",
		Doc: "A request is printed as {\"method\":..,\"params\":[..]}, a response as {\"result\":..} or\n" +
			"{\"remote_fault\":{\"code\":..,\"string\":..}}. A document that is refused is exit code 4. The Content-Type\n" +
			"that it came with may stand in the environment variable CONTENT_TYPE.\n\n" +
			"--tagged is for tests of decoders: each value is an object that says its type, as in {\"int\":\"3\"}, and a\n" +
			"document that is refused is one more object, {\"fault\":CODE} with the fault that a gateway answers, or\n" +
			"{\"decode_error\":true} of a response. The exit code is 0 then.",
		Flags: []Flag{
			{Name: "kind", Kind: Text, Arg: "KIND", Default: "as its root says", Values: []string{kindRequest, kindResponse},
				Summary: "request or response"},
			{Name: "tagged", Kind: Switch, Summary: "say the type of each value"},
		},
		Formats: valueFormats(),
		Run:     runXMLRPCDecode,
	}
}

// maxDocument is the limit of the decoder. One byte more is enough to be refused.
const maxDocument = 4 << 20

func runXMLRPCDecode(_ context.Context, env *Env) error {
	data, err := io.ReadAll(io.LimitReader(env.In, maxDocument+1))
	if err != nil {
		return explainInput(err)
	}
	d := document{data: data, contentType: env.Getenv("CONTENT_TYPE"), tagged: env.Flags.Bool("tagged")}
	kind := env.Flags.String("kind")
	read := d.request
	if kind == kindResponse || kind == "" && xmlrpc.IsResponse(d.data, d.contentType) {
		read = d.response
	}
	shape, err := read()
	if err != nil {
		return err
	}
	return env.printShape(shape, nil)
}

// explainInput makes the error of a stdin that cannot be read.
func explainInput(err error) error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	return usage("", "cannot read stdin: %v", reasonOf(err))
}

// document is a document to decode. Its shapes are a contract.
type document struct {
	data        []byte
	contentType string
	tagged      bool
}

// request is the shape of a methodCall.
func (d *document) request() (any, error) {
	call, err := xmlrpc.DecodeCall(d.data, d.contentType, nil)
	if err != nil {
		return d.refused(err)
	}
	params := []json.RawMessage{}
	for _, v := range call.Params {
		param, err := d.show(v)
		if err != nil {
			return nil, err
		}
		params = append(params, param)
	}
	return struct {
		Method string            `json:"method"`
		Params []json.RawMessage `json:"params"`
	}{call.Method, params}, nil
}

// refused is the shape of a methodCall that cannot be read, or the error of it.
func (d *document) refused(err error) (any, error) {
	var refused *xmlrpc.DecodeError
	if !errors.As(err, &refused) {
		return nil, err
	}
	if d.tagged {
		return map[string]int{"fault": refused.Code}, nil
	}
	e := explain(err)
	e.Hint = fmt.Sprintf("a gateway answers it with fault %d", refused.Code)
	return nil, e
}

// remoteFault is the shape of a fault.
type remoteFault struct {
	Code   int    `json:"code"`
	String string `json:"string"`
}

// response is the shape of a methodResponse.
func (d *document) response() (any, error) {
	v, err := xmlrpc.DecodeResponse(d.data, d.contentType, nil)
	var fault *xmlrpc.Fault
	switch {
	case errors.As(err, &fault):
		return map[string]remoteFault{"remote_fault": {fault.Code, fault.String}}, nil
	case err != nil && d.tagged:
		return map[string]bool{"decode_error": true}, nil
	case err != nil:
		return nil, err
	}
	result, err := d.show(v)
	return map[string]json.RawMessage{"result": result}, err
}

// show is a value as JSON.
func (d *document) show(v any) (json.RawMessage, error) {
	if d.tagged {
		return encodeShape(xmlrpc.Tagged(v))
	}
	return value.AppendJSON(nil, v)
}
