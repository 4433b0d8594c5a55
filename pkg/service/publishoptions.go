package service

import (
	"math"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// WhileAnnounced is the lifetime of a value that is retained until the service is withdrawn.
const WhileAnnounced time.Duration = -1

// PublishOptions are for one report. The zero value is for what concerns only those who are
// subscribed now.
type PublishOptions struct {
	// Lifetime is how long the value is retained for those who subscribe later, in whole
	// seconds, rounded up, or WhileAnnounced. Zero means not at all, and a value that was
	// retained on the subject is forgotten. The last value of a subject is retained, never
	// longer than the service is announced.
	Lifetime time.Duration
	// To, if not zero, is the own instance of the one connection whose subscriptions get the
	// report, if they select it. See Subscriber. Such a report is not retained and leaves
	// what is retained as it is.
	To Address
	// Confirm waits until the exchange has the report in the queues of all who get it, and
	// returns what it refuses. Without Confirm that is counted in Stats and logged.
	Confirm bool
}

// lifetime is the Lifetime in seconds.
func (o *PublishOptions) lifetime() int32 {
	if o.Lifetime == WhileAnnounced {
		return wire.LifetimeOfPublisher
	}
	seconds := (o.Lifetime + time.Second - 1) / time.Second
	return int32(min(seconds, math.MaxInt32))
}

// check says what is wrong with the options or the subject.
func (o *PublishOptions) check(subject string) *wire.Failure {
	if err := value.CheckSubject(subject); err != nil {
		return badParams("%v", err)
	}
	switch {
	case o.Lifetime < 0 && o.Lifetime != WhileAnnounced:
		return badParams("a lifetime of %v is negative", o.Lifetime)
	case o.Lifetime != 0 && !o.To.IsZero():
		return badParams("a report to one subscriber is not retained")
	}
	return nil
}
