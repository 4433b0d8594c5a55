//go:build linux

package chaos_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/netsvc/netsvc/pkg/service"
)

// What the publisher is called, and its subjects: each report begins with its number, from 0,
// whatever its subject, and the last one is on a subject of its own.
const (
	paperName   = "newspaper"
	pageSubject = "page"
	lastSubject = "last"
)

// readers is how many processes subscribe to the newspaper.
const readers = 10

// edition is what a publisher did.
type edition struct {
	Published uint64
	Took      time.Duration // for all but the last
	Longest   time.Duration // of a Publish
}

// runPublisher waits for its readers, which is told by an empty file, publishes until SIGTERM
// and writes its edition into the file.
func runPublisher(c config) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	conn, err := service.Connect(ctx, c.Exchange, &service.Options{Program: c.Name})
	if err != nil {
		return err
	}
	defer conn.Close()
	paper := service.New(paperName, nil)
	if err := conn.Announce(ctx, paper); err != nil {
		return err
	}
	for len(paper.Subscribers()) < readers {
		if err := rest(ctx, time.Millisecond); err != nil {
			return err
		}
	}
	if err := os.WriteFile(c.History, nil, 0o600); err != nil {
		return err
	}
	e, err := publish(ctx, paper, c)
	if err != nil {
		return err
	}
	return writeJSON(c.History, e)
}

// publishPause is the time between two bundles of reports.
const publishPause = 5 * time.Millisecond

// bundle is how many reports are due after so long without any. A machine that was busy with
// other things for longer than a few pauses has not to make up for it.
func (c config) bundle(since time.Duration) int {
	if c.Pace == 0 {
		return 100
	}
	return max(1, int(int64(c.Pace)*int64(min(since, 4*publishPause))/int64(time.Second)))
}

// publish publishes until ctx ends, and then the last report.
func publish(ctx context.Context, paper *service.Service, c config) (e edition, err error) {
	report, from := make([]byte, c.Size), clock()
	for last := from; ctx.Err() == nil; {
		now := clock()
		n := c.bundle(now - last)
		last = now
		for range n {
			if err := e.add(paper, report); err != nil {
				return e, err
			}
		}
		if c.Pace > 0 {
			rest(ctx, publishPause)
		}
	}
	e.Took = clock() - from
	binary.LittleEndian.PutUint64(report, e.Published)
	e.Published++
	return e, paper.PublishWith(context.Background(), lastSubject, report, service.PublishOptions{Confirm: true})
}

// add publishes the next report.
func (e *edition) add(paper *service.Service, report []byte) error {
	binary.LittleEndian.PutUint64(report, e.Published)
	began := clock()
	if err := paper.Publish(context.Background(), pageSubject, report); err != nil {
		return err
	}
	e.Longest = max(e.Longest, clock()-began)
	e.Published++
	return nil
}

// reading is what a reader got.
type reading struct {
	Delivered uint64
	Lost      uint64
	Gaps      int
}

// next is the number of the next report, when all that is missing has been told.
func (r *reading) next() uint64 { return r.Delivered + r.Lost }

// runReader subscribes and reads until the last report, and writes what it got into its file.
// A report that is not the next one after what has come and what is missing ends it as an error.
func runReader(c config) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	conn, err := service.Connect(ctx, c.Exchange, &service.Options{Program: c.Name})
	if err != nil {
		return err
	}
	defer conn.Close()
	sub, err := conn.Subscribe(service.SubscribeOptions{Service: paperName})
	if err != nil {
		return err
	}
	var got reading
	for last := false; !last; {
		report, err := sub.Next(ctx)
		if last, err = got.take(report, err); err != nil {
			return err
		}
	}
	return writeJSON(c.History, got)
}

// take counts a report or a gap, and tells whether it was the last report.
func (r *reading) take(report service.Report, err error) (last bool, _ error) {
	var gap *service.GapError
	if errors.As(err, &gap) && !gap.Unknown {
		r.Gaps++
		r.Lost += gap.Count
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var page []byte
	if err := report.Decode(&page); err != nil {
		return false, err
	}
	if number := binary.LittleEndian.Uint64(page); number != r.next() {
		return false, fmt.Errorf("report %d came behind %d reports and %d missing", number, r.Delivered, r.Lost)
	}
	r.Delivered++
	return report.Subject == lastSubject, nil
}

func writeJSON(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o600)
}
