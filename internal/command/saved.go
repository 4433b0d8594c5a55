package command

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// callsAbout is the first line of the file of saved calls.
const callsAbout = `Saved calls of netsvc, kept by "netsvc call --save". Edit it if you like; comments are lost at the next change.`

// notSaved are the flags of call that say what is done this time only.
var notSaved = []string{"save", "dry-run", "curl", "gateway"}

// checkSaveName refuses a name that a saved call cannot have.
func checkSaveName(flags Flags) error {
	if name := flags.String("save"); flags.IsSet("save") && !isContextName(name) {
		return usage("letters, digits, and inside - . _", "--save wants a name, not %q", name)
	}
	return nil
}

// save keeps the call, where that is wanted. Its arguments must have been read: what cannot be
// called is not worth keeping.
func (c *call) save(ctx context.Context) error {
	if !c.env.Flags.IsSet("save") {
		return nil
	}
	if c.absent() {
		return notSent(service.ErrNoMethod)
	}
	if err := c.keepsSecrets("a saved call would keep it in a file"); err != nil {
		return err
	}
	name := c.env.Flags.String("save")
	saved := config.Call{Target: c.env.Args[0], Args: c.line(), Flags: savedFlags(c.env.Flags)}
	err := config.Change(ctx, c.env.Folder.Calls(), callsAbout, func(calls *config.Calls) error {
		if calls.Named == nil {
			calls.Named = make(map[string]config.Call)
		}
		calls.Named[name] = saved
		return nil
	})
	if err == nil {
		c.env.Log.Info("the call is kept", "call", name, "file", c.env.Folder.Calls())
	}
	return err
}

// KeepCall keeps the call of a command line under the name of its flag --save, and does not make
// it: arguments are read and checked as for a call, and the errors are those.
func KeepCall(ctx context.Context, env *Env) error {
	c, err := newCall(env, nil)
	if err != nil {
		return err
	}
	if err := c.connect(ctx); err != nil {
		return c.explain(ctx, err)
	}
	ctx, cancel := env.bounded(ctx)
	defer cancel()
	if _, err = c.prepare(ctx); err == nil {
		err = c.save(ctx)
	}
	if err != nil {
		return c.explain(ctx, err)
	}
	return nil
}

// savedFlags are the flags of a call that make it what it is.
func savedFlags(flags Flags) map[string]string {
	saved := map[string]string{}
	for _, f := range callFlags() {
		if !asked(flags, f.Name) || slices.Contains(notSaved, f.Name) {
			continue
		}
		switch f.Kind {
		case Switch:
			saved[f.Name] = "true"
		case Count:
			saved[f.Name] = strconv.Itoa(flags.Int(f.Name))
		default:
			saved[f.Name] = flags.String(f.Name)
		}
	}
	return saved
}

// readCalls reads the calls that are kept, and the file that has them.
func (e *Env) readCalls() (config.Calls, *config.File, error) {
	var calls config.Calls
	file, err := config.Read(e.Folder.Calls(), &calls)
	return calls, file, err
}

// readCall reads a saved call.
func (e *Env) readCall(name string) (config.Call, error) {
	calls, file, err := e.readCalls()
	if err != nil {
		return config.Call{}, err
	}
	saved, there := calls.Named[name]
	if !there {
		return saved, noCall(name, slices.Sorted(maps.Keys(calls.Named)))
	}
	for _, flag := range slices.Sorted(maps.Keys(saved.Flags)) {
		if fault, near := savedFault(flag, saved.Flags[flag]); fault != "" {
			return saved, file.Fault([]string{"call", name, "flags", flag}, fault, near)
		}
	}
	return saved, nil
}

// noCall is the error of a name that no call is kept under.
func noCall(name string, there []string) error {
	if len(there) == 0 {
		return usage("netsvc call ... --save NAME keeps one", "no saved call %s: there are none", name)
	}
	err := usage("", "no saved call %s: there are %s", name, strings.Join(there, ", "))
	err.meantOneOf(there, name)
	return err
}

// savedFault says what is wrong with a flag in the file.
func savedFault(name, text string) (fault, near string) {
	var names []string
	for _, f := range callFlags() {
		if slices.Contains(notSaved, f.Name) {
			continue
		}
		if names = append(names, f.Name); f.Name != name {
			continue
		}
		if _, err := f.canonical(text); err != nil {
			return ": " + err.Error(), ""
		}
		return "", ""
	}
	return " is no flag of a saved call", value.Nearest(name, names)
}

// layer puts flags on top of saved ones. A saved flag that goes with another one goes when that is
// taken back.
func layer(now Flags, saved map[string]string) Flags {
	f := Over(now, savedWords(saved))
	kept := maps.Clone(saved)
	for _, c := range companions {
		if !asked(f, c.of) {
			delete(kept, c.flag)
			f = Over(now, savedWords(kept))
		}
	}
	return f
}

// savedWords are saved flags as a line has them.
func savedWords(saved map[string]string) givenFlags {
	var words givenFlags
	for name, text := range saved {
		words = append(words, "--"+name+"="+text)
	}
	return words
}
