package main

import (
	"fmt"
	"io"
	"math"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/netsvc/netsvc/bench/spread"
)

// figures are what the rounds found of one way.
type figures struct{ calls, cpu []float64 } // a second; microseconds each

// compareLoad prints the rows of one number of connections.
func compareLoad(out io.Writer, ways []*way, rounds, connections int, each time.Duration) error {
	found := make([]figures, len(ways))
	for round := range rounds {
		for turn := range ways {
			i := (round + turn) % len(ways)
			calls, cpu, err := ways[i].load(connections, each)
			if err != nil {
				return fmt.Errorf("%s: %w", ways[i].name, err)
			}
			found[i].calls, found[i].cpu = append(found[i].calls, calls), append(found[i].cpu, cpu)
		}
	}
	for i, w := range ways {
		if err := w.check(); err != nil { // it answers, and the right thing, after all this, too
			return fmt.Errorf("%s: %w", w.name, err)
		}
		over := ""
		if i > 0 {
			r := spread.Ratios(found[0].calls, found[i].calls)
			over = fmt.Sprintf("%.2f (%.2f to %.2f)", r.Median, r.Least, r.Most)
		}
		fmt.Fprintf(out, "| %d | %s | %.0f | %.1f us | %s |\n", connections, w.name,
			spread.Of(found[i].calls).Median, spread.Of(found[i].cpu).Median, over)
	}
	return nil
}

// load has wrk call, and returns calls a second and the CPU time of each in microseconds.
func (w *way) load(connections int, each time.Duration) (calls, cpu float64, err error) {
	before, err := w.cpu()
	if err != nil {
		return 0, 0, err
	}
	seconds := max(1, int(math.Round(each.Seconds())))
	out, err := exec.Command("wrk", "--threads", "1", "--connections", strconv.Itoa(connections),
		"--duration", strconv.Itoa(seconds)+"s", "--script", filepath.Join("xmlrpc", "against", "call.lua"), w.url).Output()
	if err != nil {
		return 0, 0, fmt.Errorf("wrk: %w", err)
	}
	after, err := w.cpu()
	if err != nil {
		return 0, 0, err
	}
	perSecond, made, err := readWrk(string(out))
	return perSecond, float64((after - before).Nanoseconds()) / 1e3 / made, err
}

var (
	perSecond = regexp.MustCompile(`Requests/sec: +([0-9.]+)`)
	requests  = regexp.MustCompile(`(\d+) requests in `)
	trouble   = regexp.MustCompile(`Non-2xx or 3xx responses: .*|Socket errors: .*`)
)

// readWrk reads what wrk prints. A call that failed makes the whole measurement worthless.
func readWrk(text string) (calls, made float64, err error) {
	rate, count := perSecond.FindStringSubmatch(text), requests.FindStringSubmatch(text)
	switch failed := trouble.FindString(text); {
	case failed != "":
		return 0, 0, fmt.Errorf("wrk: %s", failed)
	case rate == nil || count == nil:
		return 0, 0, fmt.Errorf("wrk printed %q", text)
	}
	if calls, err = strconv.ParseFloat(rate[1], 64); err != nil {
		return 0, 0, err
	}
	made, err = strconv.ParseFloat(count[1], 64)
	return calls, made, err
}
