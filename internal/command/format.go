package command

import (
	"slices"
	"strings"
)

// Format is how results are written.
type Format string

// The formats. Auto is text for people on a terminal, and compact JSON in a pipe.
const (
	FormatAuto  Format = "auto"
	FormatJSON  Format = "json"  // one document, compact in a pipe
	FormatJSONL Format = "jsonl" // one compact value a line
	FormatYAML  Format = "yaml"  // one document, or one for each value of a stream
	FormatTable Format = "table" // columns, in a pipe, too
	FormatName  Format = "name"  // the name of each item of a list, one a line
	FormatRaw   Format = "raw"   // text and bytes as they are
)

func formats() []string {
	return words([]Format{FormatAuto, FormatJSON, FormatJSONL, FormatYAML, FormatTable, FormatName, FormatRaw})
}

func words(formats []Format) []string {
	list := make([]string, len(formats))
	for i, f := range formats {
		list[i] = string(f)
	}
	return list
}

// format is the one to use where f was asked for. A flag must name one that the command has;
// what the environment prefers gives way. What
// an expression makes of a list has no names.
func (c *Command) format(f Format, byFlag, filtered bool) (Format, error) {
	has := c.formats()
	named := f == FormatName && filtered
	switch {
	case slices.Contains(has, f) && !named:
		return f, nil
	case !byFlag:
		return FormatAuto, nil
	}
	if named {
		return f, usage("such as -q '.[].name' -r", "-o name and --jq do not go together")
	}
	return f, usage("it has "+strings.Join(words(has), ", "), "%s has no output format %s", c.Name, f)
}

// formats are all that the command takes.
func (c *Command) formats() []Format {
	if c.Formats == nil {
		return []Format{FormatAuto, FormatJSON, FormatJSONL}
	}
	return append([]Format{FormatAuto}, c.Formats...)
}

// IsJSON reports whether programs read the output, errors included.
func (f Format) IsJSON() bool { return f == FormatJSON || f == FormatJSONL }
