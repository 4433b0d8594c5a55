// Package repl is the prompt of netsvc and its language: one-line calls with typed arguments, on the
// commands of the command line, with variables, pipes, jobs and scripts.
//
//	netsvc(local)> math.multiply 3 4
//	12
//	netsvc(local)> $s = math.series 5
//	netsvc(local)> $s |> add
//	15
//	netsvc(local)> math.multiply _ 2
//	30
//
// # Language
//
// A text is items, divided by ";" and by the ends of lines. An item is a statement, and what is done
// with its results:
//
//	line   = item , { ";" , item } ;
//	item   = [ "$" name "=" ] , stmt , { "|>" jq } , [ "|" shell | ( ">" | ">>" ) file ] , [ "&" ] | meta | "!" shell ;
//	stmt   = command | target { arg } | json | "$" name path | "_" [ digits ] path | "$(" item ")" ;
//	path   = { "." name | "[" int "]" } ;
//	meta   = "time" item | "watch" [ "-n" dur ] item | "repeat" int item ;
//
// Operators are operators outside quotes and brackets only, and ">" and "&" behind a blank only. What
// follows "|" goes to the system's shell as it is; what follows "|>" is an expression of jq up to
// the next operator. '...' is literal, as in a shell; "..." is a JSON string. "#" begins a comment at
// the start of a line or behind a blank.
//
// A statement whose first word has a dot, and is no command, is a call. All flags of call are there.
//
// # Sessions
//
// A [Session] runs texts: it holds the variables, the jobs, the connection and the settings of
// one prompt or one script. What commands do is in internal/command; nothing of that is done here a
// second time.
package repl
