package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// AppendYAML appends one JSON document as a YAML document of the same value, without the line
// that divides it from others. Members keep their order and numbers their digits. A text that
// any reader, also one of YAML 1.1, could take for something else is quoted; one of several
// lines is a block. On a terminal it is the same YAML, made safe. The error says that doc is no
// JSON.
func (l Look) AppendYAML(dst, doc []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	node, err := yamlNode(decoder)
	if err != nil {
		return dst, err
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(node); err != nil {
		return dst, err
	}
	if err := encoder.Close(); err != nil {
		return dst, err
	}
	if l.Terminal { // only quoted texts hold what must be escaped, and there the escapes are YAML
		return append(dst, cleaned(out.String(), "\n", appendEscape)...), nil
	}
	return append(dst, out.Bytes()...), nil
}

// yamlNode reads the next value.
func yamlNode(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		return yamlCollection(d, t)
	case json.Number:
		return plainNode(t.String()), nil
	case string:
		return textNode(t, true), nil
	case bool:
		if t {
			return plainNode("true"), nil
		}
		return plainNode("false"), nil
	}
	return plainNode("null"), nil
}

// yamlCollection reads what is between two brackets or braces, and the second of them.
func yamlCollection(d *json.Decoder, open json.Delim) (*yaml.Node, error) {
	node := &yaml.Node{Kind: yaml.SequenceNode}
	if open == '{' {
		node.Kind = yaml.MappingNode
	}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			text, _ := name.(string)
			node.Content = append(node.Content, textNode(text, false))
		}
		child, err := yamlNode(d)
		if err != nil {
			return nil, err
		}
		node.Content = append(node.Content, child)
	}
	_, err := d.Token()
	return node, err
}

// plainNode is written as it is.
func plainNode(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }

func textNode(text string, block bool) *yaml.Node {
	node := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text, Style: yaml.DoubleQuotedStyle}
	switch {
	case isPlainText(text):
		node.Style = 0
	case block && isBlockText(text):
		node.Style = yaml.LiteralStyle
	}
	return node
}

// isPlainText reports whether text is one or several plain words that no reader of YAML takes for
// anything else.
func isPlainText(text string) bool {
	if text == "" || !unicode.IsLetter([]rune(text)[0]) || strings.HasSuffix(text, " ") || isYAMLWord(text) {
		return false
	}
	odd := func(r rune) bool {
		return !strings.ContainsRune(" _-./@", r) && (!shows(r) || !unicode.In(r, unicode.L, unicode.Nd))
	}
	return strings.IndexFunc(text, odd) < 0
}

// isYAMLWord reports whether text means something in YAML 1.1 or 1.2.
func isYAMLWord(text string) bool {
	switch strings.ToLower(text) {
	case "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity":
		return true
	}
	return false
}

// isBlockText reports whether text has lines that can stand as they are.
func isBlockText(text string) bool {
	if !strings.Contains(text, "\n") || strings.HasSuffix(text, "\n\n") {
		return false
	}
	if first := text[0]; first == ' ' || first == '\n' {
		return false
	}
	hidden := func(r rune) bool { return r != '\n' && !shows(r) }
	return !strings.Contains(text, " \n") && strings.IndexFunc(text, hidden) < 0
}
