package service

import (
	"context"
)

// Directory is a local copy of a part of the registry, kept up to date without a goroutine
// of its own. It is empty while the link is down.
type Directory struct{ f *follower }

// Directory begins to keep a copy of a part of the registry. It does not wait; Synced does.
func (c *Conn) Directory(opts WatchOptions) (*Directory, error) {
	f, err := c.follow(&opts, nil)
	if err != nil {
		return nil, err
	}
	return &Directory{f}, nil
}

// Synced waits until the copy holds the present state. The error is ctx's, or why the
// Directory has ended, as Watch.Next has it.
func (d *Directory) Synced(ctx context.Context) error {
	return d.f.await(ctx, func() bool { return d.f.synced })
}

// Current waits as Synced does, but for no new link: when the link is down, or breaks
// meanwhile, the error is the failure unreachable, not delivered, at once.
func (d *Directory) Current(ctx context.Context) error {
	down := false
	err := d.f.await(ctx, func() bool {
		down = d.f.in == nil && d.f.err == nil
		return down || d.f.synced
	})
	if down {
		return d.f.conn.unreachable()
	}
	return err
}

// Returning reports whether a name was here when the link was lost and may be back soon: it
// has not been seen since, and the copy has not held the present state for 3 s yet. Services
// come back on their own, so after a restart of the exchange some are missing for a moment.
func (d *Directory) Returning(name string) bool {
	d.f.mu.Lock()
	defer d.f.mu.Unlock()
	return d.f.absent.expects(name, d.f.conn.now())
}

// Lookup lists the instances of a name, oldest first.
func (d *Directory) Lookup(name string) []Info {
	d.f.mu.Lock()
	defer d.f.mu.Unlock()
	return d.f.known.pick(d.f.known.names[name])
}

// Group lists the members of a group, oldest first.
func (d *Directory) Group(group string) []Info {
	d.f.mu.Lock()
	defer d.f.mu.Unlock()
	return d.f.known.pick(d.f.known.groups[group])
}

// At finds one instance. An address without an origin is one of the present exchange.
func (d *Directory) At(a Address) (Info, bool) {
	d.f.mu.Lock()
	defer d.f.mu.Unlock()
	info, ok := d.f.known.infos[a.Number]
	if !ok || a.Name != "" && a.Name != info.Name || a.Origin != 0 && a.Origin != info.Address.Origin {
		return Info{}, false
	}
	return info, true
}

// All lists all instances, oldest first.
func (d *Directory) All() []Info {
	d.f.mu.Lock()
	defer d.f.mu.Unlock()
	return d.f.known.all()
}

// Close ends the updates; the copy stays as it is.
func (d *Directory) Close() { d.f.close() }
