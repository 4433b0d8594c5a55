package repl

import (
	"strings"
	"time"
)

// item is a statement and what is done with its results, or something that is done with another
// item.
type item struct {
	text string // as it was typed

	assign   string   // the variable that gets its value, without "$"; empty for none
	words    []word   // of the statement
	filters  []string // expressions of jq, one behind the other
	pipe     string   // a line of the system's shell that gets the results; empty for none
	file     *word    // the file that gets them; nil for none
	appended bool     // behind what the file holds
	job      bool     // nobody waits for it

	meta   metaKind
	shell  string        // of shellMeta
	times  int           // of repeatMeta
	every  time.Duration // of watchMeta
	inside *item         // of the others
}

type metaKind uint8

const (
	noMeta     metaKind = iota
	shellMeta           // !line
	timeMeta            // time item
	watchMeta           // watch -n every item
	repeatMeta          // repeat times item
)

// parse reads a whole text. An error that is unfinished says that the text goes on.
func parse(text string) ([]*item, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return nil, wrong("", "there is a NUL in the text")
	}
	r := &reader{text: text}
	var items []*item
	for r.skipEnds(); !r.done(); r.skipEnds() {
		it, err := r.readItem()
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, nil
}

// readItem reads an item up to its end. There is something of it.
func (r *reader) readItem() (*item, error) {
	if r.deep++; r.deep > maxDeep {
		return nil, wrong("", "more than %d items inside each other", maxDeep)
	}
	defer func() { r.deep-- }()
	begin := r.pos
	it := &item{}
	if err := r.readWhole(it); err != nil {
		return nil, err
	}
	it.text = strings.Trim(r.text[begin:r.pos], " \t\r\n")
	return it, nil
}

func (r *reader) readWhole(it *item) error {
	if r.take("!") {
		it.meta = shellMeta
		it.shell = r.readShell()
		return orMissing(it.shell != "", "a line of the shell", "!")
	}
	if done, err := r.readMeta(it); done || err != nil {
		return err
	}
	if found := assignment.FindStringSubmatch(r.text[r.pos:]); found != nil {
		it.assign = found[1]
		r.pos += len(found[0])
	}
	if err := r.readStatement(it); err != nil {
		return err
	}
	return r.readSinks(it)
}

// readStatement reads words and filters.
func (r *reader) readStatement(it *item) error {
	for r.skipBlanks(); !r.endsItem() && !r.atOperator(); r.skipBlanks() {
		w, err := r.readWord()
		if err != nil {
			return err
		}
		it.words = append(it.words, w)
	}
	if len(it.words) == 0 {
		return r.missing("a statement")
	}
	for r.take("|>") {
		filter, err := r.readFilter()
		if err != nil {
			return err
		}
		it.filters = append(it.filters, filter)
		r.skipBlanks()
	}
	return nil
}

// readSinks reads where the results go.
func (r *reader) readSinks(it *item) error {
	switch {
	case r.take("|"):
		r.skipGap()
		if it.pipe = r.readShell(); it.pipe == "" {
			return r.missing("a line of the shell behind |")
		}
		it.detach()
		return nil
	case r.at(">") && r.afterBlank():
		if err := r.readFile(it); err != nil {
			return err
		}
	}
	r.skipBlanks()
	if r.at("&") && r.afterBlank() {
		r.pos++
		it.job = true
		r.skipBlanks()
	}
	if !r.endsItem() {
		return wrong("; divides items", "%s has no place here", r.text[r.pos:r.lineEnd()])
	}
	return nil
}

// detach makes a job of an item whose line of the shell ends with "&": by itself that would not get
// the results.
func (it *item) detach() {
	line, ok := strings.CutSuffix(it.pipe, "&")
	if trimmed := strings.TrimRight(line, " \t"); ok && trimmed != "" && trimmed != line {
		it.pipe, it.job = trimmed, true
	}
}

// readFile reads > file or >> file.
func (r *reader) readFile(it *item) error {
	r.pos++
	it.appended = r.take(">")
	r.skipGap()
	if r.endsItem() || r.atOperator() {
		return r.missing("a file behind >")
	}
	w, err := r.readWord()
	if err != nil {
		return err
	}
	it.file = &w
	r.skipBlanks()
	return nil
}

// readFilter reads an expression of jq.
func (r *reader) readFilter() (string, error) {
	r.skipGap()
	begin := r.pos
	for !r.endsItem() && !r.at("|") && !(r.afterBlank() && (r.at(">") || r.at("&") || r.at("#"))) {
		var err error
		switch b := r.text[r.pos]; {
		case b == '\'':
			err = r.skipLiteral()
		case b == '"':
			err = r.skipString()
		case closing[b] != 0:
			err = r.skipBrackets()
		default:
			r.pos++
		}
		if err != nil {
			return "", err
		}
	}
	filter := strings.TrimSpace(r.text[begin:r.pos])
	if filter == "" {
		return "", r.missing("an expression of jq behind |>")
	}
	if inside, ok := strings.CutPrefix(filter, "'"); ok && strings.IndexByte(inside, '\'') == len(inside)-1 {
		return inside[:len(inside)-1], nil // quoted as for a shell
	}
	return filter, nil
}

// readShell reads a line of the system's shell: up to a ";" outside its quotes and brackets, or to
// the end of the line. Brackets that do not match mean nothing.
func (r *reader) readShell() string {
	begin := r.pos
	end, matched := r.shellEnd(true)
	if !matched {
		end, _ = r.shellEnd(false)
	}
	r.pos = end
	return strings.TrimSpace(r.text[begin:end])
}

// shellEnd is where a line of the shell ends that begins at the place.
func (r *reader) shellEnd(brackets bool) (end int, matched bool) {
	deep, quote := 0, byte(0)
	for pos := r.pos; pos < len(r.text); pos++ {
		b := r.text[pos]
		switch {
		case b == '\\' && quote != '\'':
			pos++
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '\'' || b == '"':
			quote = b
		case deep <= 0 && (b == ';' || b == '\n' || b == ')' && r.subs > 0):
			return pos, deep == 0
		case brackets && (b == '(' || b == '{'):
			deep++
		case brackets && (b == ')' || b == '}'):
			deep--
		}
	}
	return len(r.text), deep == 0
}

// readSubItem reads $(item).
func (r *reader) readSubItem() (*item, error) {
	r.pos += len("$(")
	r.subs++
	defer func() { r.subs-- }()
	r.skipBlanks()
	if r.endsItem() && !r.done() {
		return nil, wrong("", "$() has no item")
	}
	it, err := r.readItem()
	if err != nil {
		return nil, err
	}
	if !r.take(")") {
		return nil, &unfinished{"a bracket ( has no end"}
	}
	if it.job {
		return nil, wrong("", "$(... &): a job has no value")
	}
	return it, nil
}
