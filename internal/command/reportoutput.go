package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// reportShape is a report as the contract has it.
type reportShape struct {
	Time     time.Time       `json:"time"`
	Service  string          `json:"service"`
	Instance string          `json:"instance"`
	Origin   string          `json:"origin"`
	Subject  string          `json:"subject"`
	Value    json.RawMessage `json:"value"`
	Retained bool            `json:"retained"`
}

func shapeOfReport(r *service.Report) (*reportShape, error) {
	doc, err := value.AppendRawJSON(nil, r.Raw())
	if err != nil {
		return nil, err
	}
	return &reportShape{
		Time: r.Time.UTC(), Service: r.Publisher.Name, Instance: r.Publisher.String(),
		Origin: originOf(r.Publisher), Subject: r.Subject, Value: doc, Retained: r.Retained,
	}, nil
}

// gapShape stands where reports are missing: how many, or null.
type gapShape struct {
	Gap *uint64 `json:"gap"`
}

func shapeOfGap(g *service.GapError) *gapShape {
	if g.Unknown {
		return &gapShape{}
	}
	return &gapShape{&g.Count}
}

// reportOutput prints reports, each at once.
type reportOutput struct{ env *Env }

func (e *Env) reportOutput() *reportOutput { return &reportOutput{e} }

func (o *reportOutput) report(_ context.Context, r *service.Report) error {
	shape, err := shapeOfReport(r)
	if err != nil {
		return err
	}
	line := render.Report{
		Time: shape.Time, Instance: shape.Instance, Subject: shape.Subject, Value: shape.Value, Retained: shape.Retained,
	}
	return o.env.printShapeLine(shape, line.Append)
}

func (o *reportOutput) gap(g *service.GapError) error {
	return o.env.printShapeLine(shapeOfGap(g), func(dst []byte, l render.Look) []byte {
		return l.AppendGap(dst, g.Count, g.Unknown)
	})
}

// executor runs a shell command for each report.
type executor struct {
	env     *Env
	command string
}

func (x *executor) report(ctx context.Context, r *service.Report) error {
	shape, err := shapeOfReport(r)
	if err != nil {
		return err
	}
	line, err := encodeShape(shape)
	if err != nil {
		return err
	}
	facts := []string{
		"NETSVC_SERVICE=" + shape.Service, "NETSVC_INSTANCE=" + shape.Instance, "NETSVC_SUBJECT=" + shape.Subject,
		"NETSVC_RETAINED=" + strconv.FormatBool(shape.Retained), envExchange + "=" + x.env.Settings.Exchange,
	}
	err = x.env.Shell(ctx, ShellLine{
		Text: x.command, Facts: facts, In: bytes.NewReader(append(line, '\n')), Out: x.env.Out, Err: x.env.Err,
	})
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	x.tell(fmt.Sprintf("%s %s: --exec: %v", shape.Instance, r.Subject, err))
	return nil
}

func (x *executor) gap(g *service.GapError) error {
	x.tell(render.GapText(g.Count, g.Unknown))
	return nil
}

// tell says something to people that does not end the command.
func (x *executor) tell(text string) {
	fmt.Fprintln(x.env.Err, "netsvc: "+render.OneLine(x.env.ErrLook.Text(strings.TrimSpace(text))))
}
