package exchange

import (
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/netsvc/netsvc/pkg/wire"
)

// core is the control plane: who is connected, what is announced, who watches and who has
// bound what. It has no goroutine, lock, clock or socket; messages go in, effects come out.
// One mutex of the Exchange guards it.
type core struct {
	limits Limits
	origin uint64

	last     uint32 // the last number given away
	rev      uint64 // of the last event
	now      int64  // Unix milliseconds of the act under way, set by the shell
	draining bool

	sessions  map[uint32]*member
	owned     int // sessions of the exchange itself, which end with it
	keys      map[[wire.KeySize]byte]uint32
	instances map[uint32]*record
	names     map[string][]*record // visible instances, oldest first
	groups    map[string]map[uint32]*record
	methods   map[hash]*methodSet
	bound     map[key]int // how many handles a target has
	watches   index[*watch]
	listeners map[uint32]map[watchID]*watch // watches of an instance's subscribers
	interests index[*interest]
}

type hash = [wire.HashSize]byte

// member is one session.
type member struct {
	number  uint32
	own     bool // the exchange's own session, which may use reserved names
	key     [wire.KeySize]byte
	process wire.Process
	since   int64
	suspect bool
	placed  map[uint32]*record // by the process's handle
	handles map[uint32]key
	watches map[uint32]*watch

	interests map[uint32]*interest // subscriptions, by the process's number
	patterns  int                  // of all of them
}

// record is one instance. Its info is replaced, never changed, so whoever holds one holds
// one revision.
type record struct {
	info     *wire.Info
	handle   uint32
	limit    int
	audience map[subID]*interest // those whose subscriptions cover it
}

// methodSet is a list of signatures, kept once for all instances that have it.
type methodSet struct {
	blob  []byte
	names []string
	uses  int
}

// offered is a list of signatures as an announcement brings it, read and checked.
type offered struct {
	hash  hash
	blob  []byte
	names []string
}

func newCore(limits Limits, origin uint64) *core {
	return &core{
		limits:    limits,
		origin:    origin,
		sessions:  map[uint32]*member{},
		keys:      map[[wire.KeySize]byte]uint32{},
		instances: map[uint32]*record{},
		names:     map[string][]*record{},
		groups:    map[string]map[uint32]*record{},
		methods:   map[hash]*methodSet{},
		bound:     map[key]int{},
		watches:   newIndex[*watch](),
		listeners: map[uint32]map[watchID]*watch{},
		interests: newIndex[*interest](),
	}
}

// connect admits a session. The number is zero when it is refused; the effects end a
// session that had the same key.
func (c *core) connect(hello *wire.Hello, own bool) (uint32, *wire.Failure, []effect) {
	var effects []effect
	if old, ok := c.keys[hello.Key]; ok {
		effects = append(effects, expel{old, wire.ReasonReplaced})
		effects = append(effects, c.end(old, wire.ReasonReplaced)...)
	}
	if f := c.admit(own); f != nil {
		return 0, f, effects
	}
	c.last++
	m := &member{
		number: c.last, own: own, key: hello.Key, process: cleanProcess(hello.Process), since: c.now,
		placed: map[uint32]*record{}, handles: map[uint32]key{}, watches: map[uint32]*watch{}, interests: map[uint32]*interest{},
	}
	c.sessions[m.number] = m
	if own {
		c.owned++
	}
	c.keys[m.key] = m.number
	info := &wire.Info{Number: m.number, Session: m.number, Hidden: true, Since: c.now, Process: m.process}
	r := &record{info: info, handle: wire.OwnInstance, limit: defaultLimit + defaultQueue}
	effects = append(effects, place{m.number, m.number, wire.OwnInstance, "", r.limit})
	return m.number, nil, append(effects, c.add(r)...)
}

// admit refuses sessions over the limit and while the exchange drains.
func (c *core) admit(own bool) *wire.Failure {
	switch {
	case own:
		return nil
	case c.draining:
		return wire.Failf(wire.CodeDraining, wire.No, "the exchange is shutting down")
	case len(c.sessions)-c.owned >= c.limits.Sessions:
		return wire.Failf(wire.CodeBusy, wire.No, "the exchange has its limit of %d sessions", c.limits.Sessions)
	case c.last == 1<<32-2:
		return wire.Failf(wire.CodeBusy, wire.No, "the exchange has given away all its numbers; restart it")
	}
	return nil
}

// end takes a session's instances out of the registry and forgets the session.
func (c *core) end(session uint32, reason wire.Reason) []effect {
	m := c.sessions[session]
	if m == nil {
		return nil
	}
	delete(c.sessions, session)
	if c.keys[m.key] == session {
		delete(c.keys, m.key)
	}
	var effects []effect
	for _, w := range sorted(m.watches) {
		effects = append(effects, c.dropWatch(m.watches[w])...)
	}
	for _, n := range sorted(m.interests) {
		effects = append(effects, c.drop(m.interests[n], reason, false)...)
	}
	for _, h := range sorted(m.handles) {
		effects = append(effects, c.release(m.handles[h])...)
	}
	var leaving []*record
	for _, h := range sorted(m.placed) {
		leaving = append(leaving, m.placed[h])
	}
	return append(effects, c.remove(unplace{}, reason, append(leaving, c.instances[session])...)...)
}

// add enters an instance and tells those who watch.
func (c *core) add(r *record) []effect {
	c.instances[r.info.Number] = r
	if m := c.methods[r.info.Hash]; m != nil {
		m.uses++
	}
	for _, g := range r.info.Groups {
		c.enterGroup(g, r)
	}
	effects := c.expose(r)
	effects = append(effects, c.announceEvent(wire.Available, r, "", 0)...)
	for _, g := range r.info.Groups {
		effects = append(effects, c.announceEvent(wire.Joined, r, g, 0)...)
	}
	return append(effects, c.attend(r)...)
}

// expose makes the targets that mean an instance reach it. The name keeps its target while
// anybody has it, bound or not, so that callers who come for one call share replicas, too.
func (c *core) expose(r *record) []effect {
	if !r.info.Hidden {
		c.names[r.info.Name] = append(c.names[r.info.Name], r)
		c.bound[key{name: r.info.Name}]++
	}
	return c.reroute(r)
}

// conceal is the reverse of expose, for any number of instances: a target that means many of
// them is told once whom it reaches now.
func (c *core) conceal(records ...*record) []effect {
	var listed []*record
	for _, r := range records {
		if c.unlist(r) {
			listed = append(listed, r)
		}
	}
	effects := c.reroute(records...)
	for _, r := range listed {
		effects = append(effects, c.release(key{name: r.info.Name})...)
	}
	return effects
}

// unlist takes an instance from its name. It reports false when it was hidden.
func (c *core) unlist(r *record) bool {
	name := r.info.Name
	at := slices.Index(c.names[name], r)
	if at < 0 {
		return false
	}
	c.names[name] = slices.Delete(c.names[name], at, at+1)
	if len(c.names[name]) == 0 {
		delete(c.names, name)
	}
	return true
}

// remove takes instances of one session out, in the order the contract wants: out of
// routing, all of them; then, of each, its left events and its withdrawn event. how is done
// for each of them.
func (c *core) remove(how unplace, reason wire.Reason, records ...*record) []effect {
	for _, r := range records {
		delete(c.instances, r.info.Number)
	}
	effects := c.conceal(records...)
	for _, r := range records {
		how.number = r.info.Number
		effects = append(effects, how)
	}
	for _, r := range records {
		effects = append(effects, c.leaveAll(r, reason)...)
		effects = append(effects, c.announceEvent(wire.Withdrawn, r, "", reason)...)
		effects = append(effects, c.dismiss(r, reason)...)
		c.releaseMethods(r.info.Hash)
	}
	return effects
}

// leaveAll takes an instance that ends out of its groups. Each event tells those it is still
// in, which share one list: a session may end with 65,536 of them. Its info stays: withdrawn
// tells the groups it was in, and their watchers, too.
func (c *core) leaveAll(r *record, reason wire.Reason) []effect {
	var effects []effect
	last := r.info
	for i, g := range last.Groups {
		rest := *last
		rest.Groups = last.Groups[i+1:]
		r.info = &rest
		effects = append(effects, c.announceEvent(wire.Left, r, g, reason)...)
		c.quitGroup(g, r)
	}
	r.info = last
	return effects
}

// change replaces an instance's info by a changed copy.
func (r *record) change(f func(*wire.Info)) {
	info := *r.info
	info.Groups = slices.Clone(info.Groups)
	info.Labels = maps.Clone(info.Labels)
	f(&info)
	r.info = &info
}

func (c *core) enterGroup(g string, r *record) {
	if c.groups[g] == nil {
		c.groups[g] = map[uint32]*record{}
	}
	c.groups[g][r.info.Number] = r
}

// leave takes an instance out of a group and tells the group's watchers, too.
func (c *core) leave(r *record, g string, reason wire.Reason) []effect {
	r.change(func(i *wire.Info) {
		i.Groups = slices.DeleteFunc(i.Groups, func(o string) bool { return o == g })
	})
	effects := c.announceEvent(wire.Left, r, g, reason)
	c.quitGroup(g, r)
	return effects
}

func (c *core) quitGroup(g string, r *record) {
	delete(c.groups[g], r.info.Number)
	if len(c.groups[g]) == 0 {
		delete(c.groups, g)
	}
}

// keepMethods enters a list of signatures, or finds that it is there.
func (c *core) keepMethods(o *offered) {
	if c.methods[o.hash] == nil {
		c.methods[o.hash] = &methodSet{blob: o.blob, names: o.names}
	}
}

// releaseMethods forgets a list of signatures with its last user.
func (c *core) releaseMethods(h hash) {
	m := c.methods[h]
	if m == nil {
		return
	}
	if m.uses--; m.uses <= 0 {
		delete(c.methods, h)
	}
}

// drain refuses new sessions and shows all instances as draining.
func (c *core) drain() []effect {
	c.draining = true
	var effects []effect
	for _, n := range sorted(c.instances) {
		effects = append(effects, c.setState(c.instances[n], wire.StateDraining)...)
	}
	return effects
}

// suspect shows that a session went silent, or that it is heard again.
func (c *core) suspect(session uint32, silent bool) []effect {
	m := c.sessions[session]
	if m == nil || m.suspect == silent || c.draining {
		return nil
	}
	m.suspect = silent
	state := wire.StateReady
	if silent {
		state = wire.StateSuspect
	}
	var effects []effect
	for _, h := range sorted(m.placed) {
		effects = append(effects, c.setState(m.placed[h], state)...)
	}
	return append(effects, c.setState(c.instances[session], state)...)
}

func (c *core) setState(r *record, s wire.State) []effect {
	if r.info.State == s {
		return nil
	}
	r.change(func(i *wire.Info) { i.State = s })
	return c.announceEvent(wire.Changed, r, "", 0)
}

// cleanProcess cuts what a process says of itself to a sane size.
func cleanProcess(p wire.Process) wire.Process {
	p.Host, p.User, p.Program = clip(p.Host), clip(p.User), clip(p.Program)
	return p
}

// maxWord bounds each text of a process description.
const maxWord = 128

// clip cuts at a rune: half a one would make every watcher refuse its events.
func clip(s string) string {
	if len(s) <= maxWord {
		return s
	}
	end := maxWord
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

func sorted[V any](m map[uint32]V) []uint32 { return slices.Sorted(maps.Keys(m)) }
