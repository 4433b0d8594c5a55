package command

import (
	"context"
	"maps"
	"slices"

	"github.com/netsvc/netsvc/internal/completion"
	"github.com/netsvc/netsvc/pkg/value"
)

// The completers that many commands and flags share.

// anyService offers services, and addresses behind an @.
func anyService(ctx context.Context, q *Query) { completion.Services(ctx, q.Registry, q.Candidates) }

// AnyName offers the names of the services there are.
func AnyName(ctx context.Context, q *Query) { completion.ServiceNames(ctx, q.Registry, q.Candidates) }

// AnyInstance offers the addresses of the instances there are.
func AnyInstance(ctx context.Context, q *Query) {
	completion.Addresses(ctx, q.Registry, q.Candidates)
}

// AnyGroup offers the groups that have members.
func AnyGroup(ctx context.Context, q *Query) { completion.Groups(ctx, q.Registry, q.Candidates) }

// anyContext offers the contexts that are kept.
func anyContext(_ context.Context, q *Query) {
	contexts, err := q.Env.readContexts()
	if err != nil {
		return
	}
	for _, name := range contextNames(contexts) {
		q.Add(name, q.Env.contextRow(contexts, name).Exchange)
	}
}

// AnyFile offers files.
func AnyFile(_ context.Context, q *Query) { q.AddFiles() }

// oneOf offers some words.
func oneOf(words ...string) Completer {
	return func(_ context.Context, q *Query) {
		for _, word := range words {
			q.Add(word, "")
		}
	}
}

// callable offers the target of a call, then its arguments.
func callable(ctx context.Context, q *Query) {
	group, grouped := q.Flag("group")
	switch {
	case len(q.Args) == 0 && grouped:
		completion.GroupMethods(ctx, q.Registry, group, q.Candidates)
	case len(q.Args) == 0:
		completion.Targets(ctx, q.Registry, q.Candidates)
	case grouped:
		completion.Arguments(completion.GroupSignature(ctx, q.Registry, group, q.Args[0]), q.Args[1:], q.Later, q.Candidates)
	default:
		completion.Arguments(completion.Signature(ctx, q.Registry, q.Args[0]), q.Args[1:], q.Later, q.Candidates)
	}
}

// describable offers a service or a method of it.
func describable(ctx context.Context, q *Query) { completion.Described(ctx, q.Registry, q.Candidates) }

// subscribable offers services and what they say they publish on.
func subscribable(ctx context.Context, q *Query) {
	if group, grouped := q.Flag("group"); grouped {
		completion.GroupSubjects(ctx, q.Registry, group, q.Candidates)
		return
	}
	completion.Subjects(ctx, q.Registry, true, q.Candidates)
}

// publishable offers SERVICE:SUBJECT, then the files that a value may come from.
func publishable(ctx context.Context, q *Query) {
	if len(q.Args) > 0 {
		completion.Arguments(nil, nil, nil, q.Candidates)
		return
	}
	completion.Subjects(ctx, q.Registry, false, q.Candidates)
}

// runnable offers the calls that are kept, then the arguments of one: those that it has by name,
// too, because they can be given anew.
func runnable(ctx context.Context, q *Query) {
	calls, _, err := q.Env.readCalls()
	switch {
	case err != nil:
	case len(q.Args) == 0:
		for _, name := range slices.Sorted(maps.Keys(calls.Named)) {
			q.Add(name, calls.Named[name].Target)
		}
	default:
		saved := calls.Named[q.Args[0]]
		sig := completion.Signature(ctx, q.Registry, saved.Target)
		if group, grouped := saved.Flags["group"]; grouped {
			sig = completion.GroupSignature(ctx, q.Registry, group, saved.Target)
		}
		placed := slices.DeleteFunc(saved.Args, func(word string) bool { return value.SplitWord(word, sig).Name != "" })
		completion.Arguments(sig, append(placed, q.Args[1:]...), q.Later, q.Candidates)
	}
}
