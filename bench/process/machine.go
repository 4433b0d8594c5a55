package process

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Machine is what all processors have worked up to a moment, and what of it was ours.
type Machine struct {
	From time.Time
	Busy time.Duration
	Ours time.Duration // this process and its children that have ended; add those that live
}

// WatchMachine reads the clocks of the machine.
func WatchMachine() (Machine, error) {
	busy, err := busyTime()
	if err != nil {
		return Machine{}, err
	}
	ours, err := ourTime()
	return Machine{From: time.Now(), Busy: busy, Ours: ours}, err
}

// Others is the share of all processors that others took since.
func (m Machine) Others() (float64, error) {
	now, err := WatchMachine()
	return OthersBetween(m, now), err
}

// OthersBetween is the share of all processors that others took from one moment to another.
// It is known to a hundredth of a second of all processors.
func OthersBetween(then, now Machine) float64 {
	all := now.From.Sub(then.From) * time.Duration(runtime.NumCPU())
	return max(0, float64((now.Busy-then.Busy)-(now.Ours-then.Ours))/float64(all))
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
