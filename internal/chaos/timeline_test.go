//go:build linux

package chaos_test

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// timeline is all records in the order of time, to be read by a person.
type timeline struct {
	records []record
	from    time.Duration // the time of the first one
}

func newTimeline(records []record) *timeline {
	sorted := slices.SortedStableFunc(slices.Values(records), func(a, b record) int { return cmp.Compare(a.At, b.At) })
	l := &timeline{records: sorted}
	if len(sorted) > 0 {
		l.from = sorted[0].At
	}
	return l
}

// line says when who did or was told what.
func (l *timeline) line(r record) string {
	return fmt.Sprintf("%10.6fs  %-12s %-8s %s", (r.At - l.from).Seconds(), r.Process, r.Kind, strings.Join(r.words(), " "))
}

// words are the facts of a record, those that it has.
func (r record) words() []string {
	var words []string
	add := func(has bool, format string, args ...any) {
		if has {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(r.ID != "", "%s", r.ID)
	add(r.Way != "", "(%s)", r.Way)
	add(r.Note != "", "%s", r.Note)
	add(r.Deadline != 0, "deadline %v", r.Deadline)
	add(r.CancelAt != 0, "cancel after %v", r.CancelAt)
	add(r.Wanted != 0, "%d results", r.Wanted)
	add(r.Stop != 0, "leave after %d", r.Stop)
	add(r.Kind == outcome && r.Code == "", "a result %s", r.Result)
	add(r.Code != "", "%s, %s", r.Code, r.Delivered)
	add(r.Results != 0, "after %d results", r.Results)
	add(r.Service != "", "%s", r.Service)
	add(r.Instance != "", "by %s", r.Instance)
	add(r.Wrong != "", "WRONG: %s", r.Wrong)
	add(r.Leaks != "", "LEAKS: %s", r.Leaks)
	return words
}

// lines are the lines of one call.
func (l *timeline) lines(s *story) string {
	var text strings.Builder
	for _, r := range newTimeline(s.lines()).records {
		text.WriteString("\n\t" + l.line(r))
	}
	return text.String()
}

// save writes the timeline to a file that stays, and returns its name.
func (l *timeline) save() (string, error) {
	f, err := os.CreateTemp("", "netsvc-chaos-*.txt")
	if err != nil {
		return "", err
	}
	out := bufio.NewWriter(f)
	for _, r := range l.records {
		fmt.Fprintln(out, l.line(r))
	}
	if err := out.Flush(); err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}
