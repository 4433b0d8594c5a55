package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/wire"
)

func doctorCommand() *Command {
	return &Command{
		Name:    "doctor",
		Section: SectionAdmin,
		Summary: "find out what is wrong, and say what to do",
		Doc: "Looks at the settings, the way to the exchange, what the exchange says of itself, and this process.\n" +
			"It changes nothing and calls nothing but the exchange. Each check ends after --connect-timeout.\n" +
			"Exit code: 0 when no check fails, 6 when the exchange cannot be reached, else 1.",
		Formats: []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatName, FormatRaw},
		Lenient: true,
		Run:     runDoctor,
	}
}

// doctor is the work of one run. Checks add what they find.
type doctor struct {
	env      *Env
	findings []render.Finding
	apart    bool // the exchange cannot be reached
}

func runDoctor(ctx context.Context, env *Env) error {
	d := &doctor{env: env}
	d.checkFiles()
	d.checkWay(ctx)
	d.checkGateway(ctx)
	d.checkProcess()
	if ctx.Err() != nil { // what was found by then is no finding
		return context.Cause(ctx)
	}
	if err := d.print(); err != nil {
		return err
	}
	return d.verdict()
}

func (d *doctor) print() error {
	if d.env.forPeople() {
		return d.env.write(render.AppendFindings(nil, d.env.OutLook, d.findings))
	}
	check := func(f render.Finding) string { return f.Check }
	return printNamed(d.env, d.findings, check, nil)
}

// verdict is the error that the failed checks make together.
func (d *doctor) verdict() error {
	var failed []string
	for _, f := range d.findings {
		if f.State == render.FindingFail && !slices.Contains(failed, f.Check) {
			failed = append(failed, f.Check)
		}
	}
	switch {
	case d.apart:
		e := explain(wire.Failf(wire.CodeUnreachable, wire.No, "the exchange at %s cannot be reached", d.env.Settings.Exchange))
		e.Unasked = true
		return e
	case len(failed) > 0:
		return &Error{Code: codeInternal, Exit: ExitInternal, Message: "failed: " + strings.Join(failed, ", ")}
	}
	return nil
}

func (d *doctor) ok(check, format string, args ...any) {
	d.add(check, render.FindingOK, "", format, args...)
}

func (d *doctor) warn(check, hint, format string, args ...any) {
	d.add(check, render.FindingWarn, hint, format, args...)
}

func (d *doctor) fail(check, hint, format string, args ...any) {
	d.add(check, render.FindingFail, hint, format, args...)
}

func (d *doctor) add(check, state, hint, format string, args ...any) {
	d.findings = append(d.findings, render.Finding{Check: check, State: state, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// within is ctx for one check.
func (d *doctor) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d.env.Settings.ConnectTimeout)
}
