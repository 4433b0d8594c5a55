package command

import (
	"context"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/internal/completion"
)

// Query asks what may stand at the cursor, as an argument of a command or as the value of a flag.
// What begins like q.Word() is added to it.
type Query struct {
	*completion.Candidates
	completion.Registry // never calls a method

	Args  []string // the arguments before the cursor
	Later []string // those behind it
	Env   *Env     // of whoever asks: its settings, its files; not its arguments and flags
	flags []string // of the command, those behind the cursor, too
}

// Completer answers a query. It knows nothing rather than wait beyond ctx.
type Completer func(ctx context.Context, q *Query)

// Flag is the last value that the line gives to a flag of the command, and whether it does. That
// of a switch is "true" or "false".
func (q *Query) Flag(name string) (value string, given bool) {
	for _, f := range slices.Backward(q.flags) {
		if text, ok := strings.CutPrefix(f, "--"+name+"="); ok {
			return text, true
		}
	}
	return "", false
}

// Complete finds what may stand at the cursor of a line, whose words are those behind the
// program's name. env is that of the commands; from is where services are looked up.
func (t Table) Complete(ctx context.Context, line completion.Line, env *Env, from completion.Registry) completion.Result {
	p := t.typing(line)
	q := &Query{
		Candidates: completion.Collect(line.Word), Registry: from, Env: env,
		Args: p.before.Args, Later: p.whole.Args[len(p.before.Args):], flags: p.whole.Flags,
	}
	p.complete(ctx, q)
	return q.Result()
}

// typing is a line whose end is not typed yet, sorted.
type typing struct {
	*splitter       // as it is at the cursor
	before    Line  // what stands before the cursor
	whole     Line  // and behind it
	wanting   *Flag // whose value the word at the cursor is
	lost      bool  // no command is called what stands in its place
}

// typing sorts the words around the cursor. What is wrong with the line is no matter here.
func (t Table) typing(line completion.Line) typing {
	p := typing{splitter: &splitter{table: t, globals: GlobalFlags(), words: line.Before}}
	for len(p.words) > 0 {
		if p.wanting = p.wants(); p.wanting != nil {
			break
		}
		argument := !isFlag(p.words[0]) && p.words[0] != "--"
		p.next()
		p.lost = p.lost || argument && p.line.Command == nil
	}
	p.before = p.line
	whole := *p.splitter
	whole.line.Args, whole.words = slices.Clone(p.line.Args), line.After
	for len(whole.words) > 0 {
		whole.next()
	}
	p.whole = whole.line
	return p
}

// wants returns the flag whose value the word at the cursor is: the word before it, which is the
// last one to read.
func (s *splitter) wants() *Flag {
	if len(s.words) != 1 || s.ended || !isFlag(s.words[0]) {
		return nil
	}
	if f, _, _, given := s.find(s.words[0]); f != nil && f.Kind != Switch && !given {
		return f
	}
	return nil
}

func (p *typing) complete(ctx context.Context, q *Query) {
	c := p.line.Command
	switch {
	case p.wanting != nil:
		p.value(ctx, q, p.wanting)
	case !p.ended && strings.HasPrefix(q.Word(), "-"):
		p.flagOrValue(ctx, q)
	case p.lost:
	case c == nil:
		p.table.names(q)
	default:
		if len(q.Args) == 0 && !p.ended {
			c.Sub.names(q)
		}
		if c.Complete != nil && (c.MaxArgs < 0 || len(q.Args) < c.MaxArgs) {
			c.Complete(ctx, q)
		}
	}
}

// names offers the commands of a table.
func (t Table) names(q *Query) {
	for _, c := range t {
		if !c.Hidden {
			q.Add(c.Word(), c.Summary)
		}
	}
}

// flagOrValue offers flags, or values behind the "=" of one.
func (p *typing) flagOrValue(ctx context.Context, q *Query) {
	if f, _, text, given := p.find(q.Word()); f != nil && given {
		behind := *q
		behind.Candidates = q.Behind(strings.TrimSuffix(q.Word(), text))
		p.value(ctx, &behind, f)
		return
	}
	for _, f := range slices.Concat(p.ownFlags(), p.globals) {
		if f.Kind != Texts && p.given(f.Name) {
			continue
		}
		if q.Word() == "-" && f.Short != "" {
			q.Add("-"+f.Short, f.Summary)
		}
		q.Add("--"+f.Name, f.Summary)
	}
}

// given reports whether a flag stands on the line already.
func (p *typing) given(name string) bool {
	is := func(f string) bool { return strings.HasPrefix(f, "--"+name+"=") }
	return slices.ContainsFunc(p.whole.Globals, is) || slices.ContainsFunc(p.whole.Flags, is)
}

// value offers values of a flag.
func (p *typing) value(ctx context.Context, q *Query, f *Flag) {
	switch {
	case f.Complete != nil:
		f.Complete(ctx, q)
	case f.Name == outputFlag && p.line.Command != nil:
		for _, format := range p.line.Command.formats() {
			q.Add(string(format), "")
		}
	case f.Kind == Switch:
		q.Add("true", "")
		q.Add("false", "")
	default:
		for _, v := range f.Values {
			q.Add(v, "")
		}
	}
}
