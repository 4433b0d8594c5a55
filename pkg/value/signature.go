package value

// Signature is the shape of a method, as callers see it.
type Signature struct {
	Name     string
	Doc      string
	Params   []Param
	Variadic bool  // the last parameter stands for any number of arguments, each of its type
	Result   *Type // nil means any

	ReadOnly   bool // changes nothing
	Idempotent bool // twice is as good as once
	Deprecated bool
	Stream     bool // sends results before the last
}

// Param is one parameter of a method.
type Param struct {
	Name   string // [A-Za-z_][A-Za-z0-9_]*
	Doc    string
	Type   *Type // nil means any
	Secret bool  // its values are never shown or logged
}
