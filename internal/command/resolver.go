package command

import (
	"errors"
	"strings"

	"github.com/netsvc/netsvc/internal/config"
)

// resolver makes settings. It takes each from the strongest source that says something.
type resolver struct {
	flags  Flags
	getenv func(string) string
	folder config.Folder

	config         config.Config
	configFile     *config.File
	configBroken   bool // the file could not be read
	contexts       config.Contexts
	contextsFile   *config.File
	contextsBroken bool

	chosen config.Values // what the context says
	byFlag bool          // --context chose it

	settings Settings
	err      error // the first that is of a flag
}

// source is one of those that may say something about a setting.
type source struct {
	origin Origin
	said   bool
	text   string
	fail   func(what *complaint) *Error // makes the error of a text that cannot be used
	flag   bool                         // such an error is the user's, not a problem of the surroundings
}

// read reads the files. One that is broken says nothing.
func (r *resolver) read() {
	var err error
	if r.contextsFile, err = config.Read(r.folder.Contexts(), &r.contexts); err != nil {
		r.contexts, r.contextsBroken = config.Contexts{}, true
		r.problem(explain(err))
	}
	if r.configFile, err = config.Read(r.folder.Config(), &r.config); err != nil {
		r.config, r.configBroken = config.Config{}, true
		r.problem(explain(err))
	}
	origin := originDefault
	if r.getenv(envConfig) != "" {
		origin = originVariable(envConfig)
	}
	r.show("config", r.folder.Config(), origin)
}

func (r *resolver) show(name, text string, origin Origin) {
	r.settings.All = append(r.settings.All, Setting{name, text, origin})
}

// problem keeps what is wrong with a file or the environment.
func (r *resolver) problem(e *Error) { r.settings.Problems = append(r.settings.Problems, e) }

// settle finds one setting. A source whose text cannot be used is passed over.
func (r *resolver) settle(row *setting) {
	for _, from := range r.sources(row) {
		if !from.said {
			continue
		}
		shown, err := row.take(&r.settings, from.text)
		var what *complaint
		if !errors.As(err, &what) {
			r.show(row.name, shown, from.origin)
			return
		}
		r.refuse(from, from.fail(what))
	}
}

func (r *resolver) refuse(from source, e *Error) {
	switch {
	case !from.flag:
		r.problem(e)
	case r.err == nil:
		r.err = e
	}
}

// sources are those that may say something about a setting, the strongest first.
func (r *resolver) sources(row *setting) []source {
	flag, variable, context, file := r.ofFlag(row), r.ofVariable(row), r.ofContext(row), r.ofFile(row)
	standard := source{origin: originDefault, said: true, text: row.standard}
	if r.byFlag {
		return []source{flag, context, variable, file, standard}
	}
	return []source{flag, variable, context, file, standard}
}

// ofFlag is what a flag says. Of logs --verbose and --quiet speak.
func (r *resolver) ofFlag(row *setting) source {
	name, text, said := row.name, "", r.flags.IsSet(row.name)
	switch {
	case row.name == "log" && r.settings.Verbose:
		name, text, said = "verbose", "debug", true
	case row.name == "log" && r.settings.Quiet:
		name, text, said = "quiet", "warn", true
	case row.duration:
		text = r.flags.Duration(name).String()
	default:
		text = r.flags.String(name)
	}
	return source{originFlag(name), said, text, func(what *complaint) *Error {
		if row.name == "exchange" {
			return what.error("")
		}
		return what.error("--" + name)
	}, true}
}

// ofVariable is what the environment says. Of colours NO_COLOR, CLICOLOR_FORCE and TERM=dumb
// speak: they are obeyed where it is decided automatically whether there are any.
func (r *resolver) ofVariable(row *setting) source {
	name := row.variable
	text := ""
	switch {
	case row.name == "color" && r.getenv("NO_COLOR") != "":
		name, text = "NO_COLOR", row.standard
	case row.name == "color" && r.getenv("CLICOLOR_FORCE") != "":
		name, text = "CLICOLOR_FORCE", row.standard
	case row.name == "color" && r.getenv("TERM") == "dumb":
		name, text = "TERM", row.standard
	case name != "":
		text = r.getenv(name)
	}
	return source{originVariable(name), text != "", text, func(what *complaint) *Error { return what.error(name) }, false}
}

func (r *resolver) ofContext(row *setting) source {
	name, text := r.settings.Context, *r.chosen.Of(row.name)
	return source{originContext(name), text != "", text, func(what *complaint) *Error {
		return what.ofFile(r.contextsFile, "context", name, row.name)
	}, false}
}

func (r *resolver) ofFile(row *setting) source {
	text := *r.config.Of(row.name)
	return source{originFile(r.folder.Config()), text != "", text, func(what *complaint) *Error {
		return what.ofFile(r.configFile, row.name)
	}, false}
}

func originFlag(name string) Origin     { return Origin("flag --" + name) }
func originVariable(name string) Origin { return Origin("environment " + name) }
func originContext(name string) Origin  { return Origin("context " + name) }
func originFile(path string) Origin     { return Origin("file " + path) }

// error makes the error of what somebody said; with no name it stands for itself.
func (c *complaint) error(name string) *Error {
	text := name + c.text
	if name == "" {
		text = strings.TrimPrefix(text, ": ")
	}
	err := usage(c.hint, "%s", text)
	if c.near != "" {
		err.meant(c.near)
	}
	return err
}

// ofFile makes the error of what a file says under a key.
func (c *complaint) ofFile(f *config.File, key ...string) *Error {
	err := explain(f.Fault(key, c.text, c.near))
	if err.Hint == "" {
		err.Hint = c.hint
	}
	return err
}
