package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// CPU is the user and system time that the child has used so far, all its threads together.
// It is read from the child's own CPU clock, which counts nanoseconds where /proc counts
// hundredths of a second.
func (p *Process) CPU() (time.Duration, error) {
	used, err := CPUOf(p.cmd.Process.Pid)
	if err != nil {
		return 0, fmt.Errorf("CPU clock of the %s: %w", p.role, err)
	}
	return used, nil
}

// CPUOf is Process.CPU for any process.
func CPUOf(pid int) (time.Duration, error) {
	var used unix.Timespec
	err := unix.ClockGettime(cpuClock(pid), &used)
	return time.Duration(used.Nano()), err
}

// cpuClock is the clock of another process's CPU time (clock_getcpuclockid(3)): the
// complement of its number over three bits, which are 2 for the scheduler's own count.
func cpuClock(pid int) int32 { return int32(^pid<<3 | 2) }

// Resident is the memory of the child that is in RAM, in bytes (proc(5)).
func (p *Process) Resident() (int64, error) {
	statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(statm))
	if len(fields) < 2 {
		return 0, fmt.Errorf("statm of the %s has %d fields", p.role, len(fields))
	}
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize()), err
}
