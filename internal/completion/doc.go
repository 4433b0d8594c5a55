// Package completion finds what may stand at the cursor of a command line that is being typed.
// It serves all who type: shells by way of netsvc __complete, the prompt, the forms of screens.
//
//	line, point ── Split ──> Line ──┐
//	                                ├── Targets, Services, Arguments ... ──> Candidates ──> Result
//	exchange ── Live, a Registry ───┘
//
// [Split] cuts a line into words as a shell would. [Candidates] collects what begins like the
// word at the cursor. The funcs beside it know what is named where: services, addresses, methods,
// arguments, subjects, groups. What a command and its flags are is not known here; that is the
// table of internal/command.
//
// # No calls
//
// A [Registry] reads what the exchange keeps, and nobody's method runs because somebody pressed
// a key. What is not known before its context ends is left out, so a line can be completed as far
// as possible with an exchange that is away or silent.
//
// # Safe texts
//
// Much of what is offered came over the network. A text that holds what a terminal must not get
// is not offered at all, because whoever picks it would type something else than they see; of a
// description the same characters are made visible. Texts are plain values: whoever puts one into
// a line quotes it in the way of that line.
package completion
