package render

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// ValueTable makes a table of one JSON value: of a list of maps a row each, with a column for each
// name that any of them has; of a map two columns; of any other list, or value, one column. doc must
// be valid JSON. A text stands in its cell as it is, any other value as compact JSON.
func ValueTable(doc []byte) *Table {
	doc = bytes.TrimSpace(doc)
	switch {
	case bytes.HasPrefix(doc, []byte("{")):
		return tableOfMap(doc)
	case bytes.HasPrefix(doc, []byte("[")):
		return tableOfList(doc)
	}
	t := &Table{Header: []string{valueColumn}}
	t.Add(cellOf(doc))
	return t
}

const valueColumn = "VALUE"

func tableOfMap(doc []byte) *Table {
	t := &Table{Header: []string{"NAME", valueColumn}}
	for _, m := range membersOf(doc) {
		t.Add(m.name, cellOf(m.value))
	}
	return t
}

func tableOfList(doc []byte) *Table {
	var items []json.RawMessage
	if json.Unmarshal(doc, &items) != nil {
		return &Table{}
	}
	notMap := func(item json.RawMessage) bool { return !bytes.HasPrefix(item, []byte("{")) }
	if len(items) == 0 || slices.ContainsFunc(items, notMap) {
		t := &Table{Header: []string{valueColumn}}
		for _, item := range items {
			t.Add(cellOf(item))
		}
		return t
	}
	return tableOfMaps(items)
}

func tableOfMaps(items []json.RawMessage) *Table {
	t := &Table{}
	columns := map[string]int{}
	for _, item := range items {
		row := make([]string, len(t.Header))
		for _, m := range membersOf(item) {
			at, known := columns[m.name]
			if !known {
				at = len(t.Header)
				columns[m.name] = at
				t.Header = append(t.Header, strings.ToUpper(OneLine(Clean(m.name))))
				row = append(row, "")
			}
			row[at] = cellOf(m.value)
		}
		t.Add(row...)
	}
	return t
}

// member is one name and value of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// membersOf lists the members of a JSON object as they stand.
func membersOf(doc []byte) []member {
	var all []member
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.Token() // the brace
	for decoder.More() {
		name, err := decoder.Token()
		var m member
		if err != nil || decoder.Decode(&m.value) != nil {
			return all
		}
		m.name, _ = name.(string)
		all = append(all, m)
	}
	return all
}

func cellOf(doc []byte) string {
	var text string
	if bytes.HasPrefix(doc, []byte(`"`)) && json.Unmarshal(doc, &text) == nil {
		return text
	}
	return string(doc)
}
