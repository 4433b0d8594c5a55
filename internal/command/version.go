package command

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/wire"
)

func versionCommand() *Command {
	return &Command{
		Name:    "version",
		Section: SectionAdmin,
		Summary: "show the version of netsvc and of its protocol",
		Formats: []Format{FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatRaw},
		Lenient: true,
		Run:     runVersion,
	}
}

// build is what this program is. Its JSON is a contract.
type build struct {
	Version  string `json:"version"`
	Protocol int    `json:"protocol"`
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

func runVersion(_ context.Context, env *Env) error {
	b := build{Version: Version(), Protocol: wire.Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	return env.printShape(b, func(dst []byte, _ render.Look) []byte {
		return fmt.Appendf(dst, "netsvc %s, protocol %d, %s %s/%s\n", b.Version, b.Protocol, b.Go, b.OS, b.Arch)
	})
}

// Version is that of the module this program was built from, "(devel)" when it has none.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
