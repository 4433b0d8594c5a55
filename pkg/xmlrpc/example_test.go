package xmlrpc_test

import (
	"errors"
	"fmt"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func ExampleDecodeCall() {
	call, err := xmlrpc.DecodeCall([]byte(`<methodCall><methodName>math.multiply</methodName>
		<params><param><value><int>3</int></value></param><param><value><int>4</int></value></param></params>
		</methodCall>`), "text/xml", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(call.Method, call.Params)
	// Output: math.multiply [3 4]
}

func ExampleDecodeResponse() {
	answer := xmlrpc.AppendFault(nil, &xmlrpc.Fault{Code: 7, String: "bank -- no money"})
	_, err := xmlrpc.DecodeResponse(answer, "", nil)
	if fault := (*xmlrpc.Fault)(nil); errors.As(err, &fault) {
		fmt.Println(fault.Code, fault.String)
	}
	// Output: 7 bank -- no money
}

func ExampleAppendCall() {
	ids := map[string]any{"ids": []any{int64(1), int64(5000000000)}}
	_, err := xmlrpc.AppendCall(nil, "orders.find", []any{"open", ids}, &xmlrpc.Dialect{Strict: true})
	fmt.Println(err)
	// Output: params[1].ids[1]: 5000000000 does not fit <int>; use --dialect i8
}
