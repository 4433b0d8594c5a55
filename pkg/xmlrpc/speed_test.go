package xmlrpc_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

var multiply = []byte(`<?xml version="1.0"?>
<methodCall>
<methodName>math.multiply</methodName>
<params>
<param><value><int>3</int></value></param>
<param><value><int>4</int></value></param>
</params>
</methodCall>
`)

func decodeMultiply(t testing.TB) {
	if _, err := xmlrpc.DecodeCall(multiply, "text/xml; charset=utf-8", nil); err != nil {
		t.Fatal(err)
	}
}

// tokenizeMultiply only reads the tokens: what every decoder on top of
// encoding/xml pays before it does anything.
func tokenizeMultiply(t testing.TB) {
	dec := xml.NewDecoder(bytes.NewReader(multiply))
	for {
		_, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestDecodeAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	if got := testing.AllocsPerRun(100, func() { decodeMultiply(t) }); got > 3 {
		t.Errorf("decoding a multiply call allocates %.0f times, want at most 3", got)
	}
}

func TestDecodeSpeed(t *testing.T) {
	if raceEnabled || testing.Short() {
		t.Skip("measures time")
	}
	ours, theirs := time.Hour, time.Hour
	for range 20 { // the best of many short runs: other work on the machine only adds
		ours = min(ours, timed(func() { decodeMultiply(t) }))
		theirs = min(theirs, timed(func() { tokenizeMultiply(t) }))
	}
	if ratio := float64(theirs) / float64(ours); ratio < 4 {
		t.Errorf("decoding is %.1f times faster than a token loop on encoding/xml, want 4", ratio)
	}
}

func timed(work func()) time.Duration {
	start := time.Now()
	for range 200 {
		work()
	}
	return time.Since(start)
}

func BenchmarkDecodeCall(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(multiply)))
	for b.Loop() {
		decodeMultiply(b)
	}
}

func BenchmarkEncodingXMLTokens(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(multiply)))
	for b.Loop() {
		tokenizeMultiply(b)
	}
}

func BenchmarkAppendResponse(b *testing.B) {
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		var err error
		if dst, err = xmlrpc.AppendResponse(dst[:0], int64(12), nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeThousandInts(b *testing.B) {
	data := readVector(b, vectors, "xml/v-1000ints.xml")
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := xmlrpc.DecodeCall(data, "", nil); err != nil {
			b.Fatal(err)
		}
	}
}
