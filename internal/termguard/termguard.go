// Package termguard keeps the packages that netsvc links from talking to the terminal before
// netsvc runs: bubbletea asks it for its colours while it is initialised, and waits for an
// answer, in every process that has it linked in. The terminal of this process is called dumb
// until [Restore], and a dumb terminal is asked nothing.
//
// Whoever imports bubbletea imports this package, and a program that links it calls Restore
// first thing in the init of its main. Go initialises packages in the order of their import
// paths as soon as all that they import is ready. This one imports nothing but os, which
// bubbletea needs, too, along with much that comes after it; so this one is ready first.
package termguard

import "os"

const variable = "TERM"

// dumb is what programs must ask nothing.
const dumb = "dumb"

// term is what the terminal was called, if it had a name.
var term, named = os.LookupEnv(variable)

func init() { os.Setenv(variable, dumb) }

// Restore calls the terminal again what it was called, or by no name. It may be called many
// times, and never beside something that uses the environment.
func Restore() {
	if !named {
		os.Unsetenv(variable)
		return
	}
	os.Setenv(variable, term)
}
