package command

import (
	"slices"
	"strings"

	"github.com/netsvc/netsvc/pkg/value"
)

// Line is a command line, sorted.
type Line struct {
	Command *Command // nil when none is named
	Globals []string // the global flags, each "--name=value", checked
	Flags   []string // those of the command, and --help
	Args    []string // all else, in order
	Help    bool     // --help was among the flags
	Version bool     // --version was
}

// Split sorts the words of a command line, the program's name left out. The first word that is
// no flag names the command. Flags stand anywhere before "--": the global ones also before the
// command, its own only behind it. A lone "-", a word that begins like a negative number, and
// -Inf are no flags.
//
// The first error is returned when all words have been read, so that the Line tells the output
// format even then.
func (t Table) Split(words []string) (Line, error) {
	s := splitter{table: t, globals: GlobalFlags(), words: words}
	var first error
	for len(s.words) > 0 {
		if err := s.next(); first == nil {
			first = err
		}
	}
	if c := s.line.Command; first == nil && c != nil && !s.line.Help {
		first = c.checkArgs(s.line.Args)
	}
	return s.line, first
}

// splitter is the work on one line.
type splitter struct {
	table   Table
	globals []Flag
	words   []string // not yet read
	ended   bool     // "--" was read
	line    Line
}

func (s *splitter) next() error {
	word := s.take()
	switch {
	case !s.ended && word == "--":
		s.ended = true
	case !s.ended && isFlag(word):
		return s.flag(word)
	case s.line.Command == nil:
		var err error
		s.line.Command, err = s.table.Find(word)
		return err
	default:
		return s.argument(word)
	}
	return nil
}

// argument takes a word that is no flag: the first may name a command of the command.
func (s *splitter) argument(word string) error {
	if len(s.line.Args) == 0 && !s.ended {
		sub, err := s.line.Command.findSub(word)
		if sub != nil {
			s.line.Command = sub
		}
		if sub != nil || err != nil {
			return err
		}
	}
	s.line.Args = append(s.line.Args, word)
	return nil
}

func (s *splitter) take() string {
	word := s.words[0]
	s.words = s.words[1:]
	return word
}

// isFlag reports whether a word with a leading "-" is a flag rather than a number or stdin.
func isFlag(word string) bool {
	rest, dash := strings.CutPrefix(word, "-")
	if !dash || rest == "" || rest == "Inf" || rest == "Infinity" {
		return false
	}
	digit := strings.TrimPrefix(rest, ".")
	return digit == "" || digit[0] < '0' || digit[0] > '9'
}

// flag reads a flag and its value.
func (s *splitter) flag(word string) error {
	f, global, text, given := s.find(word)
	if first, rest, ok := s.apart(word); f == nil && ok {
		s.words = slices.Insert(s.words, 0, rest)
		f, global, text, given = s.find(first)
	}
	if f == nil {
		return s.unknown(word)
	}
	switch {
	case !given && f.Kind == Switch:
		text = "true"
	case !given && (len(s.words) == 0 || s.isKnown(s.words[0])):
		return usage("", "--%s wants a value: --%s %s", f.Name, f.Name, f.Arg)
	case !given:
		text = s.take()
	}
	text, err := f.canonical(text)
	if err != nil {
		return err
	}
	s.keep(f, global, text)
	return nil
}

// keep puts a flag into its place. Help is the command's when there is one.
func (s *splitter) keep(f *Flag, global bool, text string) {
	switch {
	case f.Name == helpFlag:
		s.line.Help = text == "true"
	case f.Name == versionFlag:
		s.line.Version = text == "true"
	case f.Name == rawFlag && text == "true":
		s.line.Globals = append(s.line.Globals, "--output="+string(FormatRaw))
	case f.Name == rawFlag:
	case global:
		s.line.Globals = append(s.line.Globals, "--"+f.Name+"="+text)
	default:
		s.line.Flags = append(s.line.Flags, "--"+f.Name+"="+text)
		if f.Into != "" {
			s.line.Flags = append(s.line.Flags, "--"+f.Into+"="+f.Name+" "+text)
		}
	}
}

// find looks a flag up and cuts off its value: what stands behind "=", or directly behind the
// letter of a flag that takes one.
func (s *splitter) find(word string) (f *Flag, global bool, text string, given bool) {
	name, text, given := strings.Cut(word, "=")
	if f, global := s.named(name); f != nil {
		return f, global, text, given
	}
	long, _ := s.named("-" + name) // as in -output, which is no value "utput"
	if len(word) < 3 || strings.HasPrefix(word, "--") || long != nil {
		return nil, false, "", false
	}
	if f, global := s.named(word[:2]); f != nil && f.Kind != Switch {
		return f, global, word[2:], true
	}
	return nil, false, "", false
}

// apart takes the first letter off several, as in -rv or -rq .mean, when it is a switch and the
// others are flags as well.
func (s *splitter) apart(word string) (first, rest string, ok bool) {
	if len(word) < 3 || word[1] == '-' {
		return "", "", false
	}
	if f, _ := s.named(word[:2]); f == nil || f.Kind != Switch {
		return "", "", false
	}
	rest = "-" + word[2:]
	f, _, _, _ := s.find(rest)
	if f == nil {
		_, _, ok = s.apart(rest)
	}
	return word[:2], rest, f != nil || ok
}

// named is the flag of that name, as in --output or -o, and whether every command has it.
func (s *splitter) named(name string) (f *Flag, global bool) {
	matches := func(f Flag) bool { return name == "--"+f.Name || f.Short != "" && name == "-"+f.Short }
	if i := slices.IndexFunc(s.globals, matches); i >= 0 {
		return &s.globals[i], true
	}
	own := s.ownFlags()
	if i := slices.IndexFunc(own, matches); i >= 0 {
		return &own[i], false
	}
	return nil, false
}

func (s *splitter) isKnown(word string) bool {
	if word == "--" {
		return true
	}
	f, _, _, _ := s.find(word)
	return f != nil && isFlag(word)
}

func (s *splitter) ownFlags() []Flag {
	if s.line.Command == nil {
		return nil
	}
	return s.line.Command.Flags
}

// unknown says which flag is not known, and which was probably meant or where to put it.
func (s *splitter) unknown(word string) error {
	name, _, _ := strings.Cut(word, "=")
	if s.line.Command == nil {
		err := usage("netsvc --help lists the flags", "unknown flag %s", name)
		return s.suggest(err, name)
	}
	err := usage("netsvc "+s.line.Command.Name+" --help lists the flags", "unknown flag %s of %s", name, s.line.Command.Name)
	return s.suggest(err, name)
}

func (s *splitter) suggest(err *Error, name string) error {
	var names []string
	for _, f := range slices.Concat(s.ownFlags(), s.globals) {
		names = append(names, f.Name)
	}
	if near := value.Nearest(strings.TrimLeft(name, "-"), names); near != "" {
		err.meant("--" + near)
	}
	return err
}
