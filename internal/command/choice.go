package command

import (
	"maps"
	"slices"

	"github.com/netsvc/netsvc/internal/config"
)

// localContext is always there: the exchange of this machine, unless somebody keeps another
// context of that name.
const localContext = "local"

func localValues() config.Values { return config.Values{Exchange: DefaultExchange} }

// choose finds the context: the one that --context, the environment, contexts.toml or config.toml
// names. When nobody does it is local, unless config.toml says which exchange to use.
func (r *resolver) choose() {
	file := r.folder.Contexts()
	switch {
	case r.flags.IsSet("context"):
		r.byFlag = true
		r.take(r.flags.String("context"), originFlag("context"), "")
	case r.getenv(envContext) != "":
		r.take(r.getenv(envContext), originVariable(envContext), envContext+": ")
	case r.contexts.Current != "":
		r.take(r.contexts.Current, originFile(file), file+": current: ")
	case r.config.Context != "":
		r.take(r.config.Context, originFile(r.folder.Config()), r.folder.Config()+": context: ")
	case r.config.Exchange == "" && !r.configBroken && !r.contextsBroken:
		r.settings.Context, r.chosen = localContext, r.contexts.Named[localContext]
		r.show("context", localContext, originDefault)
	default:
		r.show("context", "", originDefault)
	}
}

// take takes the context of a name, which whoever named it is answerable for.
func (r *resolver) take(name string, origin Origin, blame string) {
	values, err := findContext(r.contexts, name)
	switch {
	case err == nil:
		r.settings.Context, r.chosen = name, values
	case r.contextsBroken: // which has been said, and may be why
	case blame == "":
		r.err = err
	default:
		err.Message = blame + err.Message
		r.problem(err)
	}
	r.show("context", name, origin)
}

// findContext finds a context by its name.
func findContext(contexts config.Contexts, name string) (config.Values, *Error) {
	if values, ok := contexts.Named[name]; ok {
		return values, nil
	}
	if name == localContext {
		return localValues(), nil
	}
	err := noContext("no such context: "+name, "netsvc context ls lists them")
	err.meantOneOf(contextNames(contexts), name)
	return config.Values{}, err
}

func noContext(message, hint string) *Error {
	return &Error{Code: codeNoContext, Exit: ExitNotFound, Message: message, Hint: hint}
}

// contextNames are the names of all contexts, sorted.
func contextNames(contexts config.Contexts) []string {
	names := slices.Collect(maps.Keys(contexts.Named))
	if !slices.Contains(names, localContext) {
		names = append(names, localContext)
	}
	slices.Sort(names)
	return names
}
