package command

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/netsvc/netsvc/internal/render"
	"github.com/netsvc/netsvc/pkg/wire"
)

// Line is the error as one line for people, without the line's end.
func (e *Error) Line(l render.Look) string {
	line := "netsvc: " + e.place() + e.Error()
	switch {
	case e.Meant:
		line += " (did you mean " + e.Hint + "?)"
	case e.Hint != "":
		line += " (" + e.Hint + ")"
	case e.Failure != nil && e.Failure.Delivered == wire.Maybe:
		line += " (the method may have run)"
	}
	return render.OneLine(l.Text(line))
}

// place is where in a script it happened.
func (e *Error) place() string {
	if e.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d: ", e.File, e.FileLine)
}

// Details are the further lines of the error as the output may have them, or "".
func (e *Error) Details(l render.Look) string {
	if l.Terminal {
		return render.CleanLines(e.Detailed)
	}
	return e.Detailed
}

// Append appends the error as stderr has it, line's end included: one line of JSON where programs
// read the output, else one for people, and with verbose the details. An error that is told
// already has none.
func (e *Error) Append(dst []byte, f Format, l render.Look, verbose bool) []byte {
	l.Color = false
	switch {
	case e.Told:
		return dst
	case f.IsJSON():
		return append(l.AppendJSON(dst, e.JSON(), false), '\n')
	}
	dst = append(append(dst, e.Line(l)...), '\n')
	if details := e.Details(l); verbose && details != "" {
		dst = append(append(dst, details...), '\n')
	}
	return dst
}

// tell writes an error that does not end the command.
func (e *Env) tell(err *Error) {
	e.Err.Write(err.Append(nil, e.Settings.Format, e.ErrLook, e.Settings.Verbose))
}

// errorBody is the error in JSON.
type errorBody struct {
	Code      string  `json:"code"`
	Number    *int64  `json:"number"`
	Exit      int     `json:"exit"`
	Message   string  `json:"message"`
	Service   *string `json:"service"`
	Method    *string `json:"method"`
	Instance  *string `json:"instance"`
	Delivered string  `json:"delivered"`
	Origin    string  `json:"origin"`
	Details   string  `json:"details"`
	Hint      string  `json:"hint"`
	Retryable bool    `json:"retryable"`
}

// body is the error in the shape of the contract.
func (e *Error) body() *errorBody {
	body := &errorBody{
		Code: e.Code, Exit: e.Exit, Message: e.Message, Service: orNull(e.Service), Method: orNull(e.Method),
		Delivered: e.delivered().String(), Origin: wire.OriginNetsvc, Details: e.Detailed, Hint: e.Hint,
	}
	if f := e.Failure; f != nil {
		number := f.FaultNumber()
		body.Number, body.Instance = &number, orNull(f.Instance.String())
		body.Origin = f.OriginName()
		body.Retryable = f.Delivered == wire.No
	}
	return body
}

// JSON is the error as one compact JSON line, without the line's end. The item it is about, and the
// place in a script, stand behind it.
func (e *Error) JSON() []byte {
	line, err := encodeShape(struct {
		Error *errorBody `json:"error"`
		Item  int        `json:"item,omitempty"`
		File  string     `json:"file,omitempty"`
		Line  int        `json:"line,omitempty"`
	}{e.body(), e.Item, e.File, e.FileLine})
	if err != nil { // texts and numbers only: it cannot fail
		panic(fmt.Sprintf("command: %v", err))
	}
	return line
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// encodeShape encodes one of the shapes of the contract, compact and without escapes for HTML.
func encodeShape(shape any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(shape); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
