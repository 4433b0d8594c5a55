package xmlrpc_test

import (
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func TestDecodeResponse(t *testing.T) {
	fault := func(members string) string {
		return "<methodResponse><fault><value><struct>" + members + "</struct></value></fault></methodResponse>"
	}
	const code, text = "<member><name>faultCode</name><value> -32601 </value></member>", "<member><name>faultString</name><value>no</value></member>"
	tests := map[string]struct {
		document string
		want     any
		fault    *xmlrpc.Fault
		refused  string
	}{
		"no params":              {document: "<methodResponse/>"},
		"empty params":           {document: "<methodResponse><params/></methodResponse>"},
		"a value":                {document: "\r\n <methodResponse><params><param><value>1</value></param></params></methodResponse>\n", want: "1"},
		"a fault code as text":   {document: fault(code + text), fault: &xmlrpc.Fault{Code: -32601, String: "no"}},
		"a fault with more":      {document: fault(code + text + "<member><name>x</name><value/></member>"), fault: &xmlrpc.Fault{Code: -32601, String: "no"}},
		"a fault without code":   {document: fault(text), refused: "without a number as faultCode"},
		"a fault without text":   {document: fault(code), refused: "without a text as faultString"},
		"a fault without struct": {document: "<methodResponse><fault><value>1</value></fault></methodResponse>", refused: "without a number"},
		"two params":             {document: "<methodResponse><params><param><value/></param><param><value/></param></params></methodResponse>", refused: "<param> has no place"},
		"something else":         {document: "<methodResponse><x/></methodResponse>", refused: "<x> has no place"},
		"a call":                 {document: "<methodCall/>", refused: "not <methodResponse>"},
		"a bad value":            {document: "<methodResponse><params><param><value>" + array("<int/>") + "</value></param></params></methodResponse>", refused: `result[0]: "" does not read`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := xmlrpc.DecodeResponse([]byte(test.document), "", nil)
			switch {
			case test.refused != "":
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("error = %v, want %q", err, test.refused)
				}
			case test.fault != nil:
				if f, ok := err.(*xmlrpc.Fault); !ok || *f != *test.fault {
					t.Errorf("error = %v, want %v", err, test.fault)
				}
			case err != nil || got != test.want:
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}
