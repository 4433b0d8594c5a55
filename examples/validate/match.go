package main

import (
	"slices"
	"strings"
)

// outcome is what came of one call, as a form. Beside the forms of values there are
// {"fault":"-32601"}, what the other side refused, and {"error":"..."}, what the client itself
// could not say or read.
type outcome map[string]any

// String is the form as JSON, without the words of an error: these are the client's own.
func (o outcome) String() string {
	if o.isError() {
		return `{"error":"..."}`
	}
	v, err := parseForm(o)
	if _, isFault := o["fault"]; isFault || err != nil {
		return form(o).String()
	}
	return formOf(v).String()
}

func (o outcome) isError() bool {
	_, is := o["error"]
	return is
}

// matches reports whether got is what is wanted. A wanted map with the member "..." may have
// others, {"any":true} is anything, and {"has":[...]} a list with these elements among others.
func matches(want, got map[string]any) bool {
	if want["any"] == true {
		return true
	}
	if elements, ok := want["has"].([]any); ok {
		list, _ := got["list"].([]any)
		return hasAll(elements, list)
	}
	if list, ok := want["list"].([]any); ok {
		other, isList := got["list"].([]any)
		return isList && slices.EqualFunc(list, other, matchesElement)
	}
	if members, ok := want["map"].(map[string]any); ok {
		others, isMap := got["map"].(map[string]any)
		return isMap && matchesMembers(members, others)
	}
	return outcome(want).String() == outcome(got).String()
}

func matchesElement(want, got any) bool {
	w, _ := want.(map[string]any)
	g, _ := got.(map[string]any)
	return matches(w, g)
}

func hasAll(elements, list []any) bool {
	return !slices.ContainsFunc(elements, func(want any) bool {
		return !slices.ContainsFunc(list, func(got any) bool { return matchesElement(want, got) })
	})
}

func matchesMembers(want, got map[string]any) bool {
	_, open := want["..."]
	for name := range want {
		if _, there := got[name]; name != "..." && !(there && matchesElement(want[name], got[name])) {
			return false
		}
	}
	return open || len(want) == len(got)
}

// shorten keeps a cell of a table narrow.
func shorten(text string, most int) string {
	text = strings.ReplaceAll(text, "\n", " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
