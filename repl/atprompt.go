package repl

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/netsvc/netsvc/internal/completion"
	"github.com/netsvc/netsvc/pkg/value"
)

// The times that a key may take which wants to know something of services: nobody notices the first,
// which is for a TAB, and the second comes with each line that calls.
const (
	tabPatience   = 160 * time.Millisecond
	enterPatience = 80 * time.Millisecond
)

// Complete finds what may stand at the cursor, the byte point of a line that is typed on a terminal
// with so many columns, zero when nobody knows. No method is called.
func (s *Session) Complete(ctx context.Context, line string, point, columns int) Completion {
	ctx, cancel := context.WithTimeout(ctx, tabPatience)
	defer cancel()
	env := s.opts.Env
	env.Settings = s.settings.current()
	c := Completer{
		Table: s.table, Env: &env, Registry: &s.link.known, Use: s.used(), Variables: s.variables.names(), Columns: columns,
	}
	return c.Complete(ctx, line, point)
}

// Secret reports whether a text gives a value to a parameter that is marked secret, as far as the
// methods that it calls are known. One that cannot be read does when it names such a method: what is
// wrong with it may hide what is the value.
func (s *Session) Secret(ctx context.Context, text string) bool {
	items, err := parse(text)
	if _, open := err.(*unfinished); open {
		return false // it goes on
	}
	ctx, cancel := context.WithTimeout(ctx, enterPatience)
	defer cancel()
	c := &Completer{Table: s.table, Registry: &s.link.known, Use: s.used()}
	if err != nil {
		return c.namesSecret(ctx, text)
	}
	return slices.ContainsFunc(items, func(it *item) bool { return c.secret(ctx, it) })
}

// namesSecret reports whether a text names a method that has a secret parameter.
func (c *Completer) namesSecret(ctx context.Context, text string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n;|>&()$=\"'", r) })
	return slices.ContainsFunc(words, func(word string) bool {
		target := c.statement(cursor{word: word}).word
		if !strings.Contains(target, ".") {
			return false
		}
		sig := completion.Signature(ctx, c.Registry, target)
		return sig != nil && hasSecret(sig.Params)
	})
}

// secret reports whether an item gives one, or an item in it.
func (c *Completer) secret(ctx context.Context, it *item) bool {
	for it.inside != nil {
		it = it.inside
	}
	var words []string
	for _, w := range it.words {
		if w.item != nil && c.secret(ctx, w.item) {
			return true
		}
		words = append(words, w.written())
	}
	if len(words) == 0 {
		return false
	}
	call := c.statement(cursor{before: words})
	line, _ := c.Table.Split(call.before) // what is wrong with it is no matter here
	if line.Command == nil || line.Command.Name != "call" || len(line.Args) == 0 {
		return false
	}
	flags := line.Given()
	var sig *value.Signature
	if group := flags.String("group"); group != "" {
		sig = completion.GroupSignature(ctx, c.Registry, group, line.Args[0])
	} else {
		sig = completion.Signature(ctx, c.Registry, line.Args[0])
	}
	return sig != nil && (flags.IsSet("args") && hasSecret(sig.Params) || givesSecret(sig, line.Args[1:]))
}

// written is the word as text, a reference by its name.
func (w *word) written() string {
	text := w.text
	if w.kind == itemWord {
		text = "$()"
	}
	if w.name != "" {
		return w.name + "=" + text
	}
	return text
}

func hasSecret(params []value.Param) bool {
	return slices.ContainsFunc(params, func(p value.Param) bool { return p.Secret })
}

// givesSecret reports whether arguments give one by its name or in its place.
func givesSecret(sig *value.Signature, args []string) bool {
	placed := 0
	for _, word := range args {
		name := value.SplitWord(word, sig).Name
		if name == "" {
			placed++
			continue
		}
		if slices.ContainsFunc(sig.Params, func(p value.Param) bool { return p.Name == name && p.Secret }) {
			return true
		}
	}
	return hasSecret(sig.Params[:min(placed, len(sig.Params))])
}
