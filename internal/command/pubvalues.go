package command

import (
	"bufio"
	"bytes"
	"context"
	"errors"
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

// maxLine is the longest line of stdin: text of JSON may take several bytes for one of a value,
// and the exchange takes values of a few MiB.
const maxLine = 32 << 20

// publishLines publishes each line of stdin when it comes; blank ones are passed over. The first
// that is not JSON, or is not taken, ends it.
func (p *publisher) publishLines(ctx context.Context) error {
	lines := bufio.NewScanner(p.env.In)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		v, err := value.FromJSON(text, nil)
		if err != nil {
			return usage("one JSON value a line", "pub: line %d of stdin: %v", n, err)
		}
		if err := p.publish(ctx, v); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return wire.Failf(wire.CodeTooLarge, wire.No, "a line of stdin has more than %d bytes", maxLine)
	}
	if err := lines.Err(); err != nil {
		return usage("", "pub: cannot read stdin: %v", reasonOf(err))
	}
	return nil
}
