package exchange

import (
	"slices"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// ownName may be announced by the exchange's own session only.
const ownName = "_exchange"

// announce adds an instance. The list of methods has been read by the shell.
func (c *core) announce(from uint32, id uint64, a *wire.Announce, methods *offered) []effect {
	m := c.sessions[from]
	if f := c.checkAnnounce(m, a); f != nil {
		return []effect{refuse{from, id, f}}
	}
	c.keepMethods(methods)
	c.last++
	r := &record{handle: a.Handle, limit: m.handedOn(a), info: &wire.Info{
		Number: c.last, Name: a.Name, Groups: uniq(a.Groups), Hidden: a.Hidden,
		Version: a.Version, Description: a.Description, Labels: a.Labels, Hash: methods.hash,
		Since: c.now, Session: from, Process: m.process, State: c.stateOf(m), Fallback: a.Fallback, Subjects: uniq(a.Subjects),
	}}
	m.placed[a.Handle] = r
	effects := []effect{place{from, c.last, a.Handle, a.Name, r.limit}}
	effects = append(effects, send{from, id, &wire.Announced{Number: c.last, Hash: methods.hash, Rev: c.rev + 1}})
	return append(effects, c.add(r)...)
}

func (c *core) stateOf(m *member) wire.State {
	if c.draining {
		return wire.StateDraining
	}
	if m.suspect {
		return wire.StateSuspect
	}
	return wire.StateReady
}

// handedOn is how many unanswered calls the instance is handed at a time. The exchange itself
// answers while it reads: it is outside the limit, and the bytes of its outbox bound it.
func (m *member) handedOn(a *wire.Announce) int {
	if m.own {
		return maxSlots
	}
	limit, queue := a.Limit, a.Queue
	if limit == 0 {
		limit = defaultLimit
	}
	if queue == 0 {
		queue = defaultQueue
	}
	return int(min(uint64(limit)+uint64(queue), maxSlots))
}

func (c *core) checkAnnounce(m *member, a *wire.Announce) *wire.Failure {
	if err := value.CheckServiceName(a.Name); err != nil && !(m.own && a.Name == ownName) {
		return wire.Failf(wire.CodeBadParams, wire.No, "%v", err)
	}
	switch {
	case a.Handle == wire.OwnInstance || m.placed[a.Handle] != nil:
		return wire.Failf(wire.CodeBadParams, wire.No, "instance handle %d is in use", a.Handle)
	case len(m.placed) >= c.limits.Instances:
		return wire.Failf(wire.CodeBusy, wire.No, "the session has its limit of %d instances", c.limits.Instances)
	case c.last >= 1<<32-2:
		return wire.Failf(wire.CodeBusy, wire.No, "the exchange has given away all its numbers; restart it")
	}
	if f := wire.CheckMetadata(a.Version, a.Description, a.Labels); f != nil {
		return f
	}
	if f := wire.CheckSubjects(a.Subjects); f != nil {
		return f
	}
	return c.checkGroups(nil, a.Groups)
}

// checkGroups checks names and number of the groups an instance would be in.
func (c *core) checkGroups(has, more []string) *wire.Failure {
	for _, g := range more {
		if err := value.CheckGroupName(g); err != nil {
			return wire.Failf(wire.CodeBadParams, wire.No, "%v", err)
		}
	}
	if n := len(uniq(append(slices.Clone(has), more...))); n > c.limits.Groups {
		return wire.Failf(wire.CodeBadParams, wire.No, "%d groups are over the limit of %d for an instance", n, c.limits.Groups)
	}
	return nil
}

// uniq is the sorted set of names.
func uniq(names []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(names)))
}

// update changes an instance. methods is nil unless the update brings some.
func (c *core) update(from uint32, id uint64, u *wire.Update, methods *offered) []effect {
	r, f := c.placedBy(from, u.Handle)
	if f == nil {
		f = c.checkGroups(r.info.Groups, u.Join)
	}
	if f != nil {
		return []effect{refuse{from, id, f}}
	}
	if f := wire.CheckMetadata(orElse(u.Version, r.info.Version), orElse(u.Description, r.info.Description), orElse(u.Labels, r.info.Labels)); f != nil {
		return []effect{refuse{from, id, f}}
	}
	effects := c.describeAnew(r, u, methods)
	for _, g := range uniq(u.Join) {
		effects = append(effects, c.join(r, g)...)
	}
	for _, g := range uniq(u.Leave) {
		if slices.Contains(r.info.Groups, g) {
			effects = append(effects, c.leave(r, g, wire.ReasonNone)...)
		}
	}
	effects = append(effects, c.setHidden(r, u.Hidden)...)
	if len(u.Join) > 0 || len(u.Leave) > 0 || u.Hidden != nil {
		effects = append(effects, c.attend(r)...)
	}
	return append(effects, acknowledge{from, id})
}

func (c *core) placedBy(from, handle uint32) (*record, *wire.Failure) {
	r := c.sessions[from].placed[handle]
	if r == nil {
		return nil, wire.Failf(wire.CodeNoService, wire.No, "the session has announced no instance %d", handle)
	}
	return r, nil
}

// describeAnew changes what an update says of metadata and methods.
func (c *core) describeAnew(r *record, u *wire.Update, methods *offered) []effect {
	if u.Version == nil && u.Description == nil && u.Labels == nil && u.Fallback == nil && methods == nil {
		return nil
	}
	r.change(func(i *wire.Info) {
		setIf(&i.Version, u.Version)
		setIf(&i.Description, u.Description)
		setIf(&i.Labels, u.Labels)
		setIf(&i.Fallback, u.Fallback)
	})
	if methods != nil && methods.hash != r.info.Hash {
		c.keepMethods(methods)
		c.methods[methods.hash].uses++
		c.releaseMethods(r.info.Hash)
		r.change(func(i *wire.Info) { i.Hash = methods.hash })
	}
	return c.announceEvent(wire.Changed, r, "", 0)
}

func orElse[T any](p *T, standard T) T {
	if p == nil {
		return standard
	}
	return *p
}

func setIf[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func (c *core) join(r *record, g string) []effect {
	if slices.Contains(r.info.Groups, g) {
		return nil
	}
	r.change(func(i *wire.Info) { i.Groups = uniq(append(i.Groups, g)) })
	c.enterGroup(g, r)
	return c.announceEvent(wire.Joined, r, g, 0)
}

// setHidden shows a hidden instance, or hides a shown one. To those who watch names and
// groups it appears or goes; to those who watch its address it changes.
func (c *core) setHidden(r *record, hidden *bool) []effect {
	if hidden == nil || *hidden == r.info.Hidden {
		return nil
	}
	if *hidden {
		return c.hide(r)
	}
	r.change(func(i *wire.Info) { i.Hidden = false })
	effects := append(c.expose(r), c.listEvent(wire.Available, r, "", 0)...)
	for _, g := range r.info.Groups {
		effects = append(effects, c.listEvent(wire.Joined, r, g, 0)...)
	}
	return append(effects, c.addressEvent(r)...)
}

func (c *core) hide(r *record) []effect {
	effects := c.conceal(r)
	for _, g := range r.info.Groups {
		effects = append(effects, c.listEvent(wire.Left, r, g, wire.ReasonClosed)...)
	}
	effects = append(effects, c.listEvent(wire.Withdrawn, r, "", wire.ReasonClosed)...)
	r.change(func(i *wire.Info) { i.Hidden = true })
	return append(effects, c.addressEvent(r)...)
}

// withdraw removes an instance. Its acknowledgement goes behind its last request.
func (c *core) withdraw(from uint32, id uint64, w *wire.Withdraw) []effect {
	r, f := c.placedBy(from, w.Handle)
	if f != nil {
		return []effect{refuse{from, id, f}}
	}
	reason := wire.ReasonClosed
	if w.Reason == wire.ReasonDrained {
		reason = wire.ReasonDrained
	}
	delete(c.sessions[from].placed, w.Handle)
	return c.remove(unplace{to: from, id: id}, reason, r)
}
