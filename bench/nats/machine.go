package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// machine is what all processors have worked up to a moment, and what of it was ours.
type machine struct {
	from       time.Time
	busy, ours time.Duration
}

func watchMachine() (machine, error) {
	busy, err := busyTime()
	if err != nil {
		return machine{}, err
	}
	ours, err := ourTime()
	return machine{from: time.Now(), busy: busy, ours: ours}, err
}

// others is the share of all processors that others took since.
func (m machine) others() (float64, error) {
	now, err := watchMachine()
	return othersBetween(m, now), err
}

// othersBetween is the share of all processors that others took from one moment to another.
// It is known to a hundredth of a second of all processors.
func othersBetween(then, now machine) float64 {
	all := now.from.Sub(then.from) * time.Duration(runtime.NumCPU())
	return max(0, float64((now.busy-then.busy)-(now.ours-then.ours))/float64(all))
}

// busyTime is what all processors together have worked since the machine started (proc(5)).
func busyTime() (time.Duration, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	fields := strings.Fields(line)
	const idle, iowait, steal = 4, 5, 8
	if len(fields) <= steal {
		return 0, fmt.Errorf("/proc/stat begins with %q", line)
	}
	var ticks int64
	for i, f := range fields[:steal] {
		if i == 0 || i == idle || i == iowait {
			continue
		}
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * (time.Second / 100), nil
}

// ourTime is what this process and those of its children that have ended have used.
func ourTime() (time.Duration, error) {
	var sum time.Duration
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var used unix.Rusage
		if err := unix.Getrusage(who, &used); err != nil {
			return 0, err
		}
		sum += time.Duration(used.Utime.Nano() + used.Stime.Nano())
	}
	return sum, nil
}
