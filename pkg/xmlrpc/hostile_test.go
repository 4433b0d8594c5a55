package xmlrpc_test

import (
	"encoding/binary"
	"runtime"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/xmlrpc"
)

// full is as long as a document may be.
const full = 4 << 20

// filled repeats piece up to about the limit of a document.
func filled(piece string) string { return strings.Repeat(piece, (full-1000)/len(piece)) }

// hostileDocuments cost as much as they can for their length. Each is at a limit or over it.
func hostileDocuments() map[string]string {
	const deep = "<array><data><value>"
	return map[string]string{
		"a text of 4 MiB":                   echo(filled("a")),
		"a text of references":              echo(filled("&#97;")),
		"a text of CDATA sections":          echo(filled("<![CDATA[]]>")),
		"a text of comments":                echo(filled("<!---->")),
		"a text of CR":                      echo(filled("\r")),
		"a text of brackets":                echo(filled("]")),
		"comments before the root":          filled("<!---->") + echo("a"),
		"a comment without end":             "<!--" + filled("-  "),
		"a text without end":                "<methodCall><methodName>" + filled("a"),
		"a method name of 4 MiB":            "<methodCall><methodName>" + filled("a") + "</methodName></methodCall>",
		"blanks around a method name":       "<methodCall><methodName>" + filled(" ") + "a</methodName></methodCall>",
		"a number of 4 MiB":                 echo("<int>" + filled("9") + "</int>"),
		"a double of 4 MiB":                 echo("<double>" + filled("9") + "</double>"),
		"a biginteger of 4 MiB":             echo("<biginteger>" + filled("9") + "</biginteger>"),
		"a date of 4 MiB":                   echo("<dateTime.iso8601>" + filled("9") + "</dateTime.iso8601>"),
		"base64 of 4 MiB":                   echo("<base64>" + filled("AAAA") + "</base64>"),
		"base64 of blanks":                  echo("<base64>" + filled("A A ") + "</base64>"),
		"100,000 params":                    "<methodCall><methodName>a</methodName><params>" + filled("<param><value/></param>") + "</params></methodCall>",
		"values without end":                echo("<array><data>" + filled("<value/>")),
		"empty structs":                     echo("<array><data>" + filled("<value><struct/></value>")),
		"empty arrays":                      echo("<array><data>" + filled("<value><array><data/></array></value>")),
		"members of one name":               echo("<struct>" + filled("<member><name/><value/></member>")),
		"bigintegers at their limit":        echo("<array><data>" + filled("<value><biginteger>"+strings.Repeat("9", 1024)+"</biginteger></value>")),
		"bigdecimals of huge exponents":     echo("<array><data>" + filled("<value><bigdecimal>1e999999</bigdecimal></value>")),
		"20,000 arrays inside each other":   echo(strings.Repeat(deep, 20_000)),
		"20,000 unknown elements":           strings.Repeat("<a>", 20_000),
		"20,000 elements in a method name":  "<methodCall><methodName>" + strings.Repeat("<a>", 20_000),
		"an attribute of 4 MiB":             "<methodCall a='" + filled("a") + "'>",
		"attributes without end":            "<methodCall" + filled(" a=''"),
		"a tag without end":                 "<" + filled("a"),
		"an end tag without end":            "<methodCall></" + filled("a"),
		"blanks in a tag":                   "<methodCall" + filled(" ") + ">",
		"namespaces":                        echo(namespaces(60, 31)),
		"UTF-16 of 4 MiB":                   "\xFE\xFF" + wide(echo(strings.Repeat("€", full/2-1000)), binary.BigEndian),
		"ISO-8859-1 of 4 MiB":               `<?xml version="1.0" encoding="iso-8859-1"?>` + echo(filled("\xE9")),
		"windows-1252 of three bytes each":  `<?xml version="1.0" encoding="windows-1252"?>` + echo(filled("\x80")),
		"instructions":                      filled("<?p ?>"),
		"a document over the limit":         strings.Repeat(" ", full+1),
		"a refusal at the end of one line":  echo(filled("a") + "\x01"),
		"a refusal at the end of all lines": echo(filled("\n") + "\x01"),
		"a refusal that shows 4 MiB":        echo("<int>1</int>" + filled("x")),
	}
}

// TestHostileDocumentsAlloc checks that none of them costs more than a document of its length may: the
// bound of memory is far below what the careless pay, and that of time is for a slow machine.
func TestHostileDocumentsAlloc(t *testing.T) {
	notUnderRace(t)
	for name, document := range hostileDocuments() {
		t.Run(name, func(t *testing.T) {
			data := []byte(document)
			within(t, &struct{ MS, MiB float64 }{MS: 1500, MiB: 32}, func() {
				if _, err := xmlrpc.DecodeCall(data, "", nil); err != nil && len(err.Error()) > 400 {
					t.Errorf("the error text has %d bytes, want a short one", len(err.Error()))
				}
			})
		})
	}
}

func notUnderRace(t *testing.T) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
}

// Memory that decoding may take: what the forms of values need for each byte of the densest
// documents, and a little for the rest.
const (
	memoryPerByte = 64
	memoryAtLeast = 256 << 10 // other goroutines of the test have a share in it
)

// checkMemory decodes a document and compares what was allocated with what its length allows.
func checkMemory(t *testing.T, data []byte, contentType string) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _ = xmlrpc.DecodeCall(data, contentType, nil)
	_, _ = xmlrpc.DecodeResponse(data, contentType, nil)
	runtime.ReadMemStats(&after)
	if got, most := after.TotalAlloc-before.TotalAlloc, uint64(memoryAtLeast+memoryPerByte*len(data)); got > most {
		t.Errorf("%d bytes made the decoder allocate %d, want at most %d", len(data), got, most)
	}
}

func TestAllocGrowsWithTheDocument(t *testing.T) {
	notUnderRace(t)
	for name, document := range hostileDocuments() {
		t.Run(name, func(t *testing.T) { checkMemory(t, []byte(document), "") })
	}
}

func FuzzDecodeMemory(f *testing.F) {
	for _, folder := range []string{vectors, traps} {
		for _, v := range readManifest(f, folder).Vectors {
			if data := readVector(f, folder, v.File); len(data) < 4096 {
				f.Add(data, v.HTTP.ContentType)
			}
		}
	}
	f.Fuzz(checkMemory)
}
