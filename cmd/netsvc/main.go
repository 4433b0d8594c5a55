// Command netsvc runs, lists and calls networked services through an exchange.
//
//	netsvc demo                      all of it in one process, to try out
//	netsvc exchange                  the process that all others stay connected to
//	netsvc host math                 a service
//	netsvc gateway                   its door for programs that speak XML-RPC over HTTP
//	netsvc call math.multiply 3 4    12
//
// This package is where the process is: its streams, its signals, its environment, its exit
// code. What the commands do that need nothing of that is in internal/command; here are those
// that run until they are told to end, one in a file.
//
// The command line is sorted by command.Table before urfave/cli reads its flags, because that
// library stops at the first argument and takes negative numbers for flags.
package main

import (
	"io"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"

	"github.com/netsvc/netsvc/internal/config"
	"github.com/netsvc/netsvc/internal/termguard"
)

func init() { termguard.Restore() }

func main() {
	std := streams{os.Stdin, os.Stdout, os.Stderr}
	os.Exit(run(os.Args, std, os.Getenv, config.Find(os.Getenv("NETSVC_CONFIG"), configHome())))
}

// configHome is the user's folder for configuration. Who has no home has none: xdg would take the
// root of the file system for it, or a folder below the current one.
func configHome() string {
	_, err := os.UserHomeDir()
	if err != nil && os.Getenv("XDG_CONFIG_HOME") == "" || !filepath.IsAbs(xdg.ConfigHome) {
		return ""
	}
	return xdg.ConfigHome
}

// streams are what a process reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}
