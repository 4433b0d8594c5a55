package config

import "path/filepath"

// Folder is where the files are. The zero Folder has none: reading its files finds nothing, and
// they cannot be written.
type Folder struct {
	path   string
	config string
}

// Find says where the files are. named is the path of the user's configuration file, and the
// other files are beside it; when it is empty all of them are in the folder netsvc of home, the
// user's folder for configuration. With both empty it is the zero Folder.
func Find(named, home string) Folder {
	switch {
	case named != "":
		return Folder{path: filepath.Dir(named), config: named}
	case home != "":
		path := filepath.Join(home, "netsvc")
		return Folder{path: path, config: filepath.Join(path, "config.toml")}
	}
	return Folder{}
}

// Path is the folder itself, or "".
func (f Folder) Path() string { return f.path }

// Config is the path of the user's own file, or "".
func (f Folder) Config() string { return f.config }

// Contexts is the path of the file that has the contexts, or "".
func (f Folder) Contexts() string { return f.file("contexts.toml") }

// Calls is the path of the file that has the saved calls, or "".
func (f Folder) Calls() string { return f.file("calls.toml") }

func (f Folder) file(name string) string {
	if f.path == "" {
		return ""
	}
	return filepath.Join(f.path, name)
}
