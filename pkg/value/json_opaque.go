package value

import "strconv"

// opaque reads {"$opaque":TAG,"data":BASE64}, or nothing at all when the object is not exactly that.
func (r *jsonReader) opaque() bool {
	start := *r
	if !r.opaqueValue() {
		*r = start
		return false
	}
	return true
}

func (r *jsonReader) opaqueValue() bool {
	r.at++
	r.space()
	if key, err := r.key(); err != nil || key != "$opaque" {
		return false
	}
	r.space()
	digits := r.digits()
	tag, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || isKnownTag(tag) || len(digits) > 1 && digits[0] == '0' { // 01 is no number of JSON
		return false
	}
	data, ok := r.opaqueData()
	if ok {
		r.out, err = appendOpaque(r.out, Opaque{tag, data})
	}
	return ok && err == nil
}

// opaqueData reads ,"data":BASE64}.
func (r *jsonReader) opaqueData() ([]byte, bool) {
	if more, err := r.another(1, '}'); err != nil || !more {
		return nil, false
	}
	if key, err := r.key(); err != nil || key != "data" {
		return nil, false
	}
	if r.space(); r.peek() != '"' {
		return nil, false
	}
	text, err := r.text()
	if r.space(); err != nil || r.peek() != '}' {
		return nil, false
	}
	r.at++
	return fromBase64(text)
}

func (r *jsonReader) digits() string {
	from := r.at
	r.at += leadingDigits(r.data[from:])
	return string(r.data[from:r.at])
}
