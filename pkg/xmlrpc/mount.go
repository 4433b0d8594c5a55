package xmlrpc

import (
	"cmp"
	"fmt"
	pathpkg "path"
	"slices"
	"strings"
)

// standardMount is where services have their URLs unless somebody says otherwise.
const standardMount = "/xmlrpc/service"

// mounts are paths as the gateway compares them, without a slash at the end, the longest first.
func mounts(paths []string) ([]string, error) {
	if len(paths) == 0 {
		return []string{standardMount}, nil
	}
	list := make([]string, len(paths))
	for i, path := range paths {
		list[i] = strings.TrimSuffix(path, "/")
		switch trimmed := list[i]; {
		case path == "" || path[0] != '/' || trimmed == rpc2:
			return nil, fmt.Errorf("xmlrpc: mount %q: must begin with / and not be %s", path, rpc2)
		case trimmed != "" && pathpkg.Clean(trimmed) != trimmed:
			return nil, fmt.Errorf("xmlrpc: mount %q: clients ask for %s in its place", path, pathpkg.Clean(trimmed))
		}
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(list), nil
}

// under finds the mount that a path is under, and the name behind it, which is empty for the mount
// itself.
func under(mounts []string, path string) (mount, name string, ok bool) {
	for _, mount := range mounts {
		if name, ok := strings.CutPrefix(path, mount+"/"); ok {
			return mount, name, true
		}
	}
	return "", "", false
}
