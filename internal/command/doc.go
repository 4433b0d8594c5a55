// Package command is the table of netsvc's commands, shared by all who run them: the command
// line, the prompt, the screens. A [Command] has a name, the form of its arguments, its flags
// and a func that runs it in an [Env]; nothing in it knows a process, a terminal or a way to
// exit.
//
//	words ── Table.Split ──> Line ── flags ──> Env ── Command.Execute ──> results on Env.Out
//	                                                            └───────> error ── Explain ──> Error
//
// # Words
//
// [Table.Split] sorts a command line: flags may stand anywhere before "--", negative numbers
// are arguments. Whoever runs the command hands the flags over as [Flags], and
// [Command.Resolve] makes [Settings] of them, the environment and the user's files.
//
// # Results and errors
//
// Results go to Env.Out in the format asked for, and nothing else does: a command prints values,
// lists and shapes by the funcs in output.go, which know all formats and the expression of --jq.
// What it waits for is said by [Progress], as long as the deadline of Env lasts. A command that fails
// returns an error of any kind; [Explain] turns it into an [Error] with the exit code and the
// line that a person or a program reads. The table of exit codes is in errors.go.
//
// # Typing
//
// [Table.Complete] finds what may stand at the cursor of a line that is not finished. Each command
// and flag has a [Completer] for what only it knows; none of them calls a method. Help and the manual
// page are made of the same table ([Command.Help], [Table.Help]).
//
// # Time
//
// A command ends when its context does. A connection is given Settings.ConnectTimeout, and a
// whole command Settings.Timeout.
package command
