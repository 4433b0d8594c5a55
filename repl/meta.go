package repl

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// watchInterval is how often watch runs its item, unless -n says otherwise.
const watchInterval = 2 * time.Second

// maxTimes bounds repeat.
const maxTimes = 1_000_000_000

// assignment begins an item whose value is kept.
var assignment = regexp.MustCompile(`^\$([A-Za-z_][A-Za-z0-9_]*)[ \t]*=`)

// readMeta reads an item that does something with another one, if it is such.
func (r *reader) readMeta(it *item) (done bool, err error) {
	switch {
	case r.takeWord("time"):
		it.meta = timeMeta
	case r.takeWord("watch"):
		it.meta, err = watchMeta, r.readInterval(it)
	case r.takeWord("repeat"):
		it.meta, err = repeatMeta, r.readTimes(it)
	default:
		return false, nil
	}
	if err != nil {
		return true, err
	}
	r.skipBlanks()
	if r.endsItem() {
		return true, r.missing("an item")
	}
	it.inside, err = r.readItem()
	return true, err
}

// takeWord skips a word that stands at the place, whole.
func (r *reader) takeWord(text string) bool {
	if !r.at(text) {
		return false
	}
	rest := &reader{text: r.text, pos: r.pos + len(text), subs: r.subs}
	if !rest.endsWord() {
		return false
	}
	r.pos = rest.pos
	return true
}

// nextPlain reads the next word, as it is.
func (r *reader) nextPlain(what string) (string, error) {
	r.skipBlanks()
	if r.endsItem() {
		return "", r.missing(what)
	}
	begin := r.pos
	for !r.endsWord() {
		r.pos++
	}
	return r.text[begin:r.pos], nil
}

// readInterval reads the -n of watch: a duration, or seconds.
func (r *reader) readInterval(it *item) error {
	it.every = watchInterval
	r.skipBlanks()
	if !r.takeWord("-n") {
		return nil
	}
	text, err := r.nextPlain("a duration behind -n")
	if err != nil {
		return err
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		text += "s"
	}
	every, err := time.ParseDuration(text)
	if err != nil || every <= 0 {
		return wrong("such as watch -n 5s ls", "watch -n wants a duration, not %s", strings.TrimSuffix(text, "s"))
	}
	it.every = every
	return nil
}

// readTimes reads the number of repeat.
func (r *reader) readTimes(it *item) error {
	text, err := r.nextPlain("a number behind repeat")
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxTimes {
		return wrong("such as repeat 3 math.add 1 2", "repeat wants a number from 1 up, not %s", text)
	}
	it.times = n
	return nil
}
