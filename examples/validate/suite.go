package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:embed suite/*.json
var suiteFiles embed.FS

// check is one row: a call and what has to come of it.
type check struct {
	Name   string           `json:"name"`
	Path   string           `json:"path,omitempty"` // of the URL; empty means /RPC2
	Method string           `json:"method"`
	Params []map[string]any `json:"params"`
	Want   map[string]any   `json:"want"`
	// Gateway marks methods that a gateway answers for all services, and an exchange does not.
	Gateway bool `json:"gateway,omitempty"`
	// Only says who can make the call: empty is everyone, "go" the ways that have Go values.
	Only string `json:"only,omitempty"`
}

// sample is one value. It makes three checks: what a service gets when it is sent, what a
// client reads, and what comes back of it.
type sample struct {
	Name  string         `json:"name"`
	Value map[string]any `json:"value"`
	Only  string         `json:"only"` // see check; reading is for everyone
}

// loss is what we know to go wrong, and why nobody here can change it.
type loss struct {
	Ways  []string       `json:"ways"` // "http" is all but the exchange
	Cases []string       `json:"cases"`
	Got   map[string]any `json:"got"`
	Why   string         `json:"why"`
}

// suite is all there is to run.
type suite struct {
	Checks  []check
	Samples []sample
	Losses  []loss
}

func loadSuite() (*suite, error) {
	var s suite
	for name, into := range map[string]any{"cases": &s.Checks, "values": &s.Samples, "losses": &s.Losses} {
		data, err := suiteFiles.ReadFile("suite/" + name + ".json")
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, into); err != nil {
			return nil, fmt.Errorf("%s.json: %w", name, err)
		}
	}
	for _, v := range s.Samples {
		s.Checks = append(s.Checks, v.checks()...)
	}
	return &s, s.verify()
}

func (v *sample) checks() []check {
	text := outcome(v.Value).String()
	params := []map[string]any{v.Value}
	return []check{
		{Name: "send " + v.Name, Method: "validate.tell", Params: params, Want: form{"str": text}, Only: v.Only},
		{Name: "read " + v.Name, Method: "validate.give", Params: []map[string]any{{"str": v.Name}}, Want: v.Value},
		{Name: "echo " + v.Name, Method: "echo.echo", Params: params, Want: v.Value, Only: v.Only},
	}
}

// verify finds losses of what is not there.
func (s *suite) verify() error {
	for _, l := range s.Losses {
		for _, name := range l.Cases {
			if !slices.ContainsFunc(s.Checks, func(c check) bool { return c.Name == name }) {
				return fmt.Errorf("losses.json: no such case: %s", name)
			}
		}
		for _, name := range l.Ways {
			if !isWay(name) && name != "http" {
				return fmt.Errorf("losses.json: no such way: %s", name)
			}
		}
	}
	return nil
}

// loss returns what is known to go wrong in a case by a way. What is said of the way itself
// counts before what is said of all that go over HTTP.
func (s *suite) loss(way, name string) (loss, bool) {
	if l, ok := s.lossOf(way, name); ok || way == exchangeWay {
		return l, ok
	}
	return s.lossOf("http", name)
}

func (s *suite) lossOf(way, name string) (loss, bool) {
	i := slices.IndexFunc(s.Losses, func(l loss) bool {
		return slices.Contains(l.Ways, way) && slices.Contains(l.Cases, name)
	})
	if i < 0 {
		return loss{}, false
	}
	return s.Losses[i], true
}

// offered returns the checks that a way can make.
func (s *suite) offered(way string) []check {
	return slices.DeleteFunc(slices.Clone(s.Checks), func(c check) bool {
		return c.Gateway && way == exchangeWay ||
			c.Only == "exchange" && way != exchangeWay ||
			c.Only == "go" && !slices.Contains(goWays, way)
	})
}

// sampleValue finds a sample by its name.
func (s *suite) sampleValue(name string) (any, error) {
	for _, v := range s.Samples {
		if v.Name == name {
			return parseForm(v.Value)
		}
	}
	return nil, fmt.Errorf("no such value: %s", name)
}

// target splits what is called: service and method, wherever the service is named.
func (c *check) target() (service, method string) {
	if i := strings.LastIndex(c.Path, "/"); i >= 0 {
		return c.Path[i+1:], c.Method
	}
	service, method, _ = strings.Cut(c.Method, ".")
	return service, method
}
