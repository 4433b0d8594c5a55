package xmlrpc

import (
	"context"
	"errors"
	"strconv"
	"strings"
)

// Result is what came of one call of [Client.Multicall].
type Result struct {
	// Value is the result, nil when there is an error.
	Value any
	// Err is nil, or the *Fault that the call ended with.
	Err error
}

// Scan puts the result into what into points to, as the func [Scan] does, or returns the error of
// the call.
func (r *Result) Scan(into any) error {
	if r.Err != nil {
		return r.Err
	}
	return scan("result", r.Value, into)
}

// Multicall makes many calls by one, system.multicall, which not every server has; nil params
// mean none. It returns a result for each of them, in their order, or the error of the call that
// carries them: then any of them may have run, as that error says. More than 1,000 are refused
// before anything is sent, with an [*EncodeError]. All share one deadline, and whether the
// server makes them one by one is its own choice. Without calls nothing is sent.
func (c *Client) Multicall(ctx context.Context, calls []Call) ([]Result, error) {
	if len(calls) == 0 {
		return nil, nil
	}
	document, err := appendMulticall(calls, &c.opts.Dialect)
	if err != nil {
		return nil, err
	}
	v, err := c.post(ctx, document)
	if err != nil {
		return nil, err
	}
	return readResults(v, len(calls))
}

func appendMulticall(calls []Call, dialect *Dialect) ([]byte, error) {
	if len(calls) > maxMulticall {
		return nil, &EncodeError{Reason: grouped(len(calls)) + " calls at once: the limit is " + grouped(maxMulticall)}
	}
	list := make([]any, len(calls))
	for i, call := range calls {
		if !isMethodName(call.Method) {
			return nil, &EncodeError{Path: "calls[" + strconv.Itoa(i) + "]", Reason: noMethodName(call.Method)}
		}
		list[i] = map[string]any{"methodName": call.Method, "params": append([]any{}, call.Params...)}
	}
	document, err := AppendCall(nil, multicallName, []any{list}, dialect)
	var unwritten *EncodeError
	if errors.As(err, &unwritten) { // the caller knows calls, and not what carries them
		unwritten.Path = "calls" + strings.TrimPrefix(unwritten.Path, "params[0]")
	}
	return document, err
}

// readResults reads the answer of system.multicall.
func readResults(v any, want int) ([]Result, error) {
	list, ok := v.([]any)
	if !ok || len(list) != want {
		return nil, &DecodeError{Code: CodeInvalidRequest, Path: "result",
			Reason: multicallName + " of " + grouped(want) + " calls has another number of results"}
	}
	results := make([]Result, want)
	for i, entry := range list {
		var err error
		if results[i], err = readResult(entry); err != nil {
			return nil, inside(err, "result["+strconv.Itoa(i)+"]")
		}
	}
	return results, nil
}

// readResult reads a list of one value, or the struct of a fault.
func readResult(entry any) (Result, error) {
	switch entry := entry.(type) {
	case []any:
		if len(entry) == 1 {
			return Result{Value: entry[0]}, nil
		}
	case map[string]any:
		code, numbered := faultCode(entry["faultCode"])
		text, worded := entry["faultString"].(string)
		if numbered && worded {
			fault := &Fault{Code: code, String: text}
			fault.tellOf(func(field string) string {
				member := memberOf[field]
				if member == "" {
					return ""
				}
				text, _ := entry[member].(string)
				return text
			})
			return Result{Err: fault}, nil
		}
	}
	return Result{}, &DecodeError{Code: CodeInvalidRequest, Reason: "neither an array of one result nor a fault"}
}

// memberOf are the members that stand for fields of the header; the number has none.
var memberOf = map[string]string{
	headerCode: "netsvcCode", headerDelivered: "netsvcDelivered", headerInstance: "netsvcInstance",
}
