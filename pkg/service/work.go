package service

import (
	"context"
	"runtime/debug"
)

// startWork starts the service's own work, if it has any and it does not run. It is called
// with the service's mutex held.
func (i *instance) startWork() {
	if i.service.opts.Work == nil || i.work != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	i.work = cancel
	i.conn.crew.Go(func() { i.runWork(ctx) }) // ends when Work returns, which its context tells it to
}

// stopWork ends the work's context. It is called with the service's mutex held.
func (i *instance) stopWork() {
	if i.work != nil {
		i.work()
	}
}

// ended ends what an instance does by itself when its Conn has ended.
func (i *instance) ended() {
	i.service.mu.Lock()
	defer i.service.mu.Unlock()
	i.stopWork()
}

func (i *instance) runWork(ctx context.Context) {
	defer func() {
		if p := recover(); p != nil {
			i.panicLog().Error("the work of a service panicked",
				"service", i.service.name, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	i.service.opts.Work(ctx, i.service)
}
