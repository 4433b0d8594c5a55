package xmlrpc_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
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

// shop is a Backend with one service: a gateway needs no exchange.
type shop struct{ prices map[string]float64 }

func (shop) Services(context.Context) ([]string, error) { return []string{"shop"}, nil }

func (shop) Has(_ context.Context, service string) (bool, error) { return service == "shop", nil }

func (shop) Methods(context.Context, string) ([]value.Signature, error) {
	return []value.Signature{{Name: "price", Doc: "What an item costs."}}, nil
}

func (s shop) Call(_ context.Context, _, method string, params []any) (any, error) {
	var item string
	if err := (&xmlrpc.Call{Method: method, Params: params}).Scan(&item); err != nil {
		return nil, wire.Failf(wire.CodeBadParams, wire.No, "%v", err)
	}
	price, ok := s.prices[item]
	if !ok {
		return nil, &wire.Failure{Code: wire.CodeApplication, Number: 7, Description: "no such item", Delivered: wire.Yes}
	}
	return price, nil
}

func ExampleGateway() {
	gateway, err := xmlrpc.NewGateway(shop{prices: map[string]float64{"tea": 3.5}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(gateway) // or http.ListenAndServe("127.0.0.1:8000", gateway)
	defer server.Close()

	client, err := xmlrpc.NewClient(server.URL+"/RPC2", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	fmt.Println(client.Call(context.Background(), "shop.price", "tea"))
	_, err = client.Call(context.Background(), "shop.price", "gold")
	fmt.Println(err)
	// Output:
	// 3.5 <nil>
	// xmlrpc fault 7: netsvc -- no such item
}

// newServer is any server of XML-RPC.
func newServer() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprint(w, `<methodResponse><params><param><value><struct>
			<member><name>title</name><value>Tea</value></member>
			<member><name>price</name><value><double>3.5</double></value></member>
			</struct></value></param></params></methodResponse>`)
	}))
}

func ExampleClient_CallInto() {
	server := newServer()
	defer server.Close()
	client, err := xmlrpc.NewClient(server.URL, &xmlrpc.ClientOptions{Token: "secret", Zip: "gzip"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	var item struct {
		Title string  `netsvc:"title"`
		Price float64 `netsvc:"price"`
	}
	if err := client.CallInto(ctx, &item, "shop.item", 7); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(item.Title, item.Price)
	// Output: Tea 3.5
}

func ExampleClient_Multicall() {
	gateway, err := xmlrpc.NewGateway(shop{prices: map[string]float64{"tea": 3.5}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(gateway)
	defer server.Close()
	client, err := xmlrpc.NewClient(server.URL+"/RPC2", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	results, err := client.Multicall(context.Background(), []xmlrpc.Call{
		{Method: "shop.price", Params: []any{"tea"}},
		{Method: "shop.price", Params: []any{"gold"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, result := range results {
		var price float64
		err := result.Scan(&price)
		fmt.Println(price, err)
	}
	// Output:
	// 3.5 <nil>
	// 0 xmlrpc fault 7: netsvc -- no such item
}

func ExampleCall_Scan() {
	call, err := xmlrpc.DecodeCall([]byte(`<methodCall><methodName>shop.buy</methodName><params>
		<param><value>tea</value></param>
		<param><value><array><data><value><int>3</int></value><value><int>400</int></value></data></array></value></param>
		</params></methodCall>`), "text/xml", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var item string
	var counts []int8
	fmt.Println(call.Scan(&item, &counts))
	// Output: params[1][1]: expected int from -128 to 127, got int 400
}
