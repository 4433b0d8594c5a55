package command

import (
	"context"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
)

func runCommand() *Command {
	call := callCommand()
	return &Command{
		Name:    "run",
		Section: SectionUse,
		Args:    "NAME [ARG...]",
		Summary: "make a saved call again",
		Doc: "NAME is what netsvc call --save NAME has kept: the target, the arguments, and the flags below.\n" +
			"Arguments come behind the saved ones; one given by name takes the place of a saved one of that\n" +
			"name. Flags given here are stronger than saved ones: --each=false takes one back. The exchange,\n" +
			"the timeout and the output format are those of today.",
		Flags:   slices.DeleteFunc(callFlags(), func(f Flag) bool { return f.Name == "save" }),
		MinArgs: 1, MaxArgs: -1, Values: 1,
		Formats:  call.Formats,
		Complete: runnable,
		Run:      runRun,
	}
}

func runRun(ctx context.Context, env *Env) error {
	saved, err := env.readCall(env.Args[0])
	if err != nil {
		return err
	}
	again := *env
	again.Args = append([]string{saved.Target}, env.Args[1:]...)
	again.Flags = layer(env.Flags, saved.Flags)
	return makeCall(ctx, &again, saved.Args)
}

// line is the arguments of the call as words: those of a saved call, and the ones given now. The
// signature must be known, for it says what a name is.
func (c *call) line() []string {
	given := map[string]bool{}
	for _, word := range c.words {
		given[value.SplitWord(word, c.signature()).Name] = true
	}
	var line []string
	for _, word := range c.saved {
		if name := value.SplitWord(word, c.signature()).Name; name == "" || !given[name] {
			line = append(line, word)
		}
	}
	return append(line, c.words...)
}

// checkWords refuses --args beside words, the saved ones included.
func (c *call) checkWords() error {
	words := slices.Concat(c.saved, c.words)
	if c.env.Flags.IsSet("args") && len(words) > 0 {
		return usage("", "call: --args and words do not go together: %s", strings.Join(words, " "))
	}
	return nil
}
