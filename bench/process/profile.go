package process

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
)

// profileVariable names the folder for profiles to those children that are started later.
const profileVariable = "NETSVC_BENCH_PROFILE"

// Profile has each child started from now on write a CPU profile of its life into a folder,
// as ROLE-PID.pprof. A child that is killed leaves none that can be read.
func Profile(folder string) error {
	whole, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(whole, 0o755); err != nil {
		return err
	}
	return os.Setenv(profileVariable, whole)
}

// profiled plays a role, with a profile where one is wanted.
func profiled(name string, role Role, args []string) error {
	folder := os.Getenv(profileVariable)
	if folder == "" {
		return role(args)
	}
	file, err := os.Create(filepath.Join(folder, fmt.Sprintf("%s-%d.pprof", name, os.Getpid())))
	if err != nil {
		return err
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return role(args)
}
