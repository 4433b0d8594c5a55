package command

import (
	"bytes"
	"fmt"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// forPeople reports whether the output is text made for reading, rather than a document. What an
// expression makes of a result is always a document.
func (e *Env) forPeople() bool {
	return e.filter == nil && (e.Settings.Format == FormatTable || e.Settings.Format == FormatAuto && e.readable())
}

// readable reports whether results are laid out for a person.
func (e *Env) readable() bool { return e.OutLook.Terminal && !e.Piped }

// oneDocument reports whether what comes bit by bit is to be collected for one document.
func (e *Env) oneDocument() bool { return e.filter == nil && e.Settings.Format == FormatJSON }

// write writes a result.
func (e *Env) write(text []byte) error {
	if _, err := e.Out.Write(text); err != nil {
		return Unwritten(err)
	}
	return nil
}

// Unwritten makes the error of results that cannot be written, of why they cannot. By then all is
// done.
func Unwritten(err error) error {
	return &Error{
		Code: codeInternal, Exit: ExitInternal, Ran: wire.Yes, cause: err,
		Message: fmt.Sprintf("cannot write the results: %v", reasonOf(err)),
	}
}

// printValue writes one value that came over the network.
func (e *Env) printValue(encoded value.Raw) error {
	return e.printEncoded(encoded, false, e.writeDocument)
}

// PrintResult writes a result that was kept: it looks as it did when it came.
func (e *Env) PrintResult(r Result) error {
	if r.Encoded != nil {
		return e.printValue(r.Encoded)
	}
	return e.filtered(Result{JSON: r.JSON}, e.writeDocument)
}

// Print writes a shape, anything that encoding/json takes, in the format of the output. text
// appends what people read in its place; nil stands for the document.
func (e *Env) Print(shape any, text func(dst []byte, l render.Look) []byte) error {
	return e.printShape(shape, text)
}

// printLine writes one value of a stream that came over the network: on a line of its own, in the
// formats that have lines.
func (e *Env) printLine(encoded value.Raw) error { return e.printEncoded(encoded, true, e.writeLine) }

// printEncoded writes bytes as they are where raw results are wanted, and any other value as a
// document.
func (e *Env) printEncoded(encoded value.Raw, item bool, write func(doc []byte) error) error {
	doc, err := value.AppendRawJSON(nil, encoded)
	if err != nil {
		return err
	}
	if e.Settings.Format == FormatRaw && e.filter == nil {
		v, err := value.Decode(encoded)
		if err != nil {
			return err
		}
		if content, ok := v.([]byte); ok {
			e.passOn(Result{JSON: doc, Encoded: encoded, Item: item})
			return e.writeBytes(content)
		}
	}
	return e.filtered(Result{JSON: doc, Encoded: encoded, Item: item}, write)
}

// passOn tells who wants to know what a result is.
func (e *Env) passOn(r Result) {
	if e.OnResult != nil {
		e.OnResult(r)
	}
}

// passOnShape tells a shape that is written in another form. The error is that of a value in it.
func (e *Env) passOnShape(shape any, item bool) error {
	if e.OnResult == nil {
		return nil
	}
	doc, err := encodeShape(shape)
	if err == nil {
		e.OnResult(Result{JSON: doc, Item: item})
	}
	return err
}

// writeBytes writes bytes as they are. No terminal is safe from them.
func (e *Env) writeBytes(content []byte) error {
	if e.OutLook.Terminal {
		err := usage("redirect it: > FILE", "the result is %d bytes, and no text for a terminal", len(content))
		err.Ran = wire.Yes
		return err
	}
	return e.write(content)
}

// textFunc appends what people read in place of a shape. Nil stands for the document.
type textFunc func(dst []byte, l render.Look) []byte

// printShape writes one of the shapes of the contract, or its text for people.
func (e *Env) printShape(shape any, text textFunc) error {
	return e.printEither(shape, text, false, e.writeDocument)
}

// printShapeLine writes a shape that is one of a stream: on a line of its own, in the formats that
// have lines.
func (e *Env) printShapeLine(shape any, text textFunc) error {
	return e.printEither(shape, text, true, e.writeLine)
}

func (e *Env) printEither(shape any, text textFunc, item bool, write func(doc []byte) error) error {
	if e.forPeople() && text != nil {
		if err := e.passOnShape(shape, item); err != nil {
			return err
		}
		return e.write(text(nil, e.OutLook))
	}
	doc, err := encodeShape(shape)
	if err != nil {
		return err
	}
	return e.filtered(Result{JSON: doc, Item: item}, write)
}

// printNamed writes a list of shapes that have names: a table for people, one document, one item a
// line, or the names and nothing else. A name of no bytes is left out.
func printNamed[T any](e *Env, items []T, name func(item T) string, table func() *render.Table) error {
	switch {
	case e.filter == nil && e.Settings.Format == FormatJSONL:
		return printItems(e, items)
	case e.Settings.Format == FormatName:
		if err := e.passOnShape(items, false); err != nil {
			return err
		}
		var lines []byte
		for _, item := range items {
			if text := name(item); text != "" {
				lines = append(append(lines, render.OneLine(e.OutLook.Text(text))...), '\n')
			}
		}
		return e.write(lines)
	}
	return e.printShape(items, func(dst []byte, l render.Look) []byte { return table().Append(dst, l) })
}

func printItems[T any](e *Env, items []T) error {
	if err := e.passOnShape(items, false); err != nil {
		return err
	}
	var lines []byte
	for _, item := range items {
		doc, err := encodeShape(item)
		if err != nil {
			return err
		}
		lines = append(e.OutLook.AppendJSON(lines, doc, false), '\n')
	}
	return e.write(lines)
}

// writeDocument writes one JSON document in the format of the output.
func (e *Env) writeDocument(doc []byte) error {
	switch e.Settings.Format {
	case FormatTable:
		return e.write(render.ValueTable(doc).Append(nil, e.OutLook))
	case FormatYAML, FormatRaw, FormatJSONL:
		return e.writeLine(doc)
	}
	return e.write(append(e.OutLook.AppendJSON(nil, doc, e.readable()), '\n'))
}

// writeLine writes one document of a stream in the format of the output; as compact JSON in
// those for single documents.
func (e *Env) writeLine(doc []byte) error {
	switch e.Settings.Format {
	case FormatYAML:
		return e.writeYAML(doc)
	case FormatRaw:
		return e.write(e.OutLook.AppendRaw(nil, bytes.TrimSpace(doc)))
	}
	return e.write(append(e.OutLook.AppendJSON(nil, doc, false), '\n'))
}

// writeYAML divides a document from the one before it.
func (e *Env) writeYAML(doc []byte) error {
	var text []byte
	if e.yamlBegun {
		text = append(text, "---\n"...)
	}
	e.yamlBegun = true
	text, err := e.OutLook.AppendYAML(text, doc)
	if err != nil {
		return err
	}
	return e.write(text)
}
