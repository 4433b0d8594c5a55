package wire

import "github.com/fxamacker/cbor/v2"

// decMode reads control messages: small, shallow, no tags, no duplicate keys.
var decMode = mustDecMode(cbor.DecOptions{
	DupMapKey:        cbor.DupMapKeyEnforcedAPF,
	MaxNestedLevels:  8,
	MaxArrayElements: 16384,
	MaxMapPairs:      1024,
	IndefLength:      cbor.IndefLengthForbidden,
	TagsMd:           cbor.TagsForbidden,
	UTF8:             cbor.UTF8RejectInvalid,
})

func mustDecMode(o cbor.DecOptions) cbor.DecMode {
	m, err := o.DecMode()
	if err != nil {
		panic(err) // the options above are constants
	}
	return m
}

// mustEncode encodes one of this package's own structs, all of whose fields the codec
// takes.
func mustEncode(v any) []byte {
	b, err := cbor.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
