package completion

import (
	"slices"
	"strings"

	"github.com/netsvc/netsvc/internal/render"
)

// Candidate is one text that may stand at the cursor.
type Candidate struct {
	Text        string // the whole word, plain
	Description string // one line, safe to show; may be empty
	Open        bool   // the word may go on: no blank belongs behind it
}

// Result is all that may stand there.
type Result struct {
	Candidates []Candidate // each text once
	Files      bool        // a file's name may stand there; who shows the result knows the files
}

// Open reports whether a candidate wants no blank behind it. One list has one answer.
func (r *Result) Open() bool {
	return slices.ContainsFunc(r.Candidates, func(c Candidate) bool { return c.Open })
}

// maxCandidates is how many candidates there can be. More than these help nobody to choose; the
// last ones are dropped.
const maxCandidates = 1000

// Candidates collects the candidates for one place of a line.
type Candidates struct {
	word   string // what is typed there
	prefix string // what stays before it
	result *Result
}

// Collect begins to collect for a word.
func Collect(word string) *Candidates { return &Candidates{word: word, result: &Result{}} }

// Word is what has been typed of what is wanted here.
func (c *Candidates) Word() string { return c.word }

// Behind is the place behind the first part of the word, which stays as it is: what is added there
// goes to the same result. Word must begin with prefix.
func (c *Candidates) Behind(prefix string) *Candidates {
	return &Candidates{word: strings.TrimPrefix(c.word, prefix), prefix: c.prefix + prefix, result: c.result}
}

// under is the place behind a prefix that the word has not reached yet.
func (c *Candidates) under(prefix string) *Candidates {
	return &Candidates{prefix: c.prefix + prefix, result: c.result}
}

// Add offers a text, if it begins like what is typed and can be shown as it is.
func (c *Candidates) Add(text, description string) { c.add(Candidate{text, description, false}) }

// AddOpen offers a text behind which more of the same word may follow.
func (c *Candidates) AddOpen(text, description string) { c.add(Candidate{text, description, true}) }

func (c *Candidates) add(n Candidate) {
	if !strings.HasPrefix(n.Text, c.word) || render.Clean(n.Text) != n.Text || len(c.result.Candidates) == maxCandidates {
		return
	}
	n.Text = c.prefix + n.Text
	if slices.ContainsFunc(c.result.Candidates, func(known Candidate) bool { return known.Text == n.Text }) {
		return
	}
	n.Description = render.Clean(strings.TrimSpace(n.Description))
	c.result.Candidates = append(c.result.Candidates, n)
}

// AddFiles offers the names of files.
func (c *Candidates) AddFiles() { c.result.Files = true }

// Result is what was collected so far.
func (c *Candidates) Result() Result { return *c.result }
