package command

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netsvc/netsvc/internal/completion"
	"github.com/netsvc/netsvc/pkg/service"
)

// completeName is the command that the scripts of shells ask.
const completeName = "__complete"

// completePatience is how long candidates are looked up at an exchange. With the start of the
// process and the goodbye to the exchange a person who pressed a key waits for less than 300 ms.
const completePatience = 160 * time.Millisecond

func completeCommand() *Command {
	return &Command{
		Name:    completeName,
		Section: SectionAdmin,
		Summary: "say what may stand at the cursor of a line, for the scripts of shells",
		Hidden:  true,
		Flags: []Flag{
			{Name: "line", Kind: Text, Arg: "LINE", Summary: "the command line as it is typed"},
			{Name: "point", Kind: Text, Arg: "N", Summary: "the byte of it at which the cursor is"},
		},
		Lenient: true,
		Typed:   true,
		Run:     runComplete,
	}
}

// lineFrom is the line in the flags, in words. Without a place that can be read the cursor is at
// the end.
func lineFrom(line, point string) completion.Line {
	at, err := strconv.Atoi(point)
	if err != nil {
		at = len(line)
	}
	return completion.Split(line, at)
}

// adopted are the global flags of a line that say where it would look, and so where those who
// complete it have to.
var adopted = []string{"--exchange=", "--context="}

// Completing returns line itself, or when it asks for the completion of another line, with what
// that one says of the exchange.
func (t Table) Completing(line Line) Line {
	if line.Command == nil || line.Command.Name != completeName {
		return line
	}
	q := Query{flags: line.Flags}
	text, _ := q.Flag("line")
	point, _ := q.Flag("point")
	typed := lineFrom(text, point)
	if len(typed.Before) == 0 {
		return line
	}
	typed.Before = typed.Before[1:]
	for _, flag := range t.typing(typed).whole.Globals {
		if slices.ContainsFunc(adopted, func(name string) bool { return strings.HasPrefix(flag, name) }) {
			line.Globals = append(line.Globals, flag)
		}
	}
	return line
}

// runComplete prints the candidates, one a line, and what belongs behind them. Whatever is wrong
// with the line, the settings or the exchange makes them fewer and is no error: nobody reads one
// while typing.
func runComplete(ctx context.Context, env *Env) error {
	ctx, cancel := context.WithTimeout(ctx, completePatience)
	defer cancel()
	line := lineFrom(env.Flags.String("line"), env.Flags.String("point"))
	var result completion.Result
	if len(line.Before) > 0 {
		line.Before = line.Before[1:] // the program's name
		result = env.Table.Complete(ctx, line, env, &completion.Live{Connect: env.connectSurely})
	}
	return env.write(appendResult(nil, &result))
}

// connectSurely connects to the exchange that is meant, or to none: with settings that cannot be
// used it would be another one.
func (e *Env) connectSurely(ctx context.Context) (*service.Conn, error) {
	if len(e.Settings.Problems) > 0 {
		return nil, e.Settings.Problems[0]
	}
	return e.Connect(ctx, false)
}

// appendResult writes candidates for the scripts of shells.
func appendResult(dst []byte, r *completion.Result) []byte {
	for _, c := range r.Candidates {
		dst = fmt.Appendf(dst, "%s\t%s\n", c.Text, c.Description)
	}
	switch {
	case r.Files:
		return append(dst, ":2\n"...)
	case r.Open():
		return append(dst, ":1\n"...)
	}
	return append(dst, ":0\n"...)
}
