package value

import (
	"cmp"
	"reflect"
	"slices"
	"unicode/utf8"
)

// structFields lists the fields of t that travel, in field order, by the rules of encoding/json:
// exported fields, those of embedded structs as if they were t's own; of several with one name the
// shallowest, then the only one named by a tag, else none. Fields behind an embedded pointer to an
// unexported struct do not travel, since they could not be read back.
func structFields(t reflect.Type) []structField {
	var found []structField
	visited := map[reflect.Type]bool{t: true}
	level := []embedded{{typ: t}}
	for len(level) > 0 {
		var next []embedded
		for _, outer := range level {
			fields, inner := outer.fields()
			found = append(found, fields...)
			next = append(next, unvisited(inner, visited)...)
		}
		for _, inner := range next {
			visited[inner.typ] = true
		}
		level = next
	}
	found = dominant(found)
	slices.SortFunc(found, func(a, b structField) int { return slices.Compare(a.index, b.index) })
	return found
}

// embedded is a struct inside of another, and the way to it.
type embedded struct {
	typ   reflect.Type
	index []int
}

func unvisited(inner []embedded, visited map[reflect.Type]bool) []embedded {
	return slices.DeleteFunc(inner, func(e embedded) bool { return visited[e.typ] })
}

// fields splits what stands in e into fields that travel and structs to look into.
func (e embedded) fields() (fields []structField, inner []embedded) {
	for i := range e.typ.NumField() {
		f := e.typ.Field(i)
		field := structField{name: f.Name, typ: f.Type, index: append(slices.Clone(e.index), i)}
		if field.parseTag(f.Tag) || !f.IsExported() && !f.Anonymous {
			continue
		}
		if f.Anonymous && !field.named {
			if t, ok := embeddedStruct(f); ok {
				inner = append(inner, embedded{t, field.index})
				continue
			}
		}
		if !f.IsExported() || !utf8.ValidString(field.name) {
			continue
		}
		field.key, _ = appendText(nil, field.name)
		fields = append(fields, field)
	}
	return fields, inner
}

// embeddedStruct returns the struct whose fields f lends to the outer one. Types with a form of
// their own, such as time.Time, are fields like others.
func embeddedStruct(f reflect.StructField) (reflect.Type, bool) {
	t := f.Type
	if t.Kind() == reflect.Pointer {
		if !f.IsExported() {
			return nil, false
		}
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || special(&codec{}, t) {
		return nil, false
	}
	return t, true
}

// dominant drops the fields that others of the same name hide.
func dominant(found []structField) []structField {
	slices.SortStableFunc(found, func(a, b structField) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(len(a.index), len(b.index)), boolOrder(a.named, b.named))
	})
	var kept []structField
	for len(found) > 0 {
		n := 1
		for n < len(found) && found[n].name == found[0].name {
			n++
		}
		if n == 1 || len(found[0].index) < len(found[1].index) || found[0].named != found[1].named {
			kept = append(kept, found[0])
		}
		found = found[n:]
	}
	return kept
}

// boolOrder puts true first.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
