package wire

import (
	"errors"

	"github.com/fxamacker/cbor/v2"
)

// decMode reads control messages: small, shallow, no tags, no duplicate keys.
var decMode = must(cbor.DecOptions{
	DupMapKey:        cbor.DupMapKeyEnforcedAPF,
	MaxNestedLevels:  8,
	MaxArrayElements: 16384,
	MaxMapPairs:      1024,
	IndefLength:      cbor.IndefLengthForbidden,
	TagsMd:           cbor.TagsForbidden,
	UTF8:             cbor.UTF8RejectInvalid,
}.DecMode())

// encMode writes them: the same message is always the same bytes, and an empty list or map
// that a pointer says was set is not taken for one that was not.
var encMode = must(cbor.EncOptions{
	Sort:          cbor.SortBytewiseLexical,
	NilContainers: cbor.NilContainerAsEmpty,
	IndefLength:   cbor.IndefLengthForbidden,
	TagsMd:        cbor.TagsForbidden,
}.EncMode())

// must unwraps what is made of constants.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// mustEncode encodes one of this package's own structs, all of whose fields the codec
// takes.
func mustEncode(v any) []byte { return must(encMode.Marshal(v)) }

// errNoMap reports a body that is some other CBOR value than the map it must be.
var errNoMap = errors.New("not a map")

// decodeMap decodes a CBOR map into one of this package's own structs. The codec alone
// would take a null for an empty map.
func decodeMap(body []byte, v any) error {
	const majorMask, majorMap = 0xe0, 0xa0
	if len(body) > 0 && body[0]&majorMask != majorMap {
		return errNoMap
	}
	return decMode.Unmarshal(body, v)
}
