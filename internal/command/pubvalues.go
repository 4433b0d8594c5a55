package command

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// source finds what is to be published, and returns the func that publishes it. A VALUE that
// cannot be read is an error before anything is sent.
func (p *publisher) source() (func(ctx context.Context) error, error) {
	if len(p.env.Args) < 2 {
		return p.publishLines, p.env.mayRead()
	}
	v, err := readValue(p.env.Args[1], p.env)
	return func(ctx context.Context) error { return p.publish(ctx, v) }, err
}

// readValue reads a word as an argument by position.
func readValue(word string, src value.Sources) (any, error) {
	if !strings.HasPrefix(word, ":=") {
		return value.ParseForm(word, nil, src)
	}
	args, err := value.ParseArgs([]string{word}, nil, src)
	if err != nil {
		return nil, err
	}
	return args[0], nil
}

// publishLines publishes each line of stdin when it comes; blank ones are passed over. The first
// that is not JSON, or is not taken, ends it.
func (p *publisher) publishLines(ctx context.Context) error {
	lines := newLineReader(p.env.In)
	for {
		text, err := lines.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLongLine):
			return wire.Failf(wire.CodeTooLarge, wire.No, "line %d of stdin has more than %d bytes", lines.number, maxLine)
		case err != nil:
			return usage("", "pub: cannot read stdin: %v", reasonOf(err))
		}
		v, err := value.FromJSON(text, nil)
		if err != nil {
			return usage("one JSON value a line", "pub: line %d of stdin: %v", lines.number, err)
		}
		if err := p.publish(ctx, v); err != nil {
			return err
		}
	}
}
