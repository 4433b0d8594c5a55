package value

import (
	"context"
	"reflect"
)

func Append(dst []byte, v any) ([]byte, error)          { panic("later") }
func Marshal(v any) ([]byte, error)                     { panic("later") }
func AppendArgs(dst []byte, args []any) ([]byte, error) { panic("later") }
func Decode(data []byte) (any, error)                   { panic("later") }
func Unmarshal(data []byte, into any) error             { panic("later") }
func Check(data []byte) error                           { panic("later") }

// Args reads an encoded list of arguments.
type Args struct{}

func ReadArgs(data []byte) (Args, error) { panic("later") }
func (a Args) Len() int                  { panic("later") }
func (a Args) At(i int) Raw              { panic("later") }

func TypeOf(t reflect.Type) (*Type, error)                                      { panic("later") }
func (t *Type) Schema() []byte                                                  { panic("later") }
func ParseSchema(data []byte) (*Type, error)                                    { panic("later") }
func EncodeMethods(m []Signature) ([]byte, error)                               { panic("later") }
func DecodeMethods(data []byte) ([]Signature, error)                            { panic("later") }
func HashMethods(blob []byte) [16]byte                                          { panic("later") }
func (s *Signature) Check(args []any) error                                     { panic("later") }
func (s *Signature) Bind(positional []any, named map[string]any) ([]any, error) { panic("later") }
func Nearest(name string, candidates []string) string                           { panic("later") }
func Match(pattern, name string) bool                                           { panic("later") }

// FuncOptions describes a func to those who call it. All may be left out.
type FuncOptions struct {
	Name       string
	Doc        string
	Params     []string            // names, in order, the context not counted; default arg1, arg2, ...
	ParamDocs  []string            // in the same order
	Secret     []string            // names of parameters whose values are never shown
	Enums      map[string][]string // allowed texts by parameter name
	ReadOnly   bool
	Idempotent bool
	Deprecated bool
	Stream     bool
}

type Func struct{}

func NewFunc(fn any, opts FuncOptions) (*Func, error)                             { panic("later") }
func (f *Func) Signature() *Signature                                             { panic("later") }
func (f *Func) Call(ctx context.Context, args []byte, dst []byte) ([]byte, error) { panic("later") }
func (f *Func) TakesContext() bool                                                { panic("later") }

// Sources gives argument forms what they name.
type Sources interface {
	Stdin() ([]byte, error)
	File(path string) ([]byte, error)
}

func ParseForm(word string, t *Type, src Sources) (any, error)             { panic("later") }
func ParseArgs(words []string, sig *Signature, src Sources) ([]any, error) { panic("later") }

// Word is one argument of a command line, split into its parts.
type Word struct {
	Name string // empty when positional
	Form string
	JSON bool // written with :=
}

func SplitWord(word string, sig *Signature) Word { panic("later") }

func AppendJSON(dst []byte, v any) ([]byte, error)      { panic("later") }
func AppendRawJSON(dst, encoded []byte) ([]byte, error) { panic("later") }
func FromJSON(data []byte, t *Type) (any, error)        { panic("later") }
func describeText(text string) string                   { return "text " + quoteShort(text) }
