package main

import (
	"fmt"
	"io"
)

// table prints what was found as Markdown.
type table struct {
	out    io.Writer
	missed int // goals
	goals  int
}

// verdict is one row of the first table.
func (t *table) verdict(number, what string, other, ours, ratio, wanted string, met bool) {
	word := "met"
	t.goals++
	if !met {
		word = "NOT MET"
		t.missed++
	}
	fmt.Fprintf(t.out, "| %s | %s | %s | %s | %s | %s | %s |\n", number, what, other, ours, ratio, wanted, word)
}

func (t *table) verdictHead() {
	fmt.Fprint(t.out, "| goal | what | the other side | netsvc | ratio (least to most) | wanted | |\n|---|---|---|---|---|---|---|\n")
}

// judge prints a row for each goal of a workload.
func (t *table) judge(w *workload, all []*contestant) {
	ours := samplesOf(all, netsvcSide)
	for _, g := range w.wanted {
		others := samplesOf(all, g.over)
		ratio := g.metric.over(ours, others)
		t.verdict(g.number, w.Name+": "+g.metric.name,
			g.over+" "+figure(g.metric.spread(others).Median, g.metric.unit), figure(g.metric.spread(ours).Median, g.metric.unit),
			fmt.Sprintf("%.2f (%.2f to %.2f)", ratio.Median, ratio.Least, ratio.Most), g.wanted(), g.met(ratio.Median))
	}
}

func samplesOf(all []*contestant, side string) []sample {
	for _, c := range all {
		if c.side == side {
			return c.samples
		}
	}
	return nil
}

// figure is a number with its unit, with as many digits as mean something.
func figure(v float64, unit string) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f %s", v, unit)
	case v >= 10:
		return fmt.Sprintf("%.1f %s", v, unit)
	}
	return fmt.Sprintf("%.2f %s", v, unit)
}

func (t *table) figuresHead() {
	fmt.Fprint(t.out, "\n| workload | side | calls/s (least to most) | p50, p99 | CPU per call: middle | service | caller | all | others |\n|---|---|---|---|---|---|---|---|---|\n")
}

// figures prints the absolute figures of each side.
func (t *table) figures(w *workload, all []*contestant) {
	for _, c := range all {
		rate := calls.spread(c.samples)
		median := func(of func(sample) float64) float64 { return metric{of: of}.spread(c.samples).Median }
		latency := ""
		if v := median(p50.of); v > 0 {
			latency = fmt.Sprintf("%.0f, %.0f us", v, median(func(s sample) float64 { return s.P99 }))
		}
		service := "" // of newcomers it is in the caller's process
		if c.service != nil {
			service = figure(median(func(s sample) float64 { return s.ServiceCPU }), "us")
		}
		fmt.Fprintf(t.out, "| %s | %s | %.0f (%.0f to %.0f) | %s | %s | %s | %s | %s | %.0f %% |\n", w.Name, c.side,
			rate.Median, rate.Least, rate.Most, latency, figure(median(middleCPU.of), "us"), service,
			figure(median(func(s sample) float64 { return s.CallerCPU }), "us"), figure(median(sample.cpu), "us"),
			100*median(func(s sample) float64 { return s.Others }))
	}
}

// idle prints the goals about idle connections.
func (t *table) idle(many int, ours, other idleness) {
	kb := func(i idleness) string { return fmt.Sprintf("%.1f KB", i.resident/1000) }
	share := func(i idleness) string { return fmt.Sprintf("%.1f %% of a core", i.core*100) }
	what := func(text string) string { return fmt.Sprintf("%d idle connections, one service each: %s", many, text) }
	t.verdict("8", what("memory of the middle for each"), other.side+" "+kb(other), kb(ours),
		fmt.Sprintf("%.2f", ours.resident/other.resident), "<= 7 KB at 10,000 (stretch 5)", ours.resident <= 7_000)
	t.verdict("8", what("CPU of the middle"), other.side+" "+share(other), share(ours), "",
		fmt.Sprintf("<= %.1f %%, which is 10 %% at 10,000", float64(many)/1_000), ours.core*10_000 <= 0.10*float64(many))
	growth := func(i idleness) float64 { return i.with.MiddleCPU / i.alone.MiddleCPU }
	t.verdict("12", what("middle's CPU per call of others, 64 in flight, against without"),
		fmt.Sprintf("%s %.2f", other.side, growth(other)), fmt.Sprintf("%.2f", growth(ours)), "", "<= 1.2", growth(ours) <= 1.2)
}
