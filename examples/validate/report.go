package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// column is how one way did.
type column struct {
	way      string
	outcomes map[string]outcome
	err      error // the way could not be gone at all
}

// verdict is one cell.
type verdict string

const (
	fine   verdict = "ok"
	lossy  verdict = "loss" // as documented
	failed verdict = "FAIL"
	absent verdict = "-" // the way cannot make this call
)

// judge says what came of a case, and for a loss or a failure why.
func (s *suite) judge(c *column, row *check) (verdict, string) {
	offered := slices.ContainsFunc(s.offered(c.way), func(o check) bool { return o.Name == row.Name })
	got, there := c.outcomes[row.Name]
	switch {
	case !offered:
		return absent, ""
	case c.err != nil:
		return failed, "" // told once, below the table
	case !there:
		return failed, "the client did not tell what came of it"
	}
	l, known := s.loss(c.way, row.Name)
	want := row.Want
	if known {
		want = l.Got
	}
	switch {
	case !matches(want, got):
		return failed, fmt.Sprintf("got %s, want %s", form(got), form(want))
	case known:
		return lossy, l.Why
	}
	return fine, ""
}

// print writes the table, what failed and why, and reports whether all is well.
func (s *suite) print(w io.Writer, columns []column) bool {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	header := []string{"CASE"}
	for _, c := range columns {
		header = append(header, strings.ToUpper(c.way))
	}
	fmt.Fprintln(table, strings.Join(header, "\t"))
	var failures []string
	counts := map[verdict]int{}
	for i := range s.Checks {
		row := []string{s.Checks[i].Name}
		for j := range columns {
			v, why := s.judge(&columns[j], &s.Checks[i])
			row = append(row, string(v))
			counts[v]++
			if v == failed && why != "" {
				failures = append(failures, fmt.Sprintf("%s by %s: %s", s.Checks[i].Name, columns[j].way, shorten(why, 400)))
			}
		}
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	table.Flush()
	for _, c := range columns {
		if c.err != nil {
			failures = append(failures, fmt.Sprintf("%s: %v", c.way, c.err))
		}
	}
	fmt.Fprintf(w, "\n%d ok, %d documented losses, %d failed\n", counts[fine], counts[lossy], counts[failed])
	for _, f := range failures {
		fmt.Fprintln(w, f)
	}
	return counts[failed] == 0
}
