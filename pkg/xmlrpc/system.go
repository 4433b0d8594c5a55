package xmlrpc

import (
	"context"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

const multicallName = "system.multicall"

// systemMethod describes one of the methods the gateway answers itself.
type systemMethod struct {
	types []string // of the result and the params, by their names in XML-RPC
	help  string
}

// systemMethods are those of the introspection and multicall specifications.
var systemMethods = map[string]systemMethod{
	"system.listMethods": {[]string{"array"}, "The names of all methods that can be called here."},
	"system.methodSignature": {[]string{"array", "string"}, "The signatures of a method, each an array of the types " +
		"of its result and its params; the text undef when they are not known."},
	"system.methodHelp": {[]string{"string", "string"}, "What a method does, for people."},
	multicallName: {[]string{"array", "array"}, "Calls many methods. Each call is a struct of methodName and params, " +
		"each answer an array with the result, or the struct of a fault."},
	"system.getCapabilities": {[]string{"struct"}, "The specifications that are kept here."},
}

func isSystem(method string) bool { return strings.HasPrefix(method, "system.") }

func badParams(format string, args ...any) error {
	return wire.Failf(wire.CodeBadParams, wire.No, format, args...)
}

// performSystem answers a call of one of the systemMethods.
func (g *Gateway) performSystem(ctx context.Context, service string, call *Call) outcome {
	if want := len(systemMethods[call.Method].types) - 1; len(call.Params) != want {
		return outcome{err: badParams("%v", &value.ArityError{Want: want, Got: len(call.Params)})}
	}
	var v any
	var err error
	switch call.Method {
	case multicallName:
		return g.multicall(ctx, service, call.Params[0])
	case "system.listMethods":
		v, err = g.listMethods(ctx, service)
	case "system.methodSignature":
		v, err = g.methodSignature(ctx, service, call.Params[0])
	case "system.methodHelp":
		v, err = g.methodHelp(ctx, service, call.Params[0])
	case "system.getCapabilities":
		v = capabilities()
	}
	return outcome{value: v, err: err}
}

func (g *Gateway) listMethods(ctx context.Context, service string) (any, error) {
	names, err := g.methodNames(ctx, service)
	if err != nil {
		return nil, err
	}
	for name := range systemMethods {
		names = append(names, name)
	}
	slices.Sort(names)
	return anyList(names), nil
}

func (g *Gateway) methodSignature(ctx context.Context, service string, param any) (any, error) {
	name, ok := param.(string)
	if !ok {
		return nil, badParams("a method is named by a string")
	}
	if own, ok := systemMethods[name]; ok {
		return []any{anyList(own.types)}, nil
	}
	s, err := g.signature(ctx, service, name)
	if err != nil {
		return nil, err
	}
	if types := typeNames(s); types != nil {
		return []any{anyList(types)}, nil
	}
	return "undef", nil
}

func (g *Gateway) methodHelp(ctx context.Context, service string, param any) (any, error) {
	name, ok := param.(string)
	if !ok {
		return nil, badParams("a method is named by a string")
	}
	if own, ok := systemMethods[name]; ok {
		return own.help, nil
	}
	s, err := g.signature(ctx, service, name)
	if err != nil {
		return nil, err
	}
	return s.Doc, nil
}

func capabilities() map[string]any {
	return map[string]any{
		"xmlrpc":         capability("http://www.xmlrpc.com/spec", 1),
		"faults_interop": capability("http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php", 20010516),
		"introspection":  capability("http://xmlrpc-c.sourceforge.io/introspection.html", 1),
		multicallName:    capability("http://www.xmlrpc.com/discuss/msgReader$1208", 1),
		"nil":            capability("http://ontosys.com/xml-rpc/extensions.php", 20010518),
		"i8":             capability("http://ws.apache.org/xmlrpc/types.html", 3),
	}
}

func capability(address string, version int64) map[string]any {
	return map[string]any{"specUrl": address, "specVersion": version}
}

func anyList(texts []string) []any {
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	return list
}
