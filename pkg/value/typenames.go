package value

// TypeNames is the signature in the form of system.methodSignature: the type of the
// result, "nil" when there is none, then those of the parameters.
func (s *Signature) TypeNames() []string {
	names := make([]string, 0, 1+len(s.Params))
	names = append(names, typeName(s.Result))
	for i := range s.Params {
		names = append(names, typeName(s.Params[i].Type))
	}
	return names
}

func typeName(t *Type) string {
	if t == nil {
		return "nil"
	}
	return t.String()
}
