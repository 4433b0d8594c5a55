package main

import (
	"strings"
	"time"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/httpdoor"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// doorOptionsOf are what the flags of a gateway say. What its files hold is read.
func doorOptionsOf(env *command.Env) (*doorOptions, error) {
	opts := &doorOptions{
		gateway:   gatewayOptions(env),
		conns:     countOf(env.Flags, "max-conns", standardConns),
		perClient: countOf(env.Flags, "max-conns-per-client", standardPerClient),
		accessLog: env.Flags.Bool("access-log"),
	}
	for _, read := range []func(*command.Env) error{opts.readCallers, opts.readCertificate, opts.readRules, opts.readZone} {
		if err := read(env); err != nil {
			return nil, err
		}
	}
	return opts, nil
}

func gatewayOptions(env *command.Env) xmlrpc.GatewayOptions {
	return xmlrpc.GatewayOptions{
		Mounts:        env.Flags.StringSlice("mount"),
		Timeout:       env.Settings.Timeout,
		InFlight:      env.Flags.Int("max-inflight"),
		OSEFaultCodes: env.Flags.String("fault-codes") == "ose",
		Dialect:       dialectOf(env.Flags),
		Hosts:         env.Flags.StringSlice("allowed-host"),
		Origins:       env.Flags.StringSlice("cors-origin"),
		Logger:        env.Log,
	}
}

// dialectOf is how answers are written.
func dialectOf(flags command.Flags) xmlrpc.Dialect {
	return xmlrpc.Dialect{
		Strict:          flags.String("dialect") == "strict",
		NilAsEmpty:      flags.String("nil") == "empty",
		ReplaceBadChars: flags.String("bad-chars") == "replace",
		DateZ:           flags.String("date") == "z",
	}
}

// readZone reads the zone of dates without one.
func (o *doorOptions) readZone(env *command.Env) error {
	name := env.Flags.String("assume-zone")
	if !env.Flags.IsSet("assume-zone") {
		return nil
	}
	if name == "Z" {
		name = "UTC"
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" {
		return command.Usage("such as Z or Europe/Berlin", "--assume-zone: there is no zone %q", name)
	}
	o.gateway.Decode.AssumeZone = zone
	return nil
}

// readCallers reads who may call.
func (o *doorOptions) readCallers(env *command.Env) (err error) {
	if file := env.Flags.String("tokens"); env.Flags.IsSet("tokens") {
		if o.tokens, err = httpdoor.ReadTokens(file, env.Log); err != nil {
			return command.Usage("netsvc gateway --help says what is in it", "--tokens: %v", err)
		}
	}
	if file := env.Flags.String("users"); env.Flags.IsSet("users") {
		if o.users, err = httpdoor.ReadUsers(file, env.Log); err != nil {
			return command.Usage("netsvc gateway --help says what is in it", "--users: %v", err)
		}
	}
	return nil
}

// readCertificate reads what TLS is served with.
func (o *doorOptions) readCertificate(env *command.Env) (err error) {
	chain, key := env.Flags.String("tls-cert"), env.Flags.String("tls-key")
	switch {
	case env.Flags.IsSet("tls-cert") != env.Flags.IsSet("tls-key"):
		return command.Usage("give both", "--tls-cert without --tls-key, or the other way round")
	case env.Flags.IsSet("tls-cert"):
		if o.tls, err = httpdoor.ReadCertificate(chain, key, env.Log); err != nil {
			return command.Usage("", "--tls-cert, --tls-key: %v", err)
		}
	}
	return nil
}

// readRules reads --allow and --deny in their order.
func (o *doorOptions) readRules(env *command.Env) error {
	for _, item := range env.Flags.StringSlice(rulesList) {
		flag, text, _ := strings.Cut(item, " ")
		rule, err := httpdoor.ParseRule(text, flag == "allow")
		if err != nil {
			return command.Usage("", "--%s: %v", flag, err)
		}
		o.rules = append(o.rules, rule)
	}
	return nil
}
