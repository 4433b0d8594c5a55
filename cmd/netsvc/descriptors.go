package main

import "golang.org/x/sys/unix"

// descriptors is how many files and connections this process may have open, 0 if the system does
// not tell.
func descriptors() uint64 {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	return uint64(limit.Cur)
}
