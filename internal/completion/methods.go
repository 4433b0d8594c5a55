package completion

import (
	"context"
	"slices"
	"strings"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/value"
)

// Targets offers SERVICE.METHOD: first the services, each with its dot, then the methods of the
// one that is typed.
func Targets(ctx context.Context, from Registry, c *Candidates) {
	if target, _, dot := strings.Cut(c.Word(), "."); dot {
		methods(from.Methods(ctx, target), c.Behind(target+"."))
		return
	}
	if name, _, at := strings.Cut(c.Word(), "@"); at {
		addresses(ctx, from, name, func(text, description string) { c.AddOpen(text+".", description) })
		return
	}
	for _, s := range services(ctx, from, c.Word()) {
		c.AddOpen(s.name+".", s.about())
	}
}

// Described offers SERVICE and, once there is a dot, SERVICE.METHOD.
func Described(ctx context.Context, from Registry, c *Candidates) {
	if target, _, dot := strings.Cut(c.Word(), "."); dot {
		methods(from.Methods(ctx, target), c.Behind(target+"."))
		return
	}
	if name, _, at := strings.Cut(c.Word(), "@"); at {
		addresses(ctx, from, name, c.AddOpen)
		return
	}
	for _, s := range services(ctx, from, c.Word()) {
		c.AddOpen(s.name, s.about())
	}
}

func methods(list []value.Signature, c *Candidates) {
	for i := range list {
		c.Add(list[i].Name, render.UsageOf(&list[i]))
	}
}

// maxMembers is how many members of a group are asked for their methods; those of the oldest
// are offered.
const maxMembers = 8

// GroupMethods offers the methods that members of a group have.
func GroupMethods(ctx context.Context, from Registry, group string, c *Candidates) {
	for _, signatures := range ofMembers(ctx, from, group) {
		methods(signatures, c)
	}
}

// ofMembers lists the methods of the members, once for all that have the same.
func ofMembers(ctx context.Context, from Registry, group string) [][]value.Signature {
	members := membersOf(ctx, from, group)
	seen := map[string]bool{}
	var all [][]value.Signature
	for _, m := range members {
		if hash := string(m.Hash[:]); !seen[hash] && len(seen) < maxMembers {
			seen[hash] = true
			all = append(all, from.Methods(ctx, m.Address.String()))
		}
	}
	return all
}

// Signature finds that of SERVICE.METHOD, or nil.
func Signature(ctx context.Context, from Registry, target string) *value.Signature {
	name, method := value.SplitTarget(target)
	if name == "" || method == "" {
		return nil
	}
	return find(from.Methods(ctx, name), method)
}

// GroupSignature finds that of a method of the oldest member of a group that has it, or nil.
func GroupSignature(ctx context.Context, from Registry, group, method string) *value.Signature {
	for _, signatures := range ofMembers(ctx, from, group) {
		if sig := find(signatures, method); sig != nil {
			return sig
		}
	}
	return nil
}

func find(list []value.Signature, method string) *value.Signature {
	i := slices.IndexFunc(list, func(s value.Signature) bool { return s.Name == method })
	if i < 0 {
		return nil
	}
	return &list[i]
}
