package command

import (
	"context"
	"embed"
)

// scripts are those of the shells. They only ask netsvc __complete.
//
//go:embed shells/netsvc.*
var scripts embed.FS

// shells are those that there is a script for.
var shells = []string{"bash", "zsh", "fish"}

func completionCommand() *Command {
	return &Command{
		Name:    "completion",
		Section: SectionAdmin,
		Args:    "bash|zsh|fish",
		Summary: "print the script by which a shell completes lines of netsvc",
		Doc: "It completes commands, flags, services, methods with their arguments, subjects and groups. What it\n" +
			"offers is looked up at the exchange of the line, and no method is called for it.\n\n" +
			"  bash  eval \"$(netsvc completion bash)\", in ~/.bashrc\n" +
			"  zsh   eval \"$(netsvc completion zsh)\", in ~/.zshrc; or keep it as _netsvc in a\n" +
			"        folder of $fpath\n" +
			"  fish  netsvc completion fish > ~/.config/fish/completions/netsvc.fish",
		MinArgs: 1, MaxArgs: 1,
		Complete: oneOf(shells...),
		Lenient:  true,
		Run:      runCompletion,
	}
}

func runCompletion(_ context.Context, env *Env) error {
	script, err := scripts.ReadFile("shells/netsvc." + env.Args[0])
	if err != nil {
		e := usage("netsvc completion bash|zsh|fish", "there is no completion for %q", env.Args[0])
		e.meantOneOf(shells, env.Args[0])
		return e
	}
	return env.write(script)
}
