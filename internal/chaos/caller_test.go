//go:build linux

package chaos_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
)

// callersAtOnce is how many calls one caller process has open at most.
const callersAtOnce = 12

// caller makes calls and writes down how they end.
type caller struct {
	config  config
	journal *journal
	draw    func(*rand.Rand) job
	perform func(ctx context.Context, id string, j job) record // returns the outcome
}

// runCaller calls until SIGTERM, waits for what is open, closes and looks for leaks.
func runCaller(c config) error {
	j, err := openJournal(c.History, c.Name)
	if err != nil {
		return err
	}
	before := takeStock()
	conn, err := service.Connect(context.Background(), c.Exchange, backgroundOptions(c.Name))
	if err != nil {
		return err
	}
	w := &worker{journal: j}
	if err := conn.Export("ring", w.work, nil); err != nil {
		return err
	}
	me := &caller{config: c, journal: j, draw: drawJob, perform: (&client{conn, j}).perform}
	me.untilSIGTERM()
	conn.Close()
	j.write(record{Kind: closed, Leaks: before.leaks()})
	return nil
}

// untilSIGTERM makes calls, some at once, and waits for the last ones.
func (c *caller) untilSIGTERM() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var wg sync.WaitGroup
	for number := range callersAtOnce {
		wg.Go(func() { c.run(ctx, number) }) // ends with ctx
	}
	wg.Wait()
}

// run makes one call after the other until ctx ends.
func (c *caller) run(ctx context.Context, number int) {
	random := rand.New(rand.NewPCG(c.config.Seed, uint64(number)))
	for turn := 0; ctx.Err() == nil; turn++ {
		next := c.draw(random)
		code := c.call(fmt.Sprintf("%s-%d-%d", c.config.Name, number, turn), next)
		if code == "unreachable" || code == "draining" || code == codeRefused {
			next.pause += 100 * time.Millisecond // or most calls would be those that find nobody
		}
		rest(ctx, next.pause)
	}
}

// call makes one call and returns the code of its outcome.
func (c *caller) call(id string, j job) string {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if j.cancelAt > 0 {
		defer time.AfterFunc(j.cancelAt, cancel).Stop()
	}
	c.journal.write(record{
		Kind: asked, ID: id, Way: j.way, Note: j.service + "." + j.method,
		Deadline: j.deadline, CancelAt: j.cancelAt, Wanted: j.items, Stop: j.stop,
	})
	end := c.perform(ctx, id, j)
	end.Kind, end.ID = outcome, id
	c.journal.write(end)
	return end.Code
}

// client calls by a connection.
type client struct {
	conn    *service.Conn
	journal *journal
}

func (c *client) perform(ctx context.Context, id string, j job) record {
	opts := service.CallOptions{Timeout: j.deadline}
	if j.way == wayRetry || j.way == wayAgain {
		opts.Retry = &service.Retry{Idempotent: j.way == wayAgain}
	}
	e := c.conn.Endpoint(j.service).With(opts)
	switch j.way {
	case wayStream:
		return gather(ctx, e, id, j)
	case wayOneWay:
		return outcomeOf(e.Send(ctx, j.method, id, j.millis))
	case wayAll:
		return c.askAll(ctx, id, j, &opts)
	}
	return ask(ctx, e, id, j)
}

// ask calls a method that gives one result.
func ask(ctx context.Context, e *service.Endpoint, id string, j job) record {
	response, err := e.CallRaw(ctx, j.method, arguments(id, j), nil)
	if err != nil {
		return outcomeOf(err)
	}
	return resultOf(j, response.Value, response.Instance)
}

func arguments(id string, j job) []byte {
	args, err := value.AppendArgs(nil, []any{id, j.millis})
	if err != nil {
		panic(err) // a text and a number can always be encoded
	}
	return args
}

// resultOf is the record of a call that went well.
func resultOf(j job, encoded value.Raw, instance service.Address) record {
	var result string
	if err := value.Unmarshal(encoded, &result); err != nil {
		return record{Wrong: "a result that is no text", Instance: addressText(instance)}
	}
	return record{Result: idIn(j.method, result), Instance: addressText(instance)}
}

// askAll calls all instances of a name, each of which has a story of its own, and looks
// whether each answers once.
func (c *client) askAll(ctx context.Context, id string, j job, opts *service.CallOptions) record {
	all, err := c.conn.CallAllRaw(ctx, j.service, j.method, arguments(id, j), opts)
	if err != nil {
		return outcomeOf(err)
	}
	for _, m := range all.Members() {
		c.journal.write(record{Kind: asked, ID: memberID(id, m.Address), Way: wayEach, Deadline: j.deadline, CancelAt: j.cancelAt})
	}
	answers := 0
	for a := range all.Answers() {
		answers++
		end := outcomeOf(a.Err)
		if a.Err == nil {
			end = resultOf(j, a.Value, a.Instance)
		}
		end.Kind, end.ID = outcome, memberID(id, a.Instance)
		c.journal.write(end)
	}
	if answers != len(all.Members()) {
		return record{Wrong: fmt.Sprintf("%d answers of %d members", answers, len(all.Members()))}
	}
	return record{Result: id}
}

// outcomeOf is the record of a call that failed, or of a request that has been sent.
func outcomeOf(err error) record {
	var f *service.Failure
	switch {
	case err == nil:
		return record{}
	case errors.As(err, &f):
		return record{Code: f.Code.String(), Delivered: f.Delivered.String(), Instance: addressText(f.Instance)}
	}
	return record{Wrong: fmt.Sprintf("an error that is no failure: %v", err)}
}

// gather takes the results of a stream, of which the k-th says k, and looks what comes
// after the end.
func gather(ctx context.Context, e *service.Endpoint, id string, j job) record {
	var end record
	over := false
	for item, err := range service.Stream[string](ctx, e, j.method, id, j.millis, j.items) {
		if over {
			end.Wrong = "something came after the end"
		}
		if err != nil {
			failed := outcomeOf(err)
			end.Code, end.Delivered, end.Instance, over = failed.Code, failed.Delivered, failed.Instance, true
			continue
		}
		end.Results++
		if item != seriesItem(id, end.Results) && end.Wrong == "" {
			end.Wrong = fmt.Sprintf("result %d was that of another place or call: %.60q", end.Results, item)
		}
		if end.Results == j.stop {
			break
		}
	}
	if end.Code == "" {
		end.Result = id
	}
	return end
}
