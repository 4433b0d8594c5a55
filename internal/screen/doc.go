// Package screen runs programs that take the whole screen of a terminal: it is the one place
// that starts bubbletea.
//
// [Run] shows a model in the alternate screen, with at most 30 frames a second, until the model
// quits or its context ends. However it ends, the terminal is as it was before: also when the
// model panics, when nobody is at the terminal any more, and when Ctrl-Z stops the process for a
// while, which is the model's to ask for. What no process survives leaves the terminal as it is.
//
// # Models
//
// A model is made by a func that gets a context. That ends with the program, and everything that
// the model's commands do must end with it: Run waits for them.
//
// Keys come one by one, though bubbletea joins what was typed fast. Only a model with a text
// field in focus, which tells it by a method Typing() bool, gets text as it was typed or pasted.
//
// # Looks
//
// A [Theme] says what the terminal can show. It is made of the environment; the terminal is
// never asked. Colours are the sixteen that the person at the terminal has chosen.
package screen
