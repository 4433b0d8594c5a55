package command

import (
	"slices"
	"strings"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/value"
)

// Format is how results are written.
type Format string

// The formats. Auto is text for people on a terminal, and compact JSON in a pipe.
const (
	FormatAuto  Format = "auto"
	FormatJSON  Format = "json"  // one document, compact in a pipe
	FormatJSONL Format = "jsonl" // one compact value a line
	FormatYAML  Format = "yaml"
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
// what the environment prefers gives way.
func (c *Command) format(f Format, byFlag bool) (Format, error) {
	has := c.Formats
	if has == nil {
		has = []Format{FormatJSON, FormatJSONL}
	}
	switch {
	case f == FormatAuto || slices.Contains(has, f):
		return f, nil
	case !byFlag:
		return FormatAuto, nil
	}
	return f, usage("it has "+strings.Join(words(append([]Format{FormatAuto}, has...)), ", "), "%s has no output format %s", c.Name, f)
}

// IsJSON reports whether programs read the output, errors included.
func (f Format) IsJSON() bool { return f == FormatJSON || f == FormatJSONL }

// forPeople reports whether the output is text rather than JSON.
func (e *Env) forPeople() bool {
	return e.Settings.Format == FormatTable || e.Settings.Format == FormatAuto && e.OutLook.Terminal
}

// write writes a result. A failed write is the command's error.
func (e *Env) write(text []byte) error {
	_, err := e.Out.Write(text)
	return err
}

// appendDocument appends one JSON document and a line's end, indented for a terminal unless
// each value has its line.
func (e *Env) appendDocument(dst, doc []byte) []byte {
	indent := e.OutLook.Terminal && e.Settings.Format != FormatJSONL
	return append(e.OutLook.AppendJSON(dst, doc, indent), '\n')
}

// printValue writes one value that came over the network.
func (e *Env) printValue(encoded value.Raw) error {
	doc, err := value.AppendRawJSON(nil, encoded)
	switch {
	case err != nil:
		return err
	case e.Settings.Format == FormatTable:
		return e.write(render.ValueTable(doc).Append(nil, e.OutLook))
	}
	return e.write(e.appendDocument(nil, doc))
}

// printLine writes one value that came over the network on a line of its own.
func (e *Env) printLine(encoded value.Raw) error {
	doc, err := value.AppendRawJSON(nil, encoded)
	if err != nil {
		return err
	}
	return e.write(append(e.OutLook.AppendJSON(nil, doc, false), '\n'))
}

// printShape writes one of the shapes of the contract, or its text for people.
func (e *Env) printShape(shape any, text func(dst []byte, l render.Look) []byte) error {
	if e.forPeople() {
		return e.write(text(nil, e.OutLook))
	}
	doc, err := encodeShape(shape)
	if err != nil {
		return err
	}
	return e.write(e.appendDocument(nil, doc))
}

// printList writes a list of shapes: a table for people, one document, or one item a line.
func printList[T any](e *Env, items []T, table func() *render.Table) error {
	if e.Settings.Format != FormatJSONL {
		return e.printShape(items, func(dst []byte, l render.Look) []byte { return table().Append(dst, l) })
	}
	var lines []byte
	for _, item := range items {
		doc, err := encodeShape(item)
		if err != nil {
			return err
		}
		lines = e.appendDocument(lines, doc)
	}
	return e.write(lines)
}
