package config

import (
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/netsvc/netsvc/pkg/value"
)

// check holds what the file says against the type of v, key by key in the order of the file. The
// decoder itself would skip keys it does not know, and complain about others in any order.
func (f *File) check(v any) error {
	for _, key := range f.meta.Keys() {
		if err := f.checkKey(key, reflect.TypeOf(v)); err != nil {
			return err
		}
	}
	return nil
}

// checkKey follows a key down from the type of the whole file.
func (f *File) checkKey(key toml.Key, t reflect.Type) error {
	for i, part := range key {
		t = tableOf(t)
		switch t.Kind() {
		case reflect.Interface:
			return nil
		case reflect.Map:
			t = t.Elem()
		case reflect.Struct:
			field, near := fieldOf(t, part)
			if field == nil {
				name := key[:i+1].String()
				return f.fault(key, name, "unknown key "+name, near)
			}
			t = field
		default:
			name := key[:i].String()
			return f.fault(key, name, name+" is no table", "")
		}
	}
	if want, ok := kindOf(t, f.meta.Type(key...)); !ok {
		return f.Fault(key, " wants "+want, "")
	}
	return nil
}

// tableOf is the type of a table behind pointers and lists of tables.
func tableOf(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t
}

// fieldOf finds the type of the field that a key names, or the key that was probably meant.
func fieldOf(t reflect.Type, name string) (reflect.Type, string) {
	var names []string
	for _, field := range reflect.VisibleFields(t) {
		key, _, _ := strings.Cut(field.Tag.Get("toml"), ",")
		switch key {
		case "":
		case name:
			return field.Type, ""
		default:
			names = append(names, key)
		}
	}
	return nil, value.Nearest(name, names)
}

// kindOf says what a field wants in a file, and whether a value of that kind of TOML will do.
func kindOf(t reflect.Type, kind string) (want string, ok bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "a text in quotes", kind == "String"
	case reflect.Bool:
		return "true or false", kind == "Bool"
	case reflect.Int, reflect.Int64:
		return "a whole number", kind == "Integer"
	case reflect.Struct, reflect.Map:
		return "a table", kind == "Hash"
	case reflect.Slice:
		return "a list", kind == "Array" || kind == "ArrayHash"
	}
	return "", true
}
