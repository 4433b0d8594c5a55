package repl

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sahilm/fuzzy"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/internal/completion"
	"github.com/netsvc/netsvc/internal/render"
)

// Completion is what may stand at the cursor of a line at the prompt.
type Completion struct {
	Start int      // the byte of the line from which on Words stand for what is typed up to the cursor
	Words []string // as they are to be put there: quoted, and with a blank behind a single one that is whole
	Note  string   // something to show above the prompt, safe for a terminal; may be empty, may have several lines
}

// Completer finds what may stand at the cursor of a line at the prompt: commands, services and their
// methods, arguments, variables, files. It calls no method. Beside the table of commands, which
// completes the command line, it knows the language of the prompt.
type Completer struct {
	Table     command.Table       // the commands of the prompt
	Env       *command.Env        // that of the commands
	Registry  completion.Registry // what is known of services; it is not waited for
	Use       string              // the service in use, or empty
	Variables []string            // names, without their sign
	Columns   int                 // of the terminal; zero when nobody knows
}

// maxListed is how many words a note lists.
const maxListed = 100

// Complete finds what may stand at the cursor, the byte point of the line. Where nothing begins like
// the word there, words that have its letters in this order are found: a single one as a word, several
// in the note.
func (c *Completer) Complete(ctx context.Context, line string, point int) Completion {
	at := cursorAt(line, point)
	found := Completion{Start: at.start}
	typed := line[at.start:min(max(point, at.start), len(line))]
	switch at.part {
	case partForeign:
		return found
	case partFile:
		found.Words = inserted(files("", at.word), at.quote)
		return found.within(typed, c.Columns)
	case partStatement:
	}
	s := c.statement(at)
	list := s.candidates(ctx, s.word)
	if len(list) == 0 && s.word != "" && len(s.variables()) == 0 {
		list = s.fuzzy(ctx)
	}
	for i := range list {
		list[i].Text = strings.TrimPrefix(list[i].Text, s.used)
	}
	found.Words = inserted(list, at.quote)
	found.Words = append(found.Words, s.variables()...)
	if len(list) == 0 && len(found.Words) == 1 {
		found.Words[0] += " "
	}
	for i := range found.Words {
		found.Words[i] = s.prefix + found.Words[i]
	}
	found.Note = s.signature(ctx)
	return found.within(typed, c.Columns)
}

// within takes the words away where a person would lose letters that are typed: those that they all
// begin with must go on from these. Then they are shown.
func (f Completion) within(typed string, columns int) Completion {
	common := commonPrefix(f.Words)
	if len(f.Words) == 1 || strings.HasPrefix(common, typed) && (f.Note == "" || common == "") {
		return f
	}
	if len(f.Words) > 0 {
		f.Note = strings.TrimPrefix(f.Note+"\n"+inColumns(f.Words[:min(len(f.Words), maxListed)], columns), "\n")
	}
	f.Words = nil
	return f
}

func commonPrefix(words []string) string {
	if len(words) == 0 {
		return ""
	}
	common := words[0]
	for _, word := range words[1:] {
		for !strings.HasPrefix(word, common) {
			common = common[:len(common)-1]
		}
	}
	return common
}

// inColumns lists words on as many lines as they need.
func inColumns(words []string, columns int) string {
	if columns == 0 {
		columns = 80
	}
	var lines []string
	line := ""
	for _, word := range words {
		word = strings.TrimSpace(word)
		if line != "" && render.Columns(line)+2+render.Columns(word) >= columns {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += "  "
		}
		line += word
	}
	return strings.Join(append(lines, line), "\n")
}

// statement is the statement at the cursor, as the table of commands knows it.
type statement struct {
	*Completer
	before []string
	word   string
	after  []string
	prefix string // in front of the word, of a language that the table does not know: $x=
	used   string // the service that the word stands behind, when it began with a dot
}

// statement makes one of what is at the cursor: it leaves out what stands around a statement, and
// puts the call where it is not written.
func (c *Completer) statement(at cursor) *statement {
	s := &statement{Completer: c, before: slices.Clone(at.before), word: at.word, after: at.after}
	s.skipAround()
	if len(s.before) == 0 {
		if name, rest, ok := strings.Cut(s.word, "="); ok && strings.HasPrefix(name, "$") {
			s.prefix, s.word = name+"=", rest
		}
	}
	first := len(s.before) == 0 || len(s.before) == 1 && s.command("call")
	if c.Use != "" && first && strings.HasPrefix(s.word, ".") {
		s.used, s.word = c.Use, c.Use+s.word
	}
	if len(s.before) > 0 && strings.HasPrefix(s.target(), ".") {
		s.before[s.targetAt()] = c.Use + s.target()
	}
	if len(s.before) > 0 && s.targetAt() == 0 && strings.Contains(s.before[0], ".") {
		s.before = append([]string{"call"}, s.before...)
	}
	return s
}

// skipAround leaves out assignments and the words that do something with a whole statement.
func (s *statement) skipAround() {
	for len(s.before) > 0 {
		n := around(s.before)
		if n == 0 || n > len(s.before) {
			return
		}
		s.before = s.before[n:]
	}
}

// around is how many words in front of a statement are none of it.
func around(words []string) int {
	first := words[0]
	switch {
	case first == "time":
		return 1
	case first == "repeat":
		return 2
	case first == "watch" && len(words) > 1 && words[1] == "-n":
		return 3
	case first == "watch":
		return 1
	case strings.HasPrefix(first, "$") && strings.HasSuffix(first, "="):
		return 1
	case strings.HasPrefix(first, "$") && len(words) > 1 && words[1] == "=":
		return 2
	}
	return 0
}

// command reports whether the first word names that command.
func (s *statement) command(name string) bool {
	c, err := s.Table.Find(s.before[0])
	return err == nil && c.Name == name
}

func (s *statement) targetAt() int {
	if s.command("call") && len(s.before) > 1 {
		return 1
	}
	return 0
}

// target is the word where a target may stand.
func (s *statement) target() string { return s.before[s.targetAt()] }

// candidates are those that begin like a word.
func (s *statement) candidates(ctx context.Context, word string) []completion.Candidate {
	line := completion.Line{Before: s.before, Word: word, After: s.after}
	result := s.Table.Complete(ctx, line, s.Env, s.Registry)
	list := result.Candidates
	if len(s.before) == 0 {
		targets := completion.Collect(word)
		completion.Targets(ctx, s.Registry, targets)
		list = append(list, targets.Result().Candidates...)
	}
	if result.Files {
		sign, path := pathOf(word)
		list = append(list, files(sign, path)...)
	}
	return list
}

// formOf divides a word into the name of an argument with its sign, and the form behind it.
func formOf(word string) (sign, form string) {
	name, form, ok := strings.Cut(word, "=")
	if !ok || strings.HasPrefix(word, "$") {
		return "", word
	}
	return name + "=", form
}

// variables are those whose names begin like the word, or like the form in it. A word that is empty
// may become anything, but in front of a statement that is a statement in most cases.
func (s *statement) variables() []string {
	sign, form := formOf(s.word)
	if s.word == "" && (len(s.before) == 0 || !s.command("call")) {
		return nil
	}
	var words []string
	for _, name := range s.Variables {
		if strings.HasPrefix("$"+name, form) && (form != "" || s.word == "") {
			words = append(words, sign+"$"+name)
		}
	}
	return words
}

// fuzzy are the candidates that have the letters of the word in this order, the best first. What
// stands before the last part of the word must stand there in the same way.
func (s *statement) fuzzy(ctx context.Context) []completion.Candidate {
	base := s.word[:strings.LastIndexAny(s.word, ".=@:-")+1]
	list := s.candidates(ctx, base)
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = strings.TrimPrefix(list[i].Text, base)
	}
	var found []completion.Candidate
	for _, m := range fuzzy.Find(s.word[len(base):], texts) {
		found = append(found, list[m.Index])
	}
	return found
}

// signature is the line of the method whose arguments are typed, where the next one is still empty.
func (s *statement) signature(ctx context.Context) string {
	if s.word != "" || len(s.before) < 2 || !s.command("call") {
		return ""
	}
	sig := completion.Signature(ctx, s.Registry, s.before[1])
	if sig == nil {
		return ""
	}
	return render.Clean(render.UsageOf(sig))
}

// pathOf divides a word into the sign of a file and its path.
func pathOf(word string) (sign, path string) {
	if strings.HasPrefix(word, "-") {
		_, path, _ := strings.Cut(word, "=")
		return strings.TrimSuffix(word, path), path
	}
	_, form := formOf(word)
	for _, sign := range []string{"@", ":@", "bytes:@"} {
		if path, ok := strings.CutPrefix(form, sign); ok {
			return strings.TrimSuffix(word, path), path
		}
	}
	return "", word
}

// maxFiles is how many files of a folder are looked at.
const maxFiles = 10_000

// files offers those whose paths begin like one, behind a sign.
func files(sign, path string) []completion.Candidate {
	folder, name := filepath.Split(path)
	at := folder
	if at == "" {
		at = "."
	}
	dir, err := os.Open(at)
	if err != nil {
		return nil
	}
	defer dir.Close()
	entries, _ := dir.ReadDir(maxFiles) // what was read before an error is there as well
	c := completion.Collect(name)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(name, ".") {
			continue
		}
		if info, err := os.Stat(filepath.Join(at, e.Name())); err == nil && info.IsDir() {
			c.AddOpen(e.Name()+"/", "")
			continue
		}
		c.Add(e.Name(), "")
	}
	list := c.Result().Candidates
	slices.SortFunc(list, func(a, b completion.Candidate) int { return strings.Compare(a.Text, b.Text) })
	for i := range list {
		list[i].Text = sign + folder + list[i].Text
	}
	return list
}
