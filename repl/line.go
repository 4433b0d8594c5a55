package repl

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/netsvc/netsvc/internal/command"
	"github.com/netsvc/netsvc/pkg/value"
)

// lineOf makes a command line of the words of a statement.
func (s *Session) lineOf(ctx context.Context, it *item, to streams, where Where) (command.Line, error) {
	first := it.words[0]
	if v, ok, err := s.literal(it); ok || err != nil {
		return command.Line{Command: valueCommand(v)}, err
	}
	words, err := s.called(it.words)
	if err != nil {
		return command.Line{}, err
	}
	if words[0].text == "unset" {
		words = asTyped(words)
	}
	places := s.places(words)
	texts := make([]string, len(words))
	for i := range words {
		text, err := s.textOf(ctx, &words[i], places[i], to, where)
		if err != nil {
			return command.Line{}, err
		}
		texts[i] = text
	}
	line, err := s.table.Split(texts)
	if err != nil {
		return line, s.orTarget(err, first)
	}
	if line.Version {
		line.Command, err = command.Commands().Find("version")
		return command.Line{Command: line.Command, Globals: line.Globals}, err
	}
	if line.Command == nil {
		return line, wrong("help lists them", "no command in %s", it.text)
	}
	return line, nil
}

// asTyped are words that name variables, and do not stand for their values.
func asTyped(words []word) []word {
	typed := slices.Clone(words)
	for i := range typed {
		if typed[i].kind == refWord {
			typed[i] = word{text: typed[i].raw, raw: typed[i].raw}
		}
	}
	return typed
}

// literal is the value of a statement that is a single value: of a variable, an earlier
// statement, or JSON.
func (s *Session) literal(it *item) (k kept, ok bool, err error) {
	w := it.words[0]
	switch {
	case w.kind == refWord && w.name == "":
		k, err = s.variables.get(w.text)
	case w.kind == stringWord && w.name == "", isJSON(w):
		k, err = literalValue(w)
	default:
		return k, false, nil
	}
	if err == nil && len(it.words) > 1 {
		err = wrong("assign it, or give it to a call", "a value stands alone, without %s", it.words[1].raw)
	}
	return k, true, err
}

func literalValue(w word) (kept, error) {
	text := w.text
	if w.kind == stringWord {
		return encode(text)
	}
	v, err := value.FromJSON([]byte(text), nil)
	if number.MatchString(text) && err != nil {
		v, err = value.ParseForm(text, &value.Type{Kind: value.Number}, nil) // as in .5, which JSON does not know
	}
	if err != nil {
		return kept{}, wrong("a call begins with SERVICE.METHOD", "%s: %v", w.raw, err)
	}
	return encode(v)
}

// number is one as people write it.
var number = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

// isJSON reports whether a word begins like JSON that is no text: such a word is never a command
// or a target. A number is read before a target.
func isJSON(w word) bool {
	if w.kind != plainWord || w.text == "" || w.raw != w.text {
		return false
	}
	switch w.text {
	case "true", "false", "null":
		return true
	}
	return w.text[0] == '[' || w.text[0] == '{' || number.MatchString(w.text)
}

// isFlagWord reports whether a word is a flag.
func isFlagWord(w word) bool { return w.kind == plainWord && strings.HasPrefix(w.raw, "-") }

// isTarget reports whether a word is the target of a call, and no command.
func (s *Session) isTarget(w word) bool {
	text, err := w.plain()
	if err != nil || !strings.Contains(text, ".") || text == ".." {
		return false
	}
	_, err = s.table.Find(text)
	return err != nil
}

// called makes words that begin with a target a call of that.
func (s *Session) called(words []word) ([]word, error) {
	at := s.commandAt(words)
	switch {
	case at < 0:
		return words, nil
	case s.isTarget(words[at]):
		words = slices.Insert(slices.Clone(words), at, word{text: "call", raw: "call"})
	case words[at].text != "call" && words[at].text != "describe" || at+1 == len(words):
		return words, nil
	}
	target, err := s.ofUsed(words[at+1])
	return slices.Concat(words[:at+1], []word{target}, words[at+2:]), err
}

// ofUsed puts the service in use in front of a target that begins with a dot.
func (s *Session) ofUsed(target word) (word, error) {
	if target.kind != plainWord || !strings.HasPrefix(target.text, ".") {
		return target, nil
	}
	if s.used() == "" {
		return target, wrong("use SERVICE comes first", "%s: of which service?", target.text)
	}
	target.text = s.used() + target.text
	return target, nil
}

// commandAt is which word stands where a command does: the first one, or the first behind flags. It
// is -1 where there is none, which the second of two words that are no flags tells: a flag has one value
// at most.
func (s *Session) commandAt(words []word) int {
	if !isFlagWord(words[0]) {
		return 0
	}
	var texts []string
	for i, w := range words {
		texts = append(texts, w.text)
		if isFlagWord(w) {
			continue
		}
		line, err := s.table.Split(texts)
		if err != nil && strings.HasPrefix(err.Error(), unknownCommand) {
			return i
		}
		if line.Command != nil || !isFlagWord(words[i-1]) {
			return -1
		}
	}
	return -1
}

// unknownCommand begins the error of a line that names none.
const unknownCommand = "unknown command"

// marker stands for the word of a number while the line is sorted. No text has a NUL.
func marker(i int) string { return "\x00" + strconv.Itoa(i) }

// places finds which words become arguments that are values.
func (s *Session) places(words []word) map[int]bool {
	texts := make([]string, len(words))
	for i, w := range words {
		if texts[i] = w.text; w.kind != plainWord {
			texts[i] = marker(i)
		}
	}
	line, _ := s.table.Split(texts) // what is wrong comes out when all words are known
	places := map[int]bool{}
	if line.Command == nil || line.Command.Values == 0 {
		return places
	}
	for n, arg := range line.Args {
		if number, ok := strings.CutPrefix(arg, "\x00"); ok && n >= line.Command.Values {
			i, _ := strconv.Atoi(number)
			places[i] = true
		}
	}
	return places
}

// textOf is a word as the command line has it: where a value is wanted, in a form of values.
func (s *Session) textOf(ctx context.Context, w *word, wanted bool, to streams, where Where) (string, error) {
	if !wanted || w.kind == plainWord {
		return w.plain()
	}
	var k kept
	var err error
	switch w.kind {
	case stringWord:
		if w.name != "" && isItsText(w.text) { // so it is right even where the method has no such parameter
			return w.name + "=" + w.text, nil
		}
		k, err = encode(w.text)
	case refWord:
		k, err = s.variables.get(w.text)
	case itemWord:
		k, err = s.valueOf(ctx, w.item, to, where)
	}
	return k.form(w.name), err
}

// isItsText reports whether a form without a type is the text that it is.
func isItsText(form string) bool {
	v, err := value.ParseForm(form, nil, nil)
	text, ok := v.(string)
	return err == nil && ok && text == form
}

// orTarget says of an unknown command that it might be a target.
func (s *Session) orTarget(err error, first word) error {
	e := command.Explain(context.Background(), err)
	if strings.HasPrefix(e.Message, unknownCommand) && e.Hint == "netsvc --help lists the commands" {
		e.Hint = "help lists the commands; a call is SERVICE.METHOD, as in " + exampleCall(first.text)
	}
	return e
}

func exampleCall(word string) string {
	if value.CheckServiceName(word) != nil {
		return "math.multiply 3 4"
	}
	return word + ".METHOD"
}

// valueCommand is what prints a value.
func valueCommand(k kept) *command.Command {
	return &command.Command{
		Name:    "value",
		Formats: []command.Format{command.FormatJSON, command.FormatJSONL, command.FormatYAML, command.FormatTable, command.FormatRaw},
		Run:     func(_ context.Context, env *command.Env) error { return env.PrintResult(k.result()) },
	}
}

// valueOf runs an item for its value, and shows nothing of it. to are the streams of the item around it:
// in a job it is a part of the job, and reads nothing that is typed.
func (s *Session) valueOf(ctx context.Context, it *item, to streams, where Where) (kept, error) {
	results := &collector{}
	to.outLook, to.collect = streams{}.outLook, results
	to.out = nowhere{}
	inner := *it
	inner.assign = ""
	if it.assign != "" || it.meta != noMeta || it.pipe != "" || it.file != nil {
		return kept{}, wrong("", "$(%s) has no value", it.text)
	}
	if err := s.perform(ctx, &inner, to, where); err != nil {
		return kept{}, err
	}
	return results.value()
}

// nowhere takes what nobody sees.
type nowhere struct{}

func (nowhere) Write(text []byte) (int, error) { return len(text), nil }
