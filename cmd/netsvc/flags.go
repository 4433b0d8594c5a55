package main

import (
	"flag"
	"io"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/netsvc/netsvc/internal/command"
)

// readFlags reads the flags of a sorted line by urfave/cli, and makes the context that a command
// has them from. The line comes with known flags and checked values. The library's App is left out:
// docs/decisions/0033 says why.
func readFlags(line command.Line) (*cli.Context, error) {
	set := flag.NewFlagSet(line.Command.Name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	for _, f := range cliFlags(slices.Concat(command.GlobalFlags(), line.Command.Flags)) {
		if err := f.Apply(set); err != nil {
			return nil, err
		}
	}
	given := line.Given()
	if err := set.Parse(slices.Concat(single(line), []string{"--"}, line.Args)); err != nil {
		return nil, command.Usage("", "%v", err)
	}
	for _, name := range lists(line.Command.Flags) {
		// One by one, values with a comma would be taken for several.
		if values := given.StringSlice(name); len(values) > 0 {
			if err := set.Set(name, cli.NewStringSlice(values...).Serialize()); err != nil {
				return nil, command.Usage("", "%v", err)
			}
		}
	}
	return cli.NewContext(nil, set, nil), nil
}

// single are the flags of a line that are no list.
func single(line command.Line) []string {
	several := lists(line.Command.Flags)
	return slices.DeleteFunc(slices.Concat(line.Globals, line.Flags), func(word string) bool {
		return slices.ContainsFunc(several, func(name string) bool { return command.IsFlag(word, name) })
	})
}

// lists are the names of the flags that have several values.
func lists(flags []command.Flag) []string {
	var names []string
	for _, f := range flags {
		if f.Kind == command.Texts {
			names = append(names, f.Name)
		}
		if f.Into != "" && !slices.Contains(names, f.Into) {
			names = append(names, f.Into)
		}
	}
	return names
}

// cliFlags are flags in the library's form. Help and the version are asked for before it sees the
// line.
func cliFlags(flags []command.Flag) []cli.Flag {
	var list []cli.Flag
	for _, f := range flags {
		if f.Name != "help" && f.Name != "version" && f.Kind != command.Texts {
			list = append(list, cliFlag(f))
		}
	}
	for _, name := range lists(flags) {
		list = append(list, &cli.StringSliceFlag{Name: name})
	}
	return list
}

func cliFlag(f command.Flag) cli.Flag {
	switch f.Kind {
	case command.Switch:
		return &cli.BoolFlag{Name: f.Name}
	case command.Duration:
		return &cli.DurationFlag{Name: f.Name}
	case command.Count, command.Size:
		return &cli.IntFlag{Name: f.Name}
	case command.Text, command.Texts:
	}
	return &cli.StringFlag{Name: f.Name}
}
