package command

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/netsvc/netsvc/pkg/wire"
)

// exitMeanings says what each exit code means, in order.
var exitMeanings = []struct {
	exit    int
	meaning string
}{
	{ExitOK, "success"},
	{ExitInternal, "something of netsvc or of the system failed; a port is in use; false or null with --exit-status"},
	{ExitUsage, "the command line is wrong: an unknown command or flag, a missing argument, an unreadable file or JSON, an unsafe address"},
	{ExitNotFound, "no such service, method or context"},
	{ExitFailed, "the method ran and failed; xmlrpc: any fault, or a document that is refused"},
	{ExitTimeout, "the deadline passed"},
	{ExitUnreachable, "there is no exchange, or nobody at a URL, or the instance was lost"},
	{ExitDenied, "not allowed"},
	{ExitArguments, "the arguments do not fit the method"},
	{ExitPartial, "at least one item or instance failed, even all"},
	{ExitBusy, "busy or draining: later may be better"},
	{exitSignal + 2, "SIGINT ended it"},
	{exitSignal + 13, "SIGPIPE ended it: nobody reads its output any more"},
	{exitSignal + 15, "SIGTERM ended it"},
}

// ownCodes are the codes that only the command line has, with their exits.
var ownCodes = map[string]int{codeUsage: ExitUsage, codeInternal: ExitInternal, codePartial: ExitPartial, codeNoContext: ExitNotFound}

// codesOf lists the words of error lines that end with an exit code.
func codesOf(exit int) []string {
	var words []string
	for _, code := range slices.Sorted(maps.Keys(exits)) {
		if exits[code] == exit {
			words = append(words, codeText(code))
		}
	}
	for _, word := range slices.Sorted(maps.Keys(ownCodes)) {
		if ownCodes[word] == exit {
			words = append(words, word)
		}
	}
	return words
}

// codeText is the word of a code, with what tells apart those that share one.
func codeText(code wire.Code) string {
	switch code {
	case wire.CodeEncodeArgs, wire.CodeDecodeArgs:
		return code.String() + " (of a request)"
	case wire.CodeEncodeValue, wire.CodeDecodeValue:
		return code.String() + " (of a response)"
	}
	return code.String()
}

func exitTopic() topic {
	var rows [][2]string
	for _, m := range exitMeanings {
		meaning := m.meaning
		if codes := codesOf(m.exit); len(codes) > 0 {
			meaning += ". Codes: " + strings.Join(codes, ", ")
		}
		rows = append(rows, [2]string{strconv.Itoa(m.exit), meaning})
	}
	return topic{"exit-codes", "what the exit code of a command says", []part{
		{rows: rows},
		{text: "The codes are those of error lines with -o json. Commands that run until they are told to end drain at the first signal and exit 0; the second signal ends them at once."},
	}}
}
