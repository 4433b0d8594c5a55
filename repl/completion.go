package repl

// Completion is what may stand at the cursor of a line at the prompt.
type Completion struct {
	Start int      // the byte of the line from which on Words stand for what is typed up to the cursor
	Words []string // as they are to be put there: quoted, and with a blank behind a single one that is whole
	Note  string   // something to show above the prompt, safe for a terminal; may be empty, may be of several lines
}
