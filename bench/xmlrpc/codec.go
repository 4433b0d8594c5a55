package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	kolo "github.com/kolo/xmlrpc"
	"golang.org/x/sys/unix"

	"github.com/netsvc/netsvc/bench/spread"
	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

var callDocument = []byte(`<?xml version="1.0"?>
<methodCall>
<methodName>math.multiply</methodName>
<params>
<param><value><int>3</int></value></param>
<param><value><int>4</int></value></param>
</params>
</methodCall>
`)

var responseDocument = []byte(`<?xml version="1.0"?>
<methodResponse>
<params>
<param><value><struct>
<member><name>name</name><value><string>a &amp; b</string></value></member>
<member><name>sizes</name><value><array><data><value><int>1</int></value><value><double>2.5</double></value></data></array></value></member>
</struct></value></param>
</params>
</methodResponse>
`)

// work is one thing that codecs do.
type work struct {
	name string
	do   func() error
}

// pair compares our work with that of somebody else.
type pair struct{ ours, theirs work }

var pairs = []pair{
	{work{"DecodeCall, multiply", decodeCall}, work{"encoding/xml, its tokens", tokens(callDocument)}},
	{work{"DecodeResponse, a map", decodeResponse}, work{"encoding/xml, its tokens", tokens(responseDocument)}},
	{work{"DecodeResponse, a map", decodeResponse}, work{"kolo/xmlrpc, Unmarshal", koloDecode}},
	{work{"AppendCall, multiply", encodeCall}, work{"kolo/xmlrpc, EncodeMethodCall", koloEncode}},
}

func decodeCall() error {
	_, err := xmlrpc.DecodeCall(callDocument, "text/xml", nil)
	return err
}

func decodeResponse() error {
	_, err := xmlrpc.DecodeResponse(responseDocument, "text/xml", nil)
	return err
}

func encodeCall() error {
	_, err := xmlrpc.AppendCall(nil, "math.multiply", []any{3, 4}, nil)
	return err
}

func koloDecode() error {
	var into map[string]any
	return kolo.Response(responseDocument).Unmarshal(&into)
}

func koloEncode() error {
	_, err := kolo.EncodeMethodCall("math.multiply", 3, 4)
	return err
}

// tokens is what every decoder on top of encoding/xml pays before it does anything.
func tokens(document []byte) func() error {
	return func() error {
		decoder := xml.NewDecoder(bytes.NewReader(document))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				return nil
			} else if err != nil {
				return err
			}
		}
	}
}

// compareCodecs prints how much less CPU time ours takes.
func compareCodecs(out io.Writer, rounds int, each time.Duration) error {
	fmt.Fprintln(out, "| netsvc | CPU | allocations | the other | CPU | allocations | times less CPU (least to most) |\n|---|---|---|---|---|---|---|")
	for _, p := range pairs {
		var ours, theirs []float64
		for range rounds {
			a, err := p.ours.cost(each)
			if err != nil {
				return err
			}
			b, err := p.theirs.cost(each)
			if err != nil {
				return err
			}
			ours, theirs = append(ours, a), append(theirs, b)
		}
		ratio := spread.Ratios(theirs, ours)
		fmt.Fprintf(out, "| %s | %.2f us | %.0f | %s | %.2f us | %.0f | %.1f (%.1f to %.1f) |\n",
			p.ours.name, spread.Of(ours).Median, p.ours.allocations(), p.theirs.name, spread.Of(theirs).Median,
			p.theirs.allocations(), ratio.Median, ratio.Least, ratio.Most)
	}
	return nil
}

func (w work) allocations() float64 { return testing.AllocsPerRun(100, func() { _ = w.do() }) }

// cost is the CPU time of one in microseconds, the collector's included.
func (w work) cost(each time.Duration) (float64, error) {
	count, began, used := 0, time.Now(), cpu()
	for time.Since(began) < each {
		for range 100 {
			if err := w.do(); err != nil {
				return 0, fmt.Errorf("%s: %w", w.name, err)
			}
		}
		count += 100
	}
	return float64((cpu() - used).Nanoseconds()) / 1e3 / float64(count), nil
}

// cpu is what this process has used.
func cpu() time.Duration {
	var used unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &used) != nil {
		return 0 // it fails for a wrong argument only
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
