package xmlrpc

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/wire"
)

// maxPlaces is how many places are kept before those without calls are dropped.
const maxPlaces = 4096

// places are the handles by which instances and names are called, kept because
// making one costs a frame. They also count the calls that each has from here.
type places struct {
	network network

	mu    sync.Mutex
	names map[string]caller
	exact map[service.Address]*place
	turn  int // moves on with each choice, so that equal places take turns
}

// place is one instance.
type place struct {
	caller
	open int // calls from here
}

// named returns the handle for a name or an address that the exchange resolves.
func (p *places) named(target string) caller {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.names[target]; ok {
		return c
	}
	if p.names == nil || len(p.names) >= maxPlaces {
		p.names = map[string]caller{}
	}
	c := p.network.Endpoint(target)
	p.names[target] = c
	return c
}

// call calls the instance with the fewest calls from here. While the answer is that
// the method did not start and another instance may do better, the next is tried,
// each once. The registry is looked at again before, by lookup: all that it had at
// first may have been replaced. infos is not empty.
func (p *places) call(ctx context.Context, infos []service.Info, lookup func() []service.Info, method string, params []any) (v any, err error) {
	tried := make(map[service.Address]bool, 1)
	for ; anyUntried(infos, tried); infos = lookup() {
		address, chosen := p.take(infos, tried)
		v, err = chosen.Call(ctx, method, params...)
		p.give(chosen)
		if !another(err) {
			break
		}
		tried[address] = true
	}
	return v, err
}

func anyUntried(infos []service.Info, tried map[service.Address]bool) bool {
	return slices.ContainsFunc(infos, func(i service.Info) bool { return !tried[i.Address] })
}

// another reports whether another instance may take what this one has refused.
func another(err error) bool {
	var f *wire.Failure
	if !errors.As(err, &f) || f.Delivered != wire.No {
		return false
	}
	return f.Code == wire.CodeNoService || f.Code == wire.CodeBusy || f.Code == wire.CodeDraining
}

// take chooses an instance that was not tried yet, one of which there must be, and
// counts a call for it. Those
// that are ready come before those that are not.
func (p *places) take(infos []service.Info, tried map[service.Address]bool) (service.Address, *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prune()
	p.turn++
	var best *place
	var address service.Address
	bestReady := false
	for i := range infos {
		info := &infos[(i+p.turn)%len(infos)]
		if tried[info.Address] {
			continue
		}
		candidate, ready := p.at(info.Address), info.State == service.Ready
		if best == nil || (ready && !bestReady) || (ready == bestReady && candidate.open < best.open) {
			best, address, bestReady = candidate, info.Address, ready
		}
	}
	best.open++
	return address, best
}

func (p *places) give(chosen *place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	chosen.open--
}

// at returns the place of an instance. It is called with the mutex held.
func (p *places) at(a service.Address) *place {
	if have, ok := p.exact[a]; ok {
		return have
	}
	if p.exact == nil {
		p.exact = map[service.Address]*place{}
	}
	made := &place{caller: p.network.At(a)}
	p.exact[a] = made
	return made
}

// prune drops the places without calls when there are too many: addresses are
// never used again, so they are mostly of instances that are gone. It is called
// with the mutex held.
func (p *places) prune() {
	if len(p.exact) < maxPlaces {
		return
	}
	for a, have := range p.exact {
		if have.open == 0 {
			delete(p.exact, a)
		}
	}
}
