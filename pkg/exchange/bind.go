package exchange

import "github.com/netsvc/netsvc/pkg/wire"

// key says what a target text means. Names and addresses of this exchange have keys of
// their own; every address of an earlier exchange has the same one, which reaches nobody.
type key struct {
	name    string
	number  uint32
	foreign bool
	bad     bool // no name and no address at all
}

func (k key) isZero() bool { return k == key{} }

// keyOf reads the target of a Bind.
func (c *core) keyOf(target string, origin uint64) key {
	name, number, ok := wire.ParseTarget(target)
	switch {
	case !ok:
		return key{bad: true}
	case number != 0 && origin != 0 && origin != c.origin:
		return key{foreign: true}
	}
	return key{name: name, number: number}
}

// find lists the instances a key reaches now.
func (c *core) find(k key) []*record {
	if k.foreign || k.bad {
		return nil
	}
	if k.number == 0 {
		return c.names[k.name]
	}
	r := c.instances[k.number]
	if r == nil || (k.name != "" && k.name != r.info.Name) {
		return nil
	}
	return []*record{r}
}

func (c *core) numbersOf(k key) []uint32 {
	records := c.find(k)
	numbers := make([]uint32, len(records))
	for i, r := range records {
		numbers[i] = r.info.Number
	}
	return numbers
}

// keys lists the targets that may mean an instance.
func (r *record) keys() []key {
	if r.info.Name == "" { // a session's own instance
		return []key{{number: r.info.Number}}
	}
	return []key{
		{name: r.info.Name},
		{name: r.info.Name, number: r.info.Number},
		{number: r.info.Number},
	}
}

// reroute tells the bound targets that mean any of the instances whom they reach now.
func (c *core) reroute(records ...*record) []effect {
	var effects []effect
	seen := map[key]bool{} // many of them may have one name
	for _, r := range records {
		for _, k := range r.keys() {
			if c.bound[k] == 0 || seen[k] {
				continue
			}
			seen[k] = true
			effects = append(effects, route{k, c.numbersOf(k)})
		}
	}
	return effects
}

// bind gives a handle to a target. There is no answer: a handle over the limit ends the
// session, which the shell checks.
func (c *core) bind(from uint32, b *wire.Bind) []effect {
	m := c.sessions[from]
	var effects []effect
	if old, ok := m.handles[b.Handle]; ok {
		effects = c.release(old)
	}
	k := c.keyOf(b.Target, b.Origin)
	m.handles[b.Handle] = k
	c.bound[k]++
	if c.bound[k] == 1 {
		effects = append(effects, route{k, c.numbersOf(k)})
	}
	return append(effects, handle{from, b.Handle, k})
}

// unbind takes a handle away.
func (c *core) unbind(from uint32, u *wire.Unbind) []effect {
	m := c.sessions[from]
	k, ok := m.handles[u.Handle]
	if !ok {
		return nil
	}
	delete(m.handles, u.Handle)
	return append([]effect{handle{from, u.Handle, key{}}}, c.release(k)...)
}

// release forgets one handle of a target.
func (c *core) release(k key) []effect {
	if c.bound[k]--; c.bound[k] > 0 {
		return nil
	}
	delete(c.bound, k)
	return []effect{unroute{k}}
}

// Bounds of the instances listed in a description: their number, and about how many bytes
// they have together, so that it fits its frame beside the signatures.
const (
	maxDescribed      = 128
	maxDescribedBytes = 40 << 10
)

// describe answers with what there is to know about a target, or about a hash.
func (c *core) describe(from uint32, id uint64, d *wire.Describe) []effect {
	if d.Target == "" {
		m := c.methods[d.Hash]
		if m == nil {
			return []effect{refuse{from, id, wire.Failf(wire.CodeNoService, wire.No, "no instance has methods of that hash")}}
		}
		return []effect{send{from, id, &wire.Described{Hash: d.Hash, Methods: m.blob}}}
	}
	k := c.keyOf(d.Target, d.Origin)
	records := c.find(k)
	if len(records) == 0 {
		return []effect{refuse{from, id, noService(d.Target, k)}}
	}
	newest := records[len(records)-1].info
	out := &wire.Described{Total: uint32(len(records)), Hash: newest.Hash}
	room := maxDescribedBytes
	for _, r := range records[:min(len(records), maxDescribed)] {
		if room -= sizeOf(r.info); room < 0 && len(out.Infos) > 0 {
			break
		}
		out.Infos = append(out.Infos, *r.info)
	}
	if m := c.methods[newest.Hash]; m != nil {
		out.Methods = m.blob
	}
	return []effect{send{from, id, out}}
}

// sizeOf is about the encoded size of an info.
func sizeOf(i *wire.Info) int {
	const fixed = 128 // numbers, hash and keys
	p := &i.Process
	n := fixed + len(i.Name) + len(i.Version) + len(i.Description) + len(p.Host) + len(p.User) + len(p.Program)
	for _, g := range i.Groups {
		n += len(g) + 3
	}
	for _, s := range i.Subjects {
		n += len(s) + 3
	}
	for k, v := range i.Labels {
		n += len(k) + len(v) + 6
	}
	return n
}

// noService is the failure for a target that reaches nobody.
func noService(target string, k key) *wire.Failure {
	f := wire.Failf(wire.CodeNoService, wire.No, "no service %q is announced", target)
	switch {
	case k.foreign:
		f.Details = foreignDetails
	case k.bad:
		f.Description = "a target is a name like math or an address like math@3"
	}
	return f
}

// foreignDetails explain why an address reaches nobody.
const foreignDetails = "address of an earlier exchange"
