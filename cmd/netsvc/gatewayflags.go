package main

import (
	"strconv"

	"github.com/netsvc/netsvc/internal/command"
)

// servedFlags say which services have URLs, and where.
func servedFlags() []command.Flag {
	return []command.Flag{
		{Name: "mount", Kind: command.Text, Arg: "PATH", Default: gatewayMount, Heading: "what can be called", Summary: "where the URLs of services begin"},
		{Name: "group", Kind: command.Texts, Arg: "GROUP", Summary: "members of this group can be called", Complete: command.AnyGroup},
		{Name: "service", Kind: command.Texts, Arg: "NAME", Summary: "this service can be called", Complete: command.AnyName},
		{Name: "instance", Kind: command.Texts, Arg: "ADDR", Summary: "this instance can be called", Complete: command.AnyInstance},
		{Name: "all", Kind: command.Switch, Summary: "all services can be called"},
	}
}

// documentFlags say how answers are written.
func documentFlags() []command.Flag {
	return []command.Flag{
		{Name: "fault-codes", Kind: command.Text, Arg: "LIST", Default: "interop", Values: []string{"interop", "ose"}, Heading: "documents",
			Summary: "numbers of faults: interop or ose"},
		{Name: "dialect", Kind: command.Text, Arg: "NAME", Default: "i8", Values: []string{"i8", "strict"},
			Summary: "what answers may hold: i8, or strict for the specification alone"},
	}
}

// browserFlags say which web pages may call.
func browserFlags() []command.Flag {
	return []command.Flag{
		{Name: "allowed-host", Kind: command.Texts, Arg: "HOST", Heading: "web pages and proxies",
			Summary: "a name that may stand in the Host field on a loopback address, beside localhost"},
		{Name: "cors-origin", Kind: command.Texts, Arg: "ORIGIN", Summary: "pages of exactly this origin may call, as in https://example.org"},
	}
}

const (
	standardConns     = 4096
	standardPerClient = 64
)

// loadFlags bound what clients can take.
func loadFlags() []command.Flag {
	return []command.Flag{
		{Name: "max-conns", Kind: command.Count, Arg: "N", Default: strconv.Itoa(standardConns), Heading: "limits",
			Summary: "connections at once; more wait until one ends"},
		{Name: "max-conns-per-client", Kind: command.Count, Arg: "N", Default: strconv.Itoa(standardPerClient),
			Summary: "connections of one address, but of this machine; more are closed"},
		{Name: "max-inflight", Kind: command.Count, Arg: "N", Default: "1024",
			Summary: "requests in work at once; more are answered 503"},
	}
}

// logFlags say what is written down.
func logFlags() []command.Flag {
	return []command.Flag{
		{Name: "access-log", Kind: command.Switch, Heading: "log and end", Summary: "log each request, when it has been answered"},
	}
}

// endFlags say how it ends.
func endFlags() []command.Flag {
	return []command.Flag{
		{Name: "drain-delay", Kind: command.Duration, NotNegative: true, Arg: "DUR", Default: "0s",
			Summary: "how long to go on, no longer ready, before nobody is let in"},
		graceFlag(),
	}
}

// countOf is a count from the flags, or what it is without one.
func countOf(flags command.Flags, name string, standard int) int {
	if flags.IsSet(name) {
		return flags.Int(name)
	}
	return standard
}
