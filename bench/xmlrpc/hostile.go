package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// visit is what a good client sees of a gateway for some time.
type visit struct {
	calls, failed int
	times         []time.Duration // sorted
}

// underAttack measures a good client, that makes one call after the other, without and with the
// attacks, and what memory the gateway has taken at most.
func underAttack(out io.Writer, each time.Duration) error {
	folder, err := os.MkdirTemp("", "bench-xmlrpc")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	gateway := &way{name: "gateway"}
	defer endAll([]*way{gateway})
	if err := gateway.startNetsvc(folder); err != nil {
		return err
	}
	if err := gateway.check(); err != nil {
		return err
	}
	bad, err := attacks()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "| | calls | failed | p50 | p99 | longest | most memory of the gateway |\n|---|---|---|---|---|---|---|")
	if err := gateway.report(out, "alone", each); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var attacking sync.WaitGroup
	for _, a := range bad {
		attacking.Go(func() { a.run(ctx, strings.TrimPrefix(gateway.url, "http://")) }) // ends with ctx
	}
	err = gateway.report(out, "under attack", each)
	cancel()
	attacking.Wait()
	fmt.Fprintln(out)
	for _, a := range bad {
		fmt.Fprintf(out, "- %s: %d connections, turned away %d times\n", a.name, a.connections, a.done.Load())
	}
	return err
}

// report prints the row of one visit.
func (w *way) report(out io.Writer, name string, each time.Duration) error {
	v, err := w.visit(each)
	if err != nil {
		return err
	}
	memory, err := w.mostMemory()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "| %s | %d | %d | %v | %v | %v | %s |\n", name, v.calls, v.failed, v.at(0.50), v.at(0.99), v.at(1), memory)
	return nil
}

func (w *way) visit(each time.Duration) (*visit, error) {
	client, err := xmlrpc.NewClient(w.url+"/RPC2", nil)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	v := &visit{}
	for end := time.Now().Add(each); time.Now().Before(end); {
		began := time.Now()
		result, err := client.Call(context.Background(), "math.multiply", 3, 4)
		v.times = append(v.times, time.Since(began))
		v.calls++
		if err != nil || result != int64(12) {
			v.failed++
		}
	}
	slices.Sort(v.times)
	return v, nil
}

// at is the time that this share of the calls took at most.
func (v *visit) at(share float64) time.Duration {
	i := min(int(share*float64(len(v.times))), len(v.times)-1)
	return v.times[i].Round(10 * time.Microsecond)
}

// mostMemory is what the gateway, the last process, has had in memory at most so far (proc(5), VmHWM).
func (w *way) mostMemory() (string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.processes[len(w.processes)-1].Process.Pid))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(rest), nil
		}
	}
	return "", fmt.Errorf("no VmHWM in the status of the %s", w.name)
}
