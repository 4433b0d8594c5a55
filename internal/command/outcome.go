package command

import (
	"context"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// outcome is what came of one call, or of what was done in place of making it.
type outcome struct {
	item     int       // of --each, from 1; 0 for a single call
	value    value.Raw // the result; nil with err, and where there is nothing to print
	text     []byte    // what is printed in place of a value
	instance service.Address
	took     time.Duration
	err      *Error // nil when all went well
}

// failed is the outcome that an error makes. That of an item is always about the call, also when
// its line cannot be read.
func (c *call) failed(ctx context.Context, item int, err error) *outcome {
	e := c.explain(ctx, err)
	if item > 0 {
		e.Item, e.Service, e.Method = item, c.target, c.method
	}
	return &outcome{item: item, err: e}
}

// perform makes the call with arguments that are in their places, or does what is wanted in
// place of it.
func (c *call) perform(ctx context.Context, item int, args []any) *outcome {
	o := &outcome{item: item}
	begun := time.Now()
	if err := c.performInto(ctx, o, args); err != nil {
		o = c.failed(ctx, item, err)
	}
	o.took = time.Since(begun)
	return o
}

func (c *call) performInto(ctx context.Context, o *outcome, args []any) error {
	flags := c.env.Flags
	switch instead := flags.Bool("dry-run") || flags.Bool("curl"); {
	case instead && c.absent():
		return notSent(service.ErrNoMethod)
	case flags.Bool("dry-run"):
		return c.rehearse(o, args)
	case flags.Bool("curl"):
		return c.writeCurl(o, args)
	}
	encoded, err := value.AppendArgs(nil, args)
	switch {
	case err != nil:
		return err
	case c.group != "" || flags.Bool("all"):
		return c.gather(ctx, encoded)
	case flags.Bool("stream"):
		return c.stream(ctx, encoded)
	case flags.Bool("no-reply"):
		return c.endpoint.SendRaw(ctx, c.method, encoded, nil)
	}
	return c.ask(ctx, o, encoded)
}

// ask makes the call and takes its result.
func (c *call) ask(ctx context.Context, o *outcome, args []byte) error {
	response, err := c.endpoint.CallRaw(ctx, c.method, args, nil)
	if err != nil {
		return err
	}
	if err := value.Check(response.Value); err != nil {
		return err
	}
	o.value, o.instance = response.Value, response.Instance
	return nil
}

// stream prints the results of a stream as they come.
func (c *call) stream(ctx context.Context, args []byte) error {
	for result, err := range c.endpoint.StreamRaw(ctx, c.method, args, nil) {
		if err != nil {
			return err
		}
		if err := c.env.printLine(result); err != nil {
			return err
		}
	}
	return nil
}

// print writes what came of a call; of one that failed, that is an envelope. A single result is a
// document, that of an item and an envelope are a line, where the format has lines.
func (c *call) print(env *Env, o *outcome) error {
	result, single := o.value, o.item == 0
	if env.Flags.Bool("envelope") {
		envelope, err := c.envelope(o)
		if err != nil {
			return err
		}
		format := env.Settings.Format
		result, single = envelope, single && (format == FormatTable || format == FormatYAML)
	}
	switch {
	case o.text != nil:
		return env.write(o.text)
	case result == nil:
		return nil
	case single:
		return env.printValue(result)
	}
	return env.printLine(result)
}
