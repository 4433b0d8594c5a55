package main

import (
	"encoding/json"
	"slices"
)

// The kinds of calls.
const (
	multiply = "multiply" // two numbers in, their product out
	echo     = "echo"     // bytes in, the same bytes out
	trade    = "trade"    // a struct in, another struct out
)

// workload is one measurement of all its sides.
type workload struct {
	Name        string
	Method      string
	Connections int // of callers; the service has one
	Flight      int // calls in flight on each of them
	Payload     int // bytes, of echo
	Deadline    bool
	JSON        bool // NATS carries JSON; without it, bytes that need no decoding

	// What the parent knows and the callers need not.
	sides  []string
	wanted []goal
}

// encoded is the form in which a workload is handed to a child.
func (w *workload) encoded() (string, error) {
	text, err := json.Marshal(w)
	return string(text), err
}

func decodeWorkload(text string) (workload, error) {
	var w workload
	err := json.Unmarshal([]byte(text), &w)
	return w, err
}

// pair is the most frequent choice of sides.
var pair = []string{netsvcSide, natsSide}

// latencies are the workloads with one call at a time.
func latencies() []workload {
	return []workload{
		{
			Name: "1 in flight", Method: multiply, Connections: 1, Flight: 1,
			sides: []string{netsvcSide, natsSide, relaySide},
			wanted: []goal{
				{number: "1", metric: p50, over: natsSide, atMost: 0.95},
				{number: "1", metric: p50, over: relaySide, atMost: 1.15},
				{number: "6", metric: middleCPU, over: natsSide, atMost: 0.70},
			},
		},
		{
			Name: "1 in flight, deadline context", Method: multiply, Connections: 1, Flight: 1, Deadline: true,
			sides:  pair,
			wanted: []goal{{number: "1", metric: p50, over: natsSide, atMost: 1.0}},
		},
	}
}

// crowds are the workloads with many calls of two numbers.
func crowds() []workload {
	return []workload{
		{
			Name: "64 in flight", Method: multiply, Connections: 1, Flight: 64,
			sides: []string{netsvcSide, natsSide, relaySide},
			wanted: []goal{
				{number: "2", metric: calls, over: natsSide, atLeast: 3},
				{number: "6", metric: middleCPU, over: natsSide, atMost: 0.22},
				{number: "6", metric: middleCPU, over: relaySide, atMost: 1.3},
			},
		},
		{
			Name: "1024 in flight", Method: multiply, Connections: 1, Flight: 1024, sides: pair,
			wanted: []goal{
				{number: "3", metric: calls, over: natsSide, atLeast: 4.5},
				{number: "6", metric: middleCPU, over: natsSide, atMost: 0.10},
			},
		},
		{
			Name: "16 connections x 64", Method: multiply, Connections: 16, Flight: 64, sides: pair,
			wanted: []goal{{number: "3", metric: calls, over: natsSide, atLeast: 4.5, stretch: 6}},
		},
		{
			Name: "64 in flight, deadline context, NATS with JSON", Method: multiply, Connections: 1, Flight: 64,
			Deadline: true, JSON: true, sides: pair,
			wanted: []goal{{number: "4", metric: calls, over: natsSide, atLeast: 2.5}},
		},
		{
			Name: "1024 in flight, deadline context, NATS with JSON", Method: multiply, Connections: 1, Flight: 1024,
			Deadline: true, JSON: true, sides: pair,
			wanted: []goal{{number: "4", metric: calls, over: natsSide, atLeast: 3}},
		},
	}
}

// loads are the workloads whose arguments and results are more than two numbers.
func loads() []workload {
	return []workload{
		{
			Name: "64 in flight x 1 KiB", Method: echo, Connections: 1, Flight: 64, Payload: 1 << 10, sides: pair,
			wanted: []goal{{number: "2", metric: calls, over: natsSide, atLeast: 2.5}},
		},
		{
			Name: "64 in flight x 64 KiB", Method: echo, Connections: 1, Flight: 64, Payload: 64 << 10, sides: pair,
			wanted: []goal{{number: "5", metric: calls, over: natsSide, atLeast: 1.5, stretch: 2}},
		},
		{
			Name: "64 in flight, structs", Method: trade, Connections: 1, Flight: 64, sides: pair,
			wanted: []goal{{number: "2", metric: calls, over: natsSide, atLeast: 2.2}},
		},
		{
			Name: "1024 in flight, structs", Method: trade, Connections: 1, Flight: 1024, sides: pair,
			wanted: []goal{{number: "3", metric: calls, over: natsSide, atLeast: 3}},
		},
		{
			Name: "64 in flight, structs, NATS with JSON", Method: trade, Connections: 1, Flight: 64, JSON: true, sides: pair,
		},
	}
}

// workloads are all of them, in the order they are run.
func workloads() []workload { return slices.Concat(latencies(), crowds(), loads()) }
