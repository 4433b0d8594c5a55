package command

import (
	"context"
	"net/url"
	"strings"

	"github.com/netsvc/netsvc/internal/completion"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

func xmlrpcCommand() *Command {
	return &Command{
		Name:    "xmlrpc",
		Section: SectionUse,
		Args:    "URL METHOD [ARG...]",
		Summary: "call a method by XML-RPC over HTTP and print its result",
		Doc: "URL is that of a gateway, or of any server of XML-RPC. Arguments are written as those of call,\n" +
			"and read as without a signature: JSON if it parses, else text. They have no names. What XML-RPC\n" +
			"has no type for, such as a duration, or carries only in part, such as a part of a second, is\n" +
			"refused. A fault is exit code 4, with its number in the error line of -o json.",
		MinArgs: 2, MaxArgs: -1, Values: 2,
		Formats:  valueFormats(),
		Sub:      Table{xmlrpcDecodeCommand()},
		Complete: postable,
		Run:      runXMLRPC,
	}
}

// valueFormats are those of commands that print a value.
func valueFormats() []Format {
	return []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw}
}

// postable offers the files that an argument may come from. Neither URLs nor methods are known
// without a call.
func postable(_ context.Context, q *Query) {
	if len(q.Args) >= 2 {
		completion.Arguments(nil, nil, nil, q.Candidates)
	}
}

func runXMLRPC(ctx context.Context, env *Env) error {
	target, method, words := env.Args[0], env.Args[1], env.Args[2:]
	client, err := env.xmlrpcClient(target)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := env.boundedFor(ctx, client.URL())
	defer cancel()
	if err := env.post(ctx, client, method, words); err != nil {
		e := Explain(ctx, err)
		if e.Failure != nil {
			e.Method = method
		}
		return e
	}
	return nil
}

// xmlrpcClient makes a client for the URL of a command line.
func (e *Env) xmlrpcClient(target string) (*xmlrpc.Client, error) {
	if u, err := url.Parse(target); err == nil && u.User != nil {
		return nil, usage("others can see it", "xmlrpc: a user or a password must not stand in the URL of a command line")
	}
	client, err := xmlrpc.NewClient(target, &xmlrpc.ClientOptions{ConnectTimeout: e.Settings.ConnectTimeout})
	if err != nil {
		return nil, usage("such as "+defaultGateway+"/math", "%s", strings.TrimPrefix(err.Error(), "xmlrpc: "))
	}
	return client, nil
}

// post makes the call of a command line and prints its result.
func (e *Env) post(ctx context.Context, client *xmlrpc.Client, method string, words []string) error {
	args, err := value.ParseArgs(words, nil, e)
	if err != nil {
		return err
	}
	if at, what := formless(args, "params"); what != "" {
		return wire.Failf(wire.CodeEncodeArgs, wire.No, "no XML-RPC form: %s: %s", at, what)
	}
	v, err := client.Call(ctx, method, args...)
	if err != nil {
		return err
	}
	encoded, err := value.Marshal(v)
	if err != nil {
		return err
	}
	return e.printValue(encoded)
}
