package service

import (
	"math/rand/v2"
	"slices"
	"strconv"
)

// Policy says who chooses among the instances of a name, and how. An endpoint of an address
// has nothing to choose, so none applies to it.
type Policy uint8

// The policies.
const (
	// LeastInFlight leaves the choice to the exchange, which knows how busy each instance is
	// with the calls of everybody. It costs nothing and is right nearly always.
	LeastInFlight Policy = 0
	// RoundRobin takes each instance in turn, for all calls of the Conn to that name together.
	// One that is busy is passed over, too.
	RoundRobin Policy = 1
	// First takes the instance with the lowest address, the oldest one. When that is busy the
	// call is.
	First Policy = 2
)

// String is the policy's name, such as "round-robin".
func (p Policy) String() string {
	switch p {
	case LeastInFlight:
		return "least-in-flight"
	case RoundRobin:
		return "round-robin"
	case First:
		return "first"
	}
	return "policy " + strconv.Itoa(int(p))
}

// fitness is the order in which states are chosen: the others only while no instance is ready.
var fitness = [...]State{Ready, Suspect, Draining}

// turn remembers whose turn it is by round-robin. It begins anywhere, so that processes
// that make one call each do not all make it to the same instance.
type turn struct {
	last  uint32
	begun bool
}

// next takes the instance after the last one, of those that fit.
func (t *turn) next(x *index, numbers []uint32, fits func(uint32) bool) (uint32, bool) {
	if len(numbers) == 0 {
		return 0, false
	}
	if !t.begun {
		t.last, t.begun = numbers[rand.IntN(len(numbers))], true
	}
	at, found := slices.BinarySearch(numbers, t.last)
	if found {
		at++
	}
	n, ok := fittest(x, numbers, at, fits)
	if ok {
		t.last = n
	}
	return n, ok
}

// fittest is the first instance of a list, read from a place on and around, that fits and is
// in the best state there is.
func fittest(x *index, numbers []uint32, from int, fits func(uint32) bool) (uint32, bool) {
	for _, state := range fitness {
		for i := range numbers {
			n := numbers[(from+i)%len(numbers)]
			if x.infos[n].State == state && fits(n) {
				return n, true
			}
		}
	}
	return 0, false
}

// fit are the instances of a list that fit, of the best state there is.
func fit(infos []Info, fits func(uint32) bool) []Info {
	for _, state := range fitness {
		var some []Info
		for _, info := range infos {
			if info.State == state && fits(info.Address.Number) {
				some = append(some, info)
			}
		}
		if len(some) > 0 {
			return some
		}
	}
	return nil
}
