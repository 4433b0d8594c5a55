package services

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// Echo makes the service "echo". It answers with what it was given and with what it knows of itself
// and its caller; it waits, fails and panics when asked to; and it joins and leaves groups.
func Echo() *service.Service {
	s := inGroup("echo", "Answers with what it is given.")
	s.Export("echo", echoed, pure("The value itself, whatever it is.", "value"))
	s.Export("whoami", whoami, pure("The address of the instance that answers."))
	s.Export("caller", caller, pure("What the service knows of its caller: address, depth, method and headers."))
	s.Export("upper", strings.ToUpper, pure("The text in upper case.", "s"))
	s.Export("sleep", sleep, pure("Waits that long, at most an hour, and returns it. Ends early when canceled.", "seconds"))
	s.Export("fail", fail, pure("Fails with the message.", "message"))
	s.Export("panic", panicked, &service.MethodOptions{Doc: "Panics, which fails the call and leaves the service alive."})
	s.Export("join", func(group string) error { return s.Join(group) },
		membership("Makes this instance a member of the group."))
	s.Export("leave", func(group string) error { return s.Leave(group) },
		membership("Takes this instance out of the group."))
	return s
}

// membership describes a method that changes the groups of the instance.
func membership(doc string) *service.MethodOptions {
	return &service.MethodOptions{Doc: doc, Params: []string{"group"}, Idempotent: true}
}

var (
	errNoCaller = errors.New("not called through an exchange")
	errSleep    = errors.New("seconds must be from 0 to 3600")
)

// echoed leaves the value encoded, so nothing can happen to it.
func echoed(v value.Raw) value.Raw { return v }

func whoami(ctx context.Context) (string, error) {
	c, ok := service.CallerFrom(ctx)
	if !ok {
		return "", errNoCaller
	}
	return c.Instance.String(), nil
}

// callerInfo is what caller tells.
type callerInfo struct {
	Address string         `netsvc:"address"`
	Depth   int            `netsvc:"depth"`
	Method  string         `netsvc:"method"`
	Headers map[string]any `netsvc:"headers"`
}

func caller(ctx context.Context) (callerInfo, error) {
	c, ok := service.CallerFrom(ctx)
	if !ok {
		return callerInfo{}, errNoCaller
	}
	return callerInfo{Address: c.Address.String(), Depth: c.Depth, Method: c.Method, Headers: c.Headers}, nil
}

// longestSleep is as long as a call may last.
const longestSleep = time.Hour

func sleep(ctx context.Context, seconds float64) (float64, error) {
	if !(seconds >= 0 && seconds <= longestSleep.Seconds()) { // turned round, so that NaN fails, too
		return 0, errSleep
	}
	timer := time.NewTimer(time.Duration(seconds * float64(time.Second)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return seconds, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func fail(message string) error { return errors.New(message) }

func panicked() { panic("asked to panic") }
