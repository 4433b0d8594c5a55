package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// gather calls all instances or members and prints what each answers.
func (c *call) gather(ctx context.Context, args []byte) error {
	g, err := c.members(ctx, args)
	if err != nil {
		return err
	}
	out := c.env.answers(g.Members())
	failed, unknown, ran := 0, 0, wire.No
	for answer := range g.Answers() {
		if errors.Is(answer.Err, context.Canceled) && errors.Is(ctx.Err(), context.Canceled) {
			return answer.Err // by a signal: the others would say the same
		}
		shown := c.shown(ctx, &answer)
		if shown.Error != nil {
			failed++
		}
		if errors.Is(answer.Err, service.ErrNoMethod) {
			unknown++
		}
		ran = max(ran, deliveredOf(&answer))
		if err := out.add(shown); err != nil {
			return err
		}
	}
	if err := out.end(); err != nil {
		return err
	}
	if failed > 0 {
		e := c.partial(failed, len(g.Members()), ran)
		if unknown > 0 && c.namesService(ctx, unknown == len(g.Members())) {
			e.Hint = "with --group the target is METHOD alone"
		}
		return e
	}
	return nil
}

func (c *call) members(ctx context.Context, args []byte) (*service.Gathering, error) {
	if c.group != "" {
		return c.conn.CallGroupRaw(ctx, c.group, c.method, args, nil)
	}
	return c.conn.CallAllRaw(ctx, c.target, c.method, args, nil)
}

// deliveredOf tells whether the method may have run.
func deliveredOf(a *service.Answer) wire.Delivered {
	var f *wire.Failure
	if errors.As(a.Err, &f) {
		return f.Delivered
	}
	return wire.Yes
}

// partial is the error of calls of which some failed.
func (c *call) partial(failed, all int, ran wire.Delivered) *Error {
	whom := "instances"
	if c.group != "" {
		whom = "members of " + c.group
	}
	return &Error{
		Code: codePartial, Exit: ExitPartial, Message: fmt.Sprintf("%d of %d %s failed", failed, all, whom),
		Service: c.target, Method: c.method, Ran: ran,
	}
}

// namesService reports whether the method of a call to a group looks like the SERVICE.METHOD of
// a plain call: it has a dot, and no member knows it or a service is named by what comes before.
func (c *call) namesService(ctx context.Context, nobody bool) bool {
	before, _, dotted := strings.Cut(c.method, ".")
	return c.group != "" && dotted && (nobody || slices.Contains(serviceNames(ctx, c.conn), before))
}

// answerShape is what one instance answered, as the contract has it.
type answerShape struct {
	Instance string          `json:"instance"`
	Value    json.RawMessage `json:"value,omitempty"`
	Error    *errorBody      `json:"error,omitempty"`
	Origin   string          `json:"origin"`
}

// shown makes the shape of an answer.
func (c *call) shown(ctx context.Context, a *service.Answer) *answerShape {
	shape := &answerShape{Instance: a.Instance.String(), Origin: originOf(a.Instance)}
	err := a.Err
	if err == nil {
		shape.Value, err = value.AppendRawJSON(nil, a.Value)
	}
	if err == nil {
		return shape
	}
	whom := c.target
	if c.group != "" {
		whom = a.Instance.Name
	}
	e := Explain(ctx, err).about(whom, c.method)
	if sig := c.signature(); sig != nil && e.unmade() && e.Code == wire.CodeBadParams.String() {
		e.Hint = render.UsageOf(sig)
	}
	shape.Value, shape.Error = nil, e.body()
	if shape.Error.Instance == nil {
		shape.Error.Instance = &shape.Instance
	}
	return shape
}

// answerOutput writes answers as they come, or at the end where the format is one document.
type answerOutput struct {
	env   *Env
	table *render.AnswerTable // nil where programs read
	list  []*answerShape      // kept for one document
}

// answers makes the output for the answers of some members.
func (e *Env) answers(members []service.Info) *answerOutput {
	out := &answerOutput{env: e, list: []*answerShape{}}
	if e.forPeople() {
		names := make([]string, len(members))
		for i, m := range members {
			names[i] = m.Address.String()
		}
		out.table = render.NewAnswerTable(names)
	}
	return out
}

func (o *answerOutput) add(a *answerShape) error {
	if o.table != nil {
		if err := o.env.passOnShape(a, true); err != nil {
			return err
		}
	}
	switch {
	case o.table != nil && a.Error != nil:
		return o.env.write(o.table.AppendFailure(nil, o.env.OutLook, a.Instance, a.Error.Code+": "+a.Error.Message))
	case o.table != nil:
		return o.env.write(o.table.AppendValue(nil, o.env.OutLook, a.Instance, a.Value))
	case o.env.oneDocument():
		o.list = append(o.list, a)
		return nil
	}
	return o.env.printShapeLine(a, nil)
}

func (o *answerOutput) end() error {
	if !o.env.oneDocument() {
		return nil
	}
	return o.env.printShape(o.list, nil)
}

// learnFromGroup finds the oldest member that has the method. When none has, arguments go out
// as they read, and the members say what they think of it.
func (c *call) learnFromGroup(ctx context.Context) error {
	if err := value.CheckGroupName(c.group); err != nil {
		return wire.Failf(wire.CodeNoService, wire.No, "%v", err)
	}
	members, err := c.conn.Directory(service.WatchOptions{Group: c.group})
	if err != nil {
		return err
	}
	defer members.Close()
	if err := members.Current(ctx); err != nil {
		return err
	}
	var seen [][wire.HashSize]byte
	var known []value.Signature
	for _, m := range members.Group(c.group) {
		c.fallback = c.fallback || m.Fallback
		if slices.Contains(seen, m.Hash) {
			continue
		}
		seen = append(seen, m.Hash)
		d, err := c.conn.Describe(ctx, m.Address.String())
		if err != nil {
			continue // gone, or the next one says why
		}
		if c.methods = d.Methods; c.signature() != nil {
			return nil
		}
		known = append(known, d.Methods...)
	}
	c.methods = known
	return nil
}

// groupOfNobody words an error about a group without members, with the nearest group that has
// some.
func (e *Error) groupOfNobody(ctx context.Context, conn *service.Conn, group string) {
	e.Message = "nobody is in group " + group
	services, err := servicesOf(ctx, conn, "", "")
	if err != nil {
		return // it was for a hint
	}
	var groups []string
	for _, s := range services {
		groups = append(groups, s.Groups...)
	}
	e.meantOneOf(groups, group)
}
