package main

import (
	"strconv"

	"github.com/netsvc/netsvc/internal/command"
)

// servedFlags say which services have URLs, and where.
func servedFlags() []command.Flag {
	return []command.Flag{
		{Name: "mount", Kind: command.Texts, Arg: "PATH", Default: gatewayMount, Heading: "what can be called", Summary: "where the URLs of services begin"},
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
		{Name: "nil", Kind: command.Text, Arg: "FORM", Default: "nil", Values: []string{"nil", "empty"},
			Summary: "how nil is written: nil, or empty for a text that cannot be told from an empty one"},
		{Name: "bad-chars", Kind: command.Text, Arg: "WHAT", Default: "refuse", Values: []string{"refuse", "replace"},
			Summary: "a text with characters that XML cannot carry: refuse the answer, or replace each by U+FFFD"},
		{Name: "date", Kind: command.Text, Arg: "FORM", Default: "plain", Values: []string{"plain", "z"},
			Summary: "how instants are written, in UTC: plain, without a zone, or with z, which Python refuses"},
		{Name: "assume-zone", Kind: command.Text, Arg: "ZONE",
			Summary: "the zone of dates in requests that name none, as in Z or Europe/Berlin; else they have none"},
	}
}

// rulesList has --allow and --deny in the order in which they were given.
const rulesList = "rules"

// callerFlags say who may call.
func callerFlags() []command.Flag {
	file := func(name, summary string) command.Flag {
		return command.Flag{Name: name, Kind: command.Text, Arg: "FILE", Summary: summary, Complete: command.AnyFile}
	}
	rule := func(name, summary string) command.Flag {
		return command.Flag{Name: name, Kind: command.Texts, Arg: "CIDR", Into: rulesList, Summary: summary}
	}
	tokens := file("tokens", "who brings one of these bearer tokens may call: lines of a name and a SHA-256")
	tokens.Heading = "callers, by files that are read again when they change"
	return []command.Flag{
		tokens,
		file("users", "who knows one of these passwords may call: lines of a name and an argon2id hash"),
		file("tls-cert", "serve TLS with this chain of certificates"),
		file("tls-key", "the private key of --tls-cert"),
		rule("allow", "addresses of this network may call; of --allow and --deny the first that fits counts"),
		rule("deny", "addresses of this network may not call"),
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
