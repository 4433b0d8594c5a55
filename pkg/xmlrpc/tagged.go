package xmlrpc

import (
	"encoding/base64"
	"math/big"
	"strconv"
	"time"

	"github.com/netsvc/netsvc/pkg/value"
)

// Tagged returns a value in a form that JSON carries without losing its kind,
// for tests that compare decoders: {"int":"12"}, {"str":"a"}, {"nil":true},
// {"bool":true}, {"float":"0.5"}, {"bytes":"base64"}, {"time":"RFC 3339, without
// zone when there was none"}, {"bigint":"12"}, {"decimal":"1.50"}, {"list":[..]}
// and {"map":{..}}. It knows what [DecodeCall] and [DecodeResponse] return, and
// gives nil for anything else.
func Tagged(v any) map[string]any {
	switch v := v.(type) {
	case nil:
		return map[string]any{"nil": true}
	case bool:
		return map[string]any{"bool": v}
	case int64:
		return map[string]any{"int": strconv.FormatInt(v, 10)}
	case float64:
		return map[string]any{"float": strconv.FormatFloat(v, 'g', -1, 64)}
	case string:
		return map[string]any{"str": v}
	case []byte:
		return map[string]any{"bytes": base64.StdEncoding.EncodeToString(v)}
	case time.Time:
		return map[string]any{"time": v.Format(time.RFC3339Nano)}
	case value.LocalTime:
		return map[string]any{"time": v.String()}
	case *big.Int:
		return map[string]any{"bigint": v.String()}
	case value.Decimal:
		return map[string]any{"decimal": v.String()}
	case []any:
		return map[string]any{"list": TaggedList(v)}
	case map[string]any:
		return map[string]any{"map": taggedMembers(v)}
	}
	return nil
}

// TaggedList returns every value as [Tagged] does.
func TaggedList(list []any) []map[string]any {
	tagged := make([]map[string]any, len(list))
	for i, v := range list {
		tagged[i] = Tagged(v)
	}
	return tagged
}

func taggedMembers(members map[string]any) map[string]any {
	tagged := make(map[string]any, len(members))
	for name, v := range members {
		tagged[name] = Tagged(v)
	}
	return tagged
}
