package httpdoor

import (
	"fmt"
	"strings"
)

// entries reads a file of secrets: lines with a name and what it is known by, blanks between them.
// Empty lines, and those that begin with #, are left out. No error holds anything but the name of
// the file and the number of the line.
func entries(path string, take func(name, secret string) error) error {
	text, err := readSecret(path)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) != 2 || !isName(words[0]) {
			return fmt.Errorf("%s:%d: a line wants a name and a hash", path, number)
		}
		if taken[words[0]] {
			return fmt.Errorf("%s:%d: the name is there twice", path, number)
		}
		taken[words[0]] = true
		if err := take(words[0], words[1]); err != nil {
			return fmt.Errorf("%s:%d: %w", path, number, err)
		}
	}
	if len(taken) == 0 {
		return fmt.Errorf("%s holds no entry", path)
	}
	return nil
}

// isName reports whether a name can stand in a log as it is.
func isName(name string) bool {
	return isID(strings.ReplaceAll(name, "@", "."))
}
