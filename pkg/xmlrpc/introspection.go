package xmlrpc

import (
	"context"
	"slices"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// methodNames returns the methods of a service or, on /RPC2, those of all
// services with the names of these in front. A service that leaves meanwhile is
// left out.
func (g *Gateway) methodNames(ctx context.Context, service string) ([]string, error) {
	if service != "" {
		return g.prefixedNames(ctx, service, "")
	}
	services, err := g.backend.Services(ctx)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, service := range services {
		names, err := g.prefixedNames(ctx, service, service+".")
		if f, ok := failureOf(err); ok && f.Code != wire.CodeUnreachable && ctx.Err() == nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	return all, nil
}

func (g *Gateway) prefixedNames(ctx context.Context, service, prefix string) ([]string, error) {
	signatures, err := g.backend.Methods(ctx, service)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range signatures {
		if !isSystem(s.Name) {
			names = append(names, prefix+s.Name)
		}
	}
	return names, nil
}

// signature finds the signature of a method by the name it has on this URL.
func (g *Gateway) signature(ctx context.Context, service, name string) (*value.Signature, error) {
	service, method, err := g.resolve(ctx, service, name)
	if err != nil {
		return nil, err
	}
	signatures, err := g.backend.Methods(ctx, service)
	if err != nil {
		return nil, err
	}
	for i := range signatures {
		if signatures[i].Name == method {
			return &signatures[i], nil
		}
	}
	return nil, noMethod(name)
}

// typeNames returns the types of the result and the params. It returns nil when
// one of them has no name in XML-RPC, or their number varies.
func typeNames(s *value.Signature) []string {
	if s.Variadic {
		return nil
	}
	names := []string{typeName(s.Result)}
	for _, p := range s.Params {
		names = append(names, typeName(p.Type))
	}
	if slices.Contains(names, "") {
		return nil
	}
	return names
}

// typeName returns the name XML-RPC has for a type, empty when it has none.
func typeName(t *value.Type) string {
	if t == nil {
		return ""
	}
	switch t.Kind {
	case value.Nil:
		return "nil"
	case value.Bool:
		return "boolean"
	case value.Int:
		return "int"
	case value.Number:
		return "double"
	case value.Text, value.Day, value.Clock, value.Duration:
		return "string"
	case value.Bytes:
		return "base64"
	case value.DateTime:
		return "dateTime.iso8601"
	case value.List:
		return "array"
	case value.Map:
		return "struct"
	case value.Any, value.Stream:
	}
	return ""
}
