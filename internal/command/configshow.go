package command

import (
	"context"
	"slices"

	"github.com/netsvc/netsvc/internal/render"
)

func configCommand() *Command {
	return &Command{
		Name:    "config",
		Section: SectionAdmin,
		Args:    "COMMAND",
		Summary: "show the settings in force",
		Lenient: true,
		Sub:     Table{configShowCommand()},
	}
}

func configShowCommand() *Command {
	return &Command{
		Name:    "config show",
		Section: SectionAdmin,
		Summary: "show every setting",
		Doc: "The strongest that says something decides: a flag, which --context is too, the environment, the\n" +
			"current context, the file config.toml, the default.",
		Flags:   []Flag{{Name: "origin", Kind: Switch, Summary: "show where each comes from, too"}},
		Formats: []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatName, FormatRaw},
		Lenient: true,
		Run:     runConfigShow,
	}
}

// runConfigShow shows the settings even where something is wrong with what they come from, and
// then says what.
func runConfigShow(_ context.Context, env *Env) error {
	settings := slices.Clone(env.Settings.All)
	header := []string{"NAME", "VALUE", "ORIGIN"}
	if !env.Flags.Bool("origin") {
		header = header[:2]
		for i := range settings {
			settings[i].Origin = ""
		}
	}
	name := func(s Setting) string { return s.Name }
	err := printNamed(env, settings, name, func() *render.Table {
		table := &render.Table{Header: header}
		for _, s := range settings {
			table.Add(s.Name, s.Value, string(s.Origin))
		}
		return table
	})
	if err == nil && len(env.Settings.Problems) > 0 {
		return env.Settings.Problems[0]
	}
	return err
}
