package main

import (
	"testing"
	"time"
)

const wrkPrints = `Running 1s test @ http://127.0.0.1:1
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.06ms  500.00us   9.00ms   80.00%
  14000 requests in 1.10s, 4.00MB read
Requests/sec:  12727.27
Transfer/sec:      3.64MB
`

func TestReadWrk(t *testing.T) {
	calls, made, err := readWrk(wrkPrints)
	if err != nil || calls != 12727.27 || made != 14000 {
		t.Errorf("readWrk = %v, %v, %v", calls, made, err)
	}
	for name, text := range map[string]string{
		"answers that are none": wrkPrints + "  Non-2xx or 3xx responses: 3\n",
		"broken connections":    wrkPrints + "  Socket errors: connect 0, read 1, write 0, timeout 0\n",
		"nothing":               "unable to connect",
	} {
		if _, _, err := readWrk(text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Each piece of work succeeds; what fails would be measured as quick.
func TestCodecsWork(t *testing.T) {
	for _, p := range pairs {
		for _, w := range []work{p.ours, p.theirs} {
			if cost, err := w.cost(time.Millisecond); err != nil || cost <= 0 {
				t.Errorf("%s costs %v us, %v", w.name, cost, err)
			}
		}
	}
}
