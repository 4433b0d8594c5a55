//go:build linux

package chaos_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// runWeb is runCaller for one that calls over HTTP. Its exchange is the gateway.
func runWeb(c config) error {
	j, err := openJournal(c.History, c.Name)
	if err != nil {
		return err
	}
	before := takeStock()
	transport := &http.Transport{MaxIdleConnsPerHost: callersAtOnce}
	w := &web{url: "http://" + c.Exchange + "/xmlrpc/service/", http: &http.Client{Transport: transport}}
	me := &caller{config: c, journal: j, draw: drawWebJob, perform: w.perform}
	me.untilSIGTERM()
	transport.CloseIdleConnections()
	j.write(record{Kind: closed, Leaks: before.leaks()})
	return nil
}

// web calls by a gateway that gives failures the numbers of their codes.
type web struct {
	url  string
	http *http.Client
}

// What an HTTP client finds out for itself.
const (
	codeRefused = "refused" // there is no gateway
	codeBroken  = "broken"  // there is no answer
)

func (w *web) perform(ctx context.Context, id string, j job) record {
	body, err := xmlrpc.AppendCall(nil, j.method, []any{id, j.millis}, nil)
	if err != nil {
		panic(err) // a text and a number can always be written
	}
	ctx, cancel := context.WithTimeout(ctx, j.deadline)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+j.service, bytes.NewReader(body))
	if err != nil {
		panic(err) // the URL is that of a listener
	}
	request.Header.Set("Content-Type", "text/xml")
	response, err := w.http.Do(request)
	if err != nil {
		return unanswered(ctx, err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return unanswered(ctx, err)
	}
	return answered(j.method, response, data)
}

// unanswered is the outcome of a call that got no answer, or half of one.
func unanswered(ctx context.Context, err error) record {
	var dial *net.OpError
	switch {
	case errors.As(err, &dial) && dial.Op == "dial":
		return record{Code: codeRefused, Delivered: service.No.String()}
	case ctx.Err() != nil:
		return record{Code: wire.CodeCanceled.String(), Delivered: service.Maybe.String()}
	}
	return record{Code: codeBroken, Delivered: service.Maybe.String()}
}

// answered is the outcome of a call that got an answer.
func answered(method string, response *http.Response, data []byte) record {
	if response.StatusCode != http.StatusOK {
		return blamed(response, 0)
	}
	got, err := xmlrpc.DecodeResponse(data, response.Header.Get("Content-Type"), nil)
	var fault *xmlrpc.Fault
	if errors.As(err, &fault) {
		return blamed(response, fault.Code)
	}
	text, ok := got.(string)
	if err != nil || !ok {
		return record{Wrong: fmt.Sprintf("a result of %T, %v", got, err)}
	}
	return record{Result: idIn(method, text)}
}

// blamed is the outcome of a call that failed. The header must say what the status and the
// number of the fault do not, and neither may say anything else.
func blamed(response *http.Response, fault int) record {
	end := record{Code: response.Header.Get("Netsvc-Code"), Delivered: response.Header.Get("Netsvc-Delivered")}
	_, known := fitting[end.Code]
	refused := response.StatusCode == http.StatusServiceUnavailable || response.StatusCode == http.StatusNotFound
	switch {
	case end.Code == "" || end.Delivered == "":
		end.Wrong = "an answer that does not say what failed"
	case fault != 0 && known && wire.Code(fault).String() != end.Code:
		end.Wrong = fmt.Sprintf("fault %d with the code %s", fault, end.Code)
	case fault == 0 && !refused:
		end.Wrong = "HTTP status " + response.Status
	case refused && end.Delivered != service.No.String():
		end.Wrong = fmt.Sprintf("HTTP status %s with delivered %s", response.Status, end.Delivered)
	}
	return end
}
