package command

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/netsvc/netsvc/internal/config"
)

// contextsAbout is the first line of the file of contexts.
const contextsAbout = `Contexts of netsvc, kept by "netsvc context". Edit it if you like; comments are lost at the next change.`

// changeContexts edits the file of contexts.
func (e *Env) changeContexts(ctx context.Context, edit func(*config.Contexts) error) error {
	ctx, cancel := e.bounded(ctx)
	defer cancel()
	return config.Change(ctx, e.Folder.Contexts(), contextsAbout, edit)
}

func contextAddCommand() *Command {
	return &Command{
		Name:    "context add",
		Section: SectionAdmin,
		Args:    "NAME [ADDR]",
		Summary: "keep an address and other settings under a name",
		Doc: "What the flags -x, -t, --connect-timeout, -o and --color say is kept as well. The new context is\n" +
			"not used until netsvc context use NAME.",
		Flags: []Flag{
			{Name: "gateway", Kind: Text, Arg: "URL", Summary: "keep the URL of a gateway, too"},
			{Name: "force", Kind: Switch, Summary: "replace a context of that name"},
		},
		MinArgs: 1, MaxArgs: 2,
		Formats: []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatName, FormatRaw}, // to be kept
		Lenient: true,
		Run:     runContextAdd,
	}
}

func runContextAdd(ctx context.Context, env *Env) error {
	name := env.Args[0]
	if !isContextName(name) {
		return usage("letters, digits, and inside - . _", "no name for a context: %q", name)
	}
	values, err := env.givenValues()
	if err != nil {
		return err
	}
	err = env.changeContexts(ctx, func(contexts *config.Contexts) error {
		if _, there := contexts.Named[name]; there && !env.Flags.Bool("force") {
			return usage("--force replaces it", "there is a context %s already", name)
		}
		if contexts.Named == nil {
			contexts.Named = make(map[string]config.Values)
		}
		contexts.Named[name] = values
		return nil
	})
	if err == nil {
		env.Log.Info("the context is kept", "context", name, "file", env.Folder.Contexts())
	}
	return err
}

// maxContextName is how many bytes the name of a context may have.
const maxContextName = 64

// isContextName reports whether a text can name a context: one that needs no quotes in a shell,
// and is no flag.
func isContextName(text string) bool {
	allowed := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-._", r) }
	first := strings.IndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	return first == 0 && len(text) <= maxContextName && strings.IndexFunc(text, func(r rune) bool { return !allowed(r) }) < 0
}

// givenValues are the settings that flags give, and the address.
func (e *Env) givenValues() (config.Values, error) {
	var values config.Values
	said := false
	for _, s := range e.Settings.All {
		if value := values.Of(s.Name); value != nil && s.Origin == originFlag(s.Name) {
			*value, said = s.Value, true
		}
	}
	if len(e.Args) > 1 {
		if values.Exchange != "" {
			return values, usage("", "the address is given twice: %s and --exchange %s", e.Args[1], values.Exchange)
		}
		values.Exchange = e.Args[1]
	}
	if !said && values.Exchange == "" {
		return values, usage("netsvc context add NAME ADDR", "nothing to keep: neither an address nor a flag is given")
	}
	err := makeLasting(&values)
	return values, err
}

// makeLasting gives the address a form that means the same wherever a command runs.
func makeLasting(values *config.Values) error {
	if values.Exchange == "" {
		return nil
	}
	place, err := ParsePlace(values.Exchange)
	if err != nil {
		return err
	}
	if place.Path != "" {
		if place.Path, err = filepath.Abs(place.Path); err != nil {
			return err
		}
	}
	values.Exchange = place.Target()
	return nil
}

func contextUseCommand() *Command {
	return &Command{
		Name:    "context use",
		Section: SectionAdmin,
		Args:    "NAME",
		Summary: "make a context the current one",
		MinArgs: 1, MaxArgs: 1,
		Lenient:  true,
		Complete: anyContext,
		Run:      runContextUse,
	}
}

func runContextUse(ctx context.Context, env *Env) error {
	name := env.Args[0]
	err := env.changeContexts(ctx, func(contexts *config.Contexts) error {
		if _, unknown := findContext(*contexts, name); unknown != nil {
			return unknown
		}
		contexts.Current = name
		return nil
	})
	if err == nil {
		env.sayUsed(name)
	}
	return err
}

// sayUsed says what is current now, and what is stronger than that.
func (e *Env) sayUsed(name string) {
	e.Log.Info("the context is the current one", "context", name)
	for _, setting := range []string{"context", "exchange"} {
		if s := e.Settings.Of(setting); strings.HasPrefix(string(s.Origin), "environment ") {
			e.Log.Warn(fmt.Sprintf("%s is stronger", s.Origin), setting, s.Value)
		}
	}
}

func contextRmCommand() *Command {
	return &Command{
		Name:    "context rm",
		Section: SectionAdmin,
		Args:    "NAME",
		Summary: "forget a context; when it was the current one there is none",
		MinArgs: 1, MaxArgs: 1,
		Lenient:  true,
		Complete: anyContext,
		Run:      runContextRm,
	}
}

func runContextRm(ctx context.Context, env *Env) error {
	name := env.Args[0]
	err := env.changeContexts(ctx, func(contexts *config.Contexts) error {
		if _, kept := contexts.Named[name]; !kept {
			return notKept(*contexts, name)
		}
		delete(contexts.Named, name)
		if contexts.Current == name {
			contexts.Current = ""
		}
		return nil
	})
	if err == nil {
		env.Log.Info("the context is gone", "context", name)
	}
	return err
}

// notKept is the error of forgetting what is in no file.
func notKept(contexts config.Contexts, name string) error {
	if _, unknown := findContext(contexts, name); unknown != nil {
		return unknown
	}
	return usage("", "%s is always there", name)
}
