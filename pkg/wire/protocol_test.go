package wire_test

import (
	"bytes"
	"encoding/hex"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/netsvc/netsvc/pkg/wire"
)

// protocolPage is what those read who write a client in another language.
const protocolPage = "../../PROTOCOL.md"

func TestProtocolPageHasTheKindsOfThisPackage(t *testing.T) {
	columns, want := kindTable(t)
	got := pageTable(t, []string{"kind", "number", columns[0], columns[1], columns[2]})
	if len(got) != len(want) {
		t.Errorf("PROTOCOL.md has %d kinds, kind.go has %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if !slices.Equal(got[i], want[i]) {
			t.Errorf("row %d:\nPROTOCOL.md %q\nkind.go     %q", i+1, got[i], want[i])
		}
	}
}

func TestProtocolPageHasTheFlagsOfThisPackage(t *testing.T) {
	want := []string{
		hexByte(wire.FlagDeliveredMask), hexByte(wire.FlagOneWay), hexByte(wire.FlagExpired),
		hexByte(wire.FlagRetained), hexByte(wire.FlagStream), hexByte(wire.FlagAnswer), hexByte(wire.FlagExtended),
	}
	var got []string
	for _, row := range pageTable(t, []string{"flag", "bit", "kinds", "meaning"}) {
		got = append(got, row[1])
	}
	if !slices.Equal(got, want) {
		t.Errorf("flags in PROTOCOL.md = %v, want %v", got, want)
	}
}

func TestProtocolPageShowsThePreface(t *testing.T) {
	rows := pageTable(t, []string{"bytes", "what"})
	var shown string
	for _, row := range rows {
		shown += strings.Trim(row[0], "`") + " "
	}
	if got, want := unhex(t, shown), wire.AppendPreface(nil); !bytes.Equal(got, want) {
		t.Errorf("preface in PROTOCOL.md = %x, want %x", got, want)
	}
}

func TestProtocolPageShowsTheCallAsThisPackageWritesIt(t *testing.T) {
	head, ok := wire.AppendRequest(nil, "multiply", nil)
	if !ok {
		t.Fatal("AppendRequest refused the method")
	}
	tests := []struct {
		title string
		want  []byte
	}{
		{"Bind: handle 0 is", wire.AppendMessage(nil, 0, 0, &wire.Bind{Handle: 0, Target: "math"})},
		{"Request: slot 0", wire.AppendFrame(nil, &wire.Header{Kind: wire.KindRequest, TTL: 30000}, append(head, 0x82, 3, 4))},
		{"Response: from instance 3", wire.AppendFrame(nil, &wire.Header{Kind: wire.KindResponse, Target: 3}, []byte{12})},
	}
	page := readPage(t)
	for _, tt := range tests {
		if got := dumpBelow(t, page, tt.title); !bytes.Equal(got, tt.want) {
			t.Errorf("%s\ngot  %x\nwant %x", tt.title, got, tt.want)
		}
	}
}

// kindTable reads the table out of kind.go: the names of its last columns and its rows,
// each the kind, its number and what stands behind it.
func kindTable(t *testing.T) (columns []string, rows [][]string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range file.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			continue
		}
		for _, s := range decl.Specs {
			spec := s.(*ast.ValueSpec)
			if name, ok := strings.CutPrefix(spec.Names[0].Name, "Kind"); ok {
				number := spec.Values[0].(*ast.BasicLit).Value
				rows = append(rows, append([]string{name, number}, cells(spec.Comment.Text())...))
			}
		}
	}
	for _, c := range file.Comments {
		if strings.HasPrefix(strings.TrimSpace(c.Text()), "sent by") {
			columns = cells(c.Text())
		}
	}
	if len(columns) != 3 || len(rows) == 0 {
		t.Fatalf("kind.go has %d rows with the columns %q, want three columns", len(rows), columns)
	}
	return columns, rows
}

// cells splits one line of kind.go's table.
func cells(comment string) []string {
	parts := strings.Split(comment, "│")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// pageTable returns the rows of the table of PROTOCOL.md that has these columns.
func pageTable(t *testing.T, columns []string) (rows [][]string) {
	t.Helper()
	head := "| " + strings.Join(columns, " | ") + " |\n"
	_, rest, ok := strings.Cut(readPage(t), head)
	if !ok {
		t.Fatalf("PROTOCOL.md has no table %q", head)
	}
	for i, line := range strings.Split(rest, "\n") {
		if !strings.HasPrefix(line, "|") {
			break
		}
		if i == 0 {
			continue // the rule below the head
		}
		rows = append(rows, pageCells(line))
	}
	return rows
}

func pageCells(line string) []string {
	parts := strings.Split(strings.Trim(line, "|"), "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

var dumpLine = regexp.MustCompile(`^    [0-9a-f]{4}  ((?:[0-9a-f]{2} ?)+)$`)

// dumpBelow returns the bytes of the hex dump below the line that begins with title.
func dumpBelow(t *testing.T, page, title string) (dump []byte) {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n    "+title)
	if !ok {
		t.Fatalf("PROTOCOL.md has no dump titled %q", title)
	}
	for _, line := range strings.Split(rest, "\n")[1:] {
		m := dumpLine.FindStringSubmatch(line)
		if m == nil {
			break
		}
		dump = append(dump, unhex(t, m[1])...)
	}
	return dump
}

func readPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile(protocolPage)
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("%q: %v", s, err)
	}
	return b
}

func hexByte(b uint8) string {
	return "0x" + strconv.FormatUint(uint64(b)>>4, 16) + strconv.FormatUint(uint64(b)&15, 16)
}
