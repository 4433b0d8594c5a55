//go:build linux

package chaos_test

import (
	"math/rand/v2"
	"slices"
	"time"
)

// The ways to call, which differ in what must hold.
const (
	wayPlain   = "plain"
	wayStream  = "stream"
	wayOneWay  = "one-way"
	wayKept    = "kept"
	wayForward = "forward"
	wayReverse = "reverse" // the service calls its caller back, by address
	wayBack    = "back"    // that call
	waySerial  = "serial"
	wayLarge   = "large"
	wayRetry   = "retry"      // made again as long as that is safe
	wayAgain   = "idempotent" // made again though it may have been executed
	wayAll     = "all"        // made at every instance of the name
	wayEach    = "each"       // one of those calls
	wayWeb     = "web"        // over HTTP, by the gateway
)

// ways are all of them, in the order of the report.
var ways = []string{wayPlain, wayStream, wayOneWay, wayKept, wayForward, wayReverse, wayBack, waySerial, wayLarge, wayRetry, wayAgain, wayAll, wayEach, wayWeb}

// job is one call to make.
type job struct {
	way      string
	service  string
	method   string
	millis   int64
	items    int // of a stream
	stop     int // results after which a stream is left; 0 for none
	deadline time.Duration
	cancelAt time.Duration
	pause    time.Duration // after it
}

// drawJob chooses what to do next, and whether there is time for it.
func drawJob(random *rand.Rand) job {
	j := drawWay(random)
	j.deadline, j.pause = 10*time.Second, time.Duration(5+random.IntN(60))*time.Millisecond
	switch random.IntN(10) {
	case 0, 1:
		j.millis = int64(random.IntN(300))
		j.deadline = time.Duration(50+random.IntN(200)) * time.Millisecond
	case 2:
		j.millis = 500
		j.cancelAt = time.Duration(1+random.IntN(300)) * time.Millisecond
	case 3:
		j.millis = int64(random.IntN(1500))
	default:
		j.millis = int64(random.IntN(30))
	}
	return j
}

// drawWay chooses how to call whom: mostly plainly.
func drawWay(random *rand.Rand) job {
	switch n := random.IntN(47); {
	case n < 6:
		return drawStream(random)
	case n < 10:
		return job{way: wayOneWay, service: workName, method: "work"}
	case n < 14:
		return job{way: wayKept, service: workName, method: "later"}
	case n < 18:
		return job{way: wayForward, service: workName, method: "pass"}
	case n < 22:
		return job{way: wayReverse, service: workName, method: "ring"}
	case n < 25:
		return job{way: waySerial, service: aloneName, method: "work"}
	case n < 27:
		return job{way: wayLarge, service: workName, method: "large"}
	case n < 29:
		return job{way: wayPlain, service: workName, method: "fail"}
	case n < 31:
		return job{way: wayPlain, service: workName, method: "panic"}
	case n < 34:
		return job{way: wayRetry, service: workName, method: "work"}
	case n < 36:
		return job{way: wayAgain, service: workName, method: "work"}
	case n < 37:
		return job{way: wayAll, service: workName, method: "each"}
	}
	return job{way: wayPlain, service: workName, method: "work"}
}

// drawStream makes some longer than the credit of 256 KiB, and leaves some early.
func drawStream(random *rand.Rand) job {
	j := job{way: wayStream, service: workName, method: "series", items: 1 + random.IntN(100)}
	if random.IntN(4) == 0 {
		j.stop = 1 + random.IntN(j.items)
	}
	return j
}

// drawWebJob chooses for a caller over HTTP: what XML-RPC has words for.
func drawWebJob(random *rand.Rand) job {
	j := drawJob(random)
	for slices.Contains([]string{wayOneWay, wayReverse, wayStream, wayAll}, j.way) {
		j = drawJob(random)
	}
	j.way, j.deadline = wayWeb, 10*time.Second
	return j
}
