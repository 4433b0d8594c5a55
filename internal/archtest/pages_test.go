package archtest

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

var (
	inlineLink = regexp.MustCompile(`\]\(([^()\s]+)(?:\s+"[^"]*")?\)`)
	namedLink  = regexp.MustCompile(`^\s{0,3}\[[^\]]+\]:\s+(\S+)`)
	codeSpan   = regexp.MustCompile("`[^`]*`")
	scheme     = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
)

func checkLinks(t *tree) []breach {
	var found []breach
	for _, name := range slices.Sorted(maps.Keys(t.texts)) {
		if path.Ext(name) != ".md" {
			continue
		}
		for number, line := range prose(t.texts[name]) {
			for _, link := range linksIn(line) {
				if problem := t.follow(name, link); problem != "" {
					found = append(found, breach{name + ":" + strconv.Itoa(number), link + ": " + problem})
				}
			}
		}
	}
	return found
}

// prose yields the numbered lines of a page that are not inside a code block.
func prose(page string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		number, fenced := 0, false
		for line := range strings.Lines(page) {
			number++
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
				continue
			}
			if !fenced && !yield(number, line) {
				return
			}
		}
	}
}

// linksIn lists the targets of a line's links that stay in the project.
func linksIn(line string) []string {
	line = codeSpan.ReplaceAllString(line, "``")
	matches := inlineLink.FindAllStringSubmatch(line, -1)
	matches = append(matches, namedLink.FindAllStringSubmatch(line, -1)...)
	var links []string
	for _, m := range matches {
		if !scheme.MatchString(m[1]) {
			links = append(links, m[1])
		}
	}
	return links
}

// follow says what is wrong with a link on a page, or "".
func (t *tree) follow(page, link string) string {
	file, heading, hasHeading := strings.Cut(link, "#")
	target := page
	if file != "" {
		target = path.Join(path.Dir(page), file)
	}
	if !t.paths[target] {
		return "no such file or folder"
	}
	if hasHeading && !slices.Contains(headings(t.texts[target]), heading) {
		return "no such heading"
	}
	return ""
}

// headings lists the anchors of a page as a forge makes them.
func headings(page string) []string {
	var anchors []string
	for _, line := range prose(page) {
		if title := strings.TrimLeft(line, "#"); title != line && strings.HasPrefix(title, " ") {
			anchors = append(anchors, anchor(title))
		}
	}
	return anchors
}

// anchor turns a heading into its address: small letters, blanks as hyphens, no
// other punctuation.
func anchor(title string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		}
		return -1
	}, strings.TrimSpace(title))
}

// replacement is a replace line, or one inside a block: old, an arrow, new.
var replacement = regexp.MustCompile(`^(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>\s+(\S+)`)

func checkModules(t *tree) []breach {
	var found []breach
	for _, name := range slices.Sorted(maps.Keys(t.texts)) {
		if path.Base(name) != "go.mod" {
			continue
		}
		number := 0
		for line := range strings.Lines(t.texts[name]) {
			number++
			m := replacement.FindStringSubmatch(strings.TrimSpace(line))
			if m == nil || t.replaceable(name, m[1], m[2]) {
				continue
			}
			found = append(found, breach{name + ":" + strconv.Itoa(number), "replaces " + m[1] + " by " + m[2]})
		}
	}
	return found
}

// replaceable reports whether a go.mod inside the project may stand in for a module by
// a folder: only for the main module, by the top.
func (t *tree) replaceable(mod, old, replaced string) bool {
	return old == t.module && mod != "go.mod" && path.Join(path.Dir(mod), replaced) == "."
}
