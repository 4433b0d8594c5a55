package service

import (
	"fmt"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// Report is a value that a service has published on one of its subjects.
type Report struct {
	Publisher Address // its Name is that of the service, empty for a connection's own instance
	Subject   string
	Time      time.Time // when it was published, by the exchange's clock
	Retained  bool      // it was published before the subscription, or the link, began

	value []byte // passes value.Check
}

// Value is what was published, in the Go form that value.Decode gives it.
func (r Report) Value() any {
	v, err := value.Decode(r.value)
	if err != nil {
		return nil // of the zero Report only: no other gets out of a subscription unchecked
	}
	return v
}

// Decode reads what was published into what into points to, by the rules of value.Unmarshal.
// The error says what does not fit.
func (r Report) Decode(into any) error { return value.Unmarshal(r.value, into) }

// Raw is what was published as it is encoded, to be passed on. It must not be changed.
func (r Report) Raw() value.Raw { return r.value }

// GapError tells that reports are missing at this place of a subscription: they were lost
// because somebody on the way was too slow, they could not be decoded, or the link was down.
// It does not end the subscription.
type GapError struct {
	Count   uint64 // how many; zero when Unknown
	Unknown bool   // the link was down, and nobody knows how many
}

// Error says how many reports are missing.
func (g *GapError) Error() string {
	switch {
	case g.Unknown:
		return "service: an unknown number of reports is missing"
	case g.Count == 1:
		return "service: 1 report is missing"
	}
	return fmt.Sprintf("service: %d reports are missing", g.Count)
}

// Match reports whether a pattern selects a subject, as subscriptions do: '*' stands for any
// run of characters, '?' for any one. Its time is at most the product of both lengths.
func Match(pattern, subject string) bool { return value.Match(pattern, subject) }
