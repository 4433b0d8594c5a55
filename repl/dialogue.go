package repl

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
)

// ErrAborted reports that the line that was being typed has been given up, as Ctrl-C does.
var ErrAborted = errors.New("the line was given up")

// LineReader asks a person for lines.
type LineReader interface {
	// ReadLine asks for one line behind a prompt and returns it without its end. prompt is asked
	// for its text once more whenever that may have changed. The error is ErrAborted, io.EOF when
	// there will be no more lines, the cause of ctx, or that of the terminal.
	ReadLine(ctx context.Context, prompt func() string) (string, error)
	// Remember makes a line one that can be brought back.
	Remember(line string)
}

// Dialogue is a conversation with the person at a terminal: it asks for statements and runs them,
// one after the other, until there are no more. All fields are needed.
type Dialogue struct {
	Lines   LineReader
	History *History

	// Prompt is what stands before a statement, Continued before its further lines.
	Prompt    func() string
	Continued func() string

	// Incomplete reports whether a text wants another line.
	Incomplete func(text string) bool
	// Private reports whether a text must not be kept.
	Private func(text string) bool
	// Run runs a text and tells of what fails in it. Its error ends the dialogue.
	Run func(ctx context.Context, text string) error
	// Say tells the person something, on a line of its own.
	Say func(text string)
}

// hurry is how soon a second Ctrl-C must follow to be a sign of somebody who wants to leave.
const hurry = time.Second

// leaveHint is what such a person is told.
const leaveHint = "quit or Ctrl-D ends the session"

// maxInput is how long a statement may become by lines that are added to it.
const maxInput = 16 << 20

// Talk asks and runs until the lines end, which is no error, until Run returns an error, which it
// returns, or until ctx ends.
func (d *Dialogue) Talk(ctx context.Context) error {
	for _, line := range d.History.Lines(-1) {
		d.Lines.Remember(line)
	}
	var aborted time.Time
	for {
		text, err := d.input(ctx)
		switch {
		case errors.Is(err, ErrAborted):
			if !aborted.IsZero() && time.Since(aborted) < hurry {
				d.Say(leaveHint)
			}
			aborted = time.Now()
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		aborted = time.Time{}
		d.keep(text)
		if strings.TrimSpace(text) == "" {
			continue
		}
		if err := d.Run(ctx, text); err != nil {
			return err
		}
	}
}

// input asks for a whole text, which may take several lines. The end of the lines in its midst gives
// it up, as Ctrl-C does.
func (d *Dialogue) input(ctx context.Context) (string, error) {
	text, err := d.Lines.ReadLine(ctx, d.Prompt)
	for err == nil && d.Incomplete(text) {
		if len(text) > maxInput {
			d.Say("that is too long for a statement; source FILE runs one")
			return "", ErrAborted
		}
		var line string
		line, err = d.Lines.ReadLine(ctx, d.Continued)
		if errors.Is(err, io.EOF) {
			return "", ErrAborted
		}
		text += "\n" + line
	}
	return text, err
}

// keep puts a text into the history, unless somebody does not want that: a blank in front of it says
// so, too. A file that cannot be written is told once, with the first line that it loses.
func (d *Dialogue) keep(text string) {
	if text == "" || strings.ContainsAny(text[:1], " \t") || strings.TrimSpace(text) == "" || d.Private(text) {
		return
	}
	line := strings.TrimRight(Fold(text), " \t")
	d.Lines.Remember(line)
	if err := d.History.Add(line); err != nil && !d.History.told.Swap(true) {
		d.Say("the history is not kept: " + err.Error())
	}
}
