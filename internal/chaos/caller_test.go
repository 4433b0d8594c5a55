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

// job is one call to make.
type job struct {
	method   string
	millis   int64
	deadline time.Duration
	cancelAt time.Duration
	pause    time.Duration // after it
}

// drawJob chooses what to do next: mostly quick work, some slow work with deadlines short and
// long, some that is canceled, some that fails.
func drawJob(random *rand.Rand) job {
	j := job{method: "work", deadline: 10 * time.Second, pause: time.Duration(5+random.IntN(60)) * time.Millisecond}
	switch random.IntN(10) {
	case 0:
		j.method = "fail"
	case 1:
		j.method = "panic"
	case 2, 3:
		j.millis = int64(random.IntN(300))
		j.deadline = time.Duration(50+random.IntN(200)) * time.Millisecond
	case 4:
		j.millis = 500
		j.cancelAt = time.Duration(1+random.IntN(300)) * time.Millisecond
	case 5:
		j.millis = int64(random.IntN(1500))
	default:
		j.millis = int64(random.IntN(30))
	}
	return j
}

// caller makes calls and writes down how they end.
type caller struct {
	config  config
	journal *journal
	work    *service.Endpoint
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
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	me := &caller{config: c, journal: j, work: conn.Endpoint(workName)}
	var wg sync.WaitGroup
	for number := range callersAtOnce {
		wg.Go(func() { me.run(ctx, number) })
	}
	wg.Wait()
	stop()
	conn.Close()
	j.write(record{Kind: closed, Leaks: before.leaks()})
	return nil
}

// run makes one call after the other until ctx ends.
func (c *caller) run(ctx context.Context, number int) {
	random := rand.New(rand.NewPCG(c.config.Seed, uint64(number)))
	for turn := 0; ctx.Err() == nil; turn++ {
		next := drawJob(random)
		c.call(fmt.Sprintf("%s-%d-%d", c.config.Name, number, turn), next)
		rest(ctx, next.pause)
	}
}

func (c *caller) call(id string, j job) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if j.cancelAt > 0 {
		defer time.AfterFunc(j.cancelAt, cancel).Stop()
	}
	c.journal.write(record{Kind: asked, ID: id, Deadline: j.deadline, CancelAt: j.cancelAt})
	end := record{Kind: outcome, ID: id}
	args, err := value.AppendArgs(nil, []any{id, j.millis})
	if err != nil {
		panic(err) // a text and a number can always be encoded
	}
	response, err := c.work.CallRaw(ctx, j.method, args, &service.CallOptions{Timeout: j.deadline})
	var failure *service.Failure
	switch {
	case errors.As(err, &failure):
		end.Code, end.Delivered, end.Instance = failure.Code.String(), failure.Delivered.String(), addressText(failure.Instance)
	case value.Unmarshal(response.Value, &end.Result) != nil:
		end.Code = "a result that is no text"
	default:
		end.Instance = addressText(response.Instance)
	}
	c.journal.write(end)
}
