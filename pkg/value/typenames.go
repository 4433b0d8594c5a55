package value

// TypeNames is the signature in the form of system.methodSignature: the type of the
// result, "nil" when there is none, then those of the parameters.
func (s *Signature) TypeNames() []string {
	names := make([]string, 0, 1+len(s.Params))
	names = append(names, s.Result.String())
	for i := range s.Params {
		names = append(names, s.Params[i].Type.String())
	}
	return names
}
