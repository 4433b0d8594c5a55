package service

import (
	"time"

	"github.com/netsvc/netsvc/pkg/wire"
)

// wallTime turns the milliseconds of a message into a time to show; zero stays zero.
func wallTime(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// wallMillis is a time to show, as messages carry it.
func wallMillis(t time.Time) int64 { return t.UnixMilli() }

// infoOf turns what the wire says of an instance into what users read.
func infoOf(origin uint64, i *wire.Info) Info {
	return Info{
		Address: Address{Origin: origin, Name: i.Name, Number: i.Number},
		Name:    i.Name, State: i.State, Groups: i.Groups, Hidden: i.Hidden, Fallback: i.Fallback,
		Version: i.Version, Description: i.Description, Labels: i.Labels, Subjects: i.Subjects,
		Hash: i.Hash, Since: wallTime(i.Since), Session: i.Session,
		Process: Process{
			PID: i.Process.PID, Host: i.Process.Host, User: i.Process.User,
			Program: i.Process.Program, Started: wallTime(i.Process.Started),
		},
	}
}

// eventOf turns an event of the exchange into what users read.
func eventOf(origin uint64, e *wire.Event) Event {
	ev := Event{Rev: e.Rev, Kind: e.Kind, Group: e.Group, Reason: e.Reason, Time: wallTime(e.Time)}
	if e.Info != nil {
		ev.Info = infoOf(origin, e.Info)
	}
	return ev
}

// wallNow is the time to show of events the library makes itself.
func wallNow() time.Time { return time.Now() }
