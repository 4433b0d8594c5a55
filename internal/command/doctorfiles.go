package command

import (
	"errors"
	"io/fs"
	"os"

	"github.com/netsvc/netsvc/internal/config"
)

// checkFiles looks at the settings and what they come from.
func (d *doctor) checkFiles() {
	folder := d.env.Folder
	d.checkFile("config", folder.Config())
	d.checkFile("contexts", folder.Contexts())
	d.checkFile("calls", folder.Calls())
	d.checkFolder(folder.Path())
	d.checkSaid()
	s := &d.env.Settings
	if s.Context != "" {
		d.ok("context", "%s, from %s", s.Context, s.Of("context").Origin)
	}
}

// checkFile looks at one of the files of settings, which must neither be broken nor open to
// others.
func (d *doctor) checkFile(check, path string) {
	problems := d.problemsOf(check, path)
	for _, p := range problems {
		d.fail(check, p.advice(), "%s", p.Message)
	}
	if len(problems) > 0 || path == "" {
		return
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && d.env.Settings.Of(check).Origin == originVariable(envConfig):
		d.warn(check, "is the path right?", "%s names %s, which is not there", envConfig, path)
	case errors.Is(err, fs.ErrNotExist):
		d.ok(check, "no file %s", path)
	case err != nil:
		d.fail(check, "", "%s: %v", path, reasonOf(err))
	case info.Mode()&0o022 != 0:
		d.warn(check, "chmod 600 "+path, "others may change %s, and so where calls go", path)
	default:
		d.ok(check, "%s", path)
	}
}

// problemsOf are the problems with a file. Those with saved calls, which no other command minds,
// are found here.
func (d *doctor) problemsOf(check, path string) []*Error {
	var found []*Error
	for _, p := range d.env.Settings.Problems {
		if p.file() == path && path != "" {
			found = append(found, p)
		}
	}
	if check == "calls" {
		var saved config.Calls
		if _, err := config.Read(path, &saved); err != nil {
			found = append(found, explain(err))
		}
	}
	return found
}

// file is the path of the file that an error is about, or "".
func (e *Error) file() string {
	var fault *config.Error
	if errors.As(e.cause, &fault) {
		return fault.File
	}
	return ""
}

// advice is what to do about an error, in the words of a hint.
func (e *Error) advice() string {
	if e.Meant {
		return "did you mean " + e.Hint + "?"
	}
	return e.Hint
}

// checkFolder looks at the folder of the files.
func (d *doctor) checkFolder(path string) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() && info.Mode()&0o022 != 0 {
		d.warn("folder", "chmod go-w "+path, "others may put files into %s", path)
	}
}

// checkSaid tells of the problems that are with no file: variables of the environment, and
// contexts that are not there.
func (d *doctor) checkSaid() {
	for _, p := range d.env.Settings.Problems {
		if p.file() == "" {
			d.fail("environment", p.advice(), "%s", p.Message)
		}
	}
}
