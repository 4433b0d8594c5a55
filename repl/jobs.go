package repl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/netsvc/netsvc/internal/render"
)

// maxJobs bounds the jobs of a session.
const maxJobs = 64

// errEnded is why the context of a job has ended that somebody ended.
var errEnded = errors.New("the job was ended")

// jobs are the items of a session that nobody waits for.
type jobs struct {
	session *Session
	running sync.WaitGroup

	mu    sync.Mutex
	list  []*job // that run, the oldest first
	last  int    // the number of the newest
	first error  // of what failed
}

// job is one of them.
type job struct {
	number int
	text   string
	end    context.CancelCauseFunc
}

// begin runs an item as a job. What it writes comes above the prompt, line by line. It outlives ctx.
func (j *jobs) begin(ctx context.Context, it *item, where Where) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.list) == maxJobs {
		return wrong("unsub * ends them", "%d jobs run already", maxJobs)
	}
	j.last++
	running, end := context.WithCancelCause(context.WithoutCancel(ctx))
	one := &job{number: j.last, text: it.text, end: end}
	j.list = append(j.list, one)
	foreground := *it
	foreground.job = false
	j.running.Go(func() { j.run(running, one, &foreground, where) }) // ends with the item, or when the job is ended
	if j.session.opts.Interactive {
		j.session.say(fmt.Sprintf("[%d] %s", one.number, one.text))
	}
	return nil
}

// run runs the item of a job.
func (j *jobs) run(ctx context.Context, one *job, it *item, where Where) {
	s := j.session
	to := s.streams()
	out := &lines{show: s.tellJob(one)}
	to.in, to.quiet, to.job = bytes.NewReader(nil), true, true
	if s.opts.Interactive {
		to.out, to.err, where.errors = out, out, out
	}
	err := s.item(ctx, it, to, where)
	out.flush()
	one.end(nil)
	ended := context.Cause(ctx) == errEnded
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = slices.DeleteFunc(j.list, func(other *job) bool { return other == one })
	if err != nil && !ended && j.first == nil {
		j.first = err
	}
	if s.opts.Interactive {
		s.say(fmt.Sprintf("[%d] %s  %s", one.number, outcomeOf(err, ended), one.text))
	}
}

func outcomeOf(err error, ended bool) string {
	switch {
	case ended:
		return "ended"
	case err != nil:
		return "failed"
	}
	return "done"
}

// tellJob shows a line that a job has written.
func (s *Session) tellJob(one *job) func(line []byte) {
	mark := "[" + strconv.Itoa(one.number) + "] "
	return func(line []byte) { s.say(mark + string(line)) }
}

// say shows a line of a job.
func (s *Session) say(line string) {
	if s.opts.Notify != nil {
		s.opts.Notify(line)
		return
	}
	fmt.Fprintln(&s.err, line)
}

// end ends the job of a number, or all. It does not wait for them.
func (j *jobs) end(number *int) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	found := false
	for _, one := range j.list {
		if number == nil || one.number == *number {
			one.end(errEnded)
			found = true
		}
	}
	return found
}

// wait waits for all jobs, and returns the first failure of any.
func (j *jobs) wait() error {
	j.running.Wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.first
}

// waitWithin is wait until ctx ends, which ends the jobs.
func (j *jobs) waitWithin(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { j.end(nil) })
	defer stop()
	return j.wait()
}

// jobShape is a job as programs see it.
type jobShape struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

func (j *jobs) shapes() []jobShape {
	j.mu.Lock()
	defer j.mu.Unlock()
	shapes := []jobShape{}
	for _, one := range j.list {
		shapes = append(shapes, jobShape{one.number, one.text})
	}
	return shapes
}

func jobTable(shapes []jobShape) *render.Table {
	t := &render.Table{Header: []string{"ID", "JOB"}}
	for _, shape := range shapes {
		t.Add(strconv.Itoa(shape.ID), shape.Text)
	}
	return t
}

// lines is a writer that shows whole lines. One of more than maxLine bytes is shown in parts.
type lines struct {
	show func(line []byte)
	mu   sync.Mutex
	rest []byte
}

const maxLine = 1 << 20

// Write takes text.
func (l *lines) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, text...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 && len(l.rest) <= maxLine {
			return len(text), nil
		}
		if i < 0 {
			i = maxLine
			l.show(l.rest[:i])
			l.rest = l.rest[i:]
			continue
		}
		l.show(l.rest[:i])
		l.rest = l.rest[i+1:]
	}
}

// flush shows a last line that has no end.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) > 0 {
		l.show(l.rest)
		l.rest = nil
	}
}
