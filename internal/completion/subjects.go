package completion

import (
	"context"
	"strings"
)

// Subjects offers SERVICE:SUBJECT with the subjects that services declare. With alone the
// service by itself is enough.
func Subjects(ctx context.Context, from Registry, alone bool, c *Candidates) {
	name, _, colon := strings.Cut(c.Word(), ":")
	if target, _, at := strings.Cut(name, "@"); at && !colon {
		addresses(ctx, from, target, c.AddOpen)
		return
	}
	if colon {
		subjectsOf(ctx, from, name, c.Behind(name+":"))
		return
	}
	for _, s := range services(ctx, from, name) {
		switch {
		case !alone:
			c.AddOpen(s.name+":", s.about())
		case len(s.subjects()) == 0:
			c.Add(s.name, s.about())
		default:
			c.AddOpen(s.name, s.about())
			if s.name == name { // the next key shows what more there is
				subjectsOf(ctx, from, name, c.under(name+":"))
			}
		}
	}
}

// subjectsOf offers those that a name or an address declares.
func subjectsOf(ctx context.Context, from Registry, target string, c *Candidates) {
	name, _, _ := strings.Cut(target, "@")
	if name == "" || strings.ContainsAny(name, "*?") {
		return
	}
	n := named{name, from.Instances(ctx, name)}
	for _, subject := range n.subjects() {
		c.Add(subject, "a subject of "+name)
	}
}

// GroupSubjects offers the subjects that the members of a group declare.
func GroupSubjects(ctx context.Context, from Registry, group string, c *Candidates) {
	n := named{group, membersOf(ctx, from, group)}
	for _, subject := range n.subjects() {
		c.Add(subject, "a subject of members of "+group)
	}
}
