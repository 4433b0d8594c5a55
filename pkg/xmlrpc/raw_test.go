package xmlrpc_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

const product = "<methodCall><methodName>math.multiply</methodName><params><param><value><i4>3</i4></value></param>" +
	"<param><value><int>4</int></value></param></params></methodCall>"

// rawCall is a request of HTTP as clients write it, with further header lines.
func rawCall(version string, lines ...string) string {
	head := "POST /RPC2 " + version + "\r\nHost: localhost\r\n" + strings.Join(append(lines, ""), "\r\n")
	if !strings.Contains(strings.ToLower(head), "transfer-encoding") {
		return head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(product), product)
	}
	return head + fmt.Sprintf("\r\n%x\r\n%s\r\n0\r\n\r\n", len(product), product)
}

// TestRawRequests: what clients, old proxies and attackers put on the wire.
func TestRawRequests(t *testing.T) {
	call := rawCall("HTTP/1.1")
	line := func(text string) string { return strings.Replace(call, "\r\n", "\r\n"+text+"\r\n", 1) }
	first := func(text string) string { return strings.Replace(call, "POST /RPC2 HTTP/1.1", text, 1) }
	tests := map[string]struct {
		sent     string
		statuses []int
		closed   bool
	}{
		"HTTP/1.0":                        {rawCall("HTTP/1.0"), []int{200}, true},
		"HTTP/1.0 that stays":             {rawCall("HTTP/1.0", "Connection: keep-alive") + rawCall("HTTP/1.0"), []int{200, 200}, true},
		"a last request":                  {rawCall("HTTP/1.1", "Connection: TE, close"), []int{200}, true},
		"an empty line behind a body":     {call + "\r\n" + call, []int{200, 200}, false},
		"a refusal among others":          {call + "GET /RPC2 HTTP/1.1\r\nHost: localhost\r\n\r\n" + call, []int{200, 405, 200}, false},
		"a wrong type among others":       {call + line("Content-Type: application/json") + call, []int{200, 415, 200}, false},
		"a form":                          {line("Content-Type: application/x-www-form-urlencoded"), []int{415}, false},
		"plain text":                      {line("Content-Type: text/plain;charset=UTF-8"), []int{415}, false},
		"a form with a file":              {line("Content-Type: multipart/form-data; boundary=x"), []int{415}, false},
		"an unknown coding":               {line("Content-Encoding: zstd"), []int{415}, false},
		"gzip that is none":               {line("Content-Encoding: gzip"), []int{400}, false},
		"a page of another origin":        {line("Origin: http://evil.example.org\r\nContent-Type: text/xml"), []int{403}, false},
		"another name":                    {strings.Replace(call, "localhost", "evil.example.org", 1), []int{403}, false},
		"the whole address":               {first("POST http://localhost/RPC2 HTTP/1.1"), []int{200}, false},
		"another's whole address":         {first("POST http://evil.example.org/RPC2 HTTP/1.1"), []int{403}, false},
		"a query":                         {first("POST /RPC2?session=1 HTTP/1.1"), []int{200}, false},
		"a slash behind the name":         {first("POST /RPC2/ HTTP/1.1"), []int{404}, false},
		"two slashes":                     {first("POST //RPC2 HTTP/1.1"), []int{404}, false},
		"PUT":                             {first("PUT /RPC2 HTTP/1.1"), []int{405}, false},
		"a method of its own":             {first("PROPFIND /RPC2 HTTP/1.1"), []int{405}, false},
		"OPTIONS":                         {"OPTIONS /xmlrpc/service/math HTTP/1.1\r\nHost: localhost\r\n\r\n", []int{204}, false},
		"HEAD":                            {"HEAD /RPC2 HTTP/1.1\r\nHost: localhost\r\n\r\n", []int{405}, false},
		"93 GiB to come":                  {"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99857989632\r\n\r\n", []int{413}, true},
		"93 GiB, and leave is asked":      {"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 99857989632\r\n\r\n", []int{413}, true},
		"5 MiB, and then it is read":      {"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5242880\r\n\r\n" + strings.Repeat(" ", 5<<20), []int{413}, false},
		"leave is asked, and not needed":  {line("Expect: 100-continue"), []int{100, 200}, false},
		"an unknown expectation":          {line("Expect: tea"), []int{417}, true},
		"two lengths":                     {line("Content-Length: 3"), []int{400}, true},
		"a signed length":                 {strings.Replace(call, "Content-Length: ", "Content-Length: +", 1), []int{400}, true},
		"a blank before the colon":        {line("Transfer-Encoding : chunked"), []int{400}, true},
		"two codings of the transfer":     {rawCall("HTTP/1.1", "Transfer-Encoding: gzip, chunked"), []int{501}, true},
		"a NUL in the header":             {line("X: a\x00b"), []int{400}, true},
		"a size of a chunk that is none":  {"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", []int{400}, true},
		"a chunk without its end":         {"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n", []int{400}, true},
		"two hosts":                       {line("Host: evil.example.org"), []int{400}, true},
		"no version":                      {"POST /RPC2\r\n\r\n", []int{400}, true},
		"a version to come":               {first("POST /RPC2 HTTP/3.0"), []int{505}, true},
		"another protocol":                {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", []int{400}, true},
		"a length that is too short":      {"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n<methodCall></methodCall>", []int{200, 400}, true},
		"chunks, a trailer, and the next": {strings.Replace(rawCall("HTTP/1.1", "Transfer-Encoding: Chunked"), "0\r\n\r\n", "0\r\nX: y\r\n\r\n", 1) + call, []int{200, 200}, false},
	}
	address := listen(t, newGateway(t, nil))
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answers := talk(t, address, []byte(test.sent), len(test.statuses))
			for i, a := range answers {
				if a.StatusCode != test.statuses[i] {
					t.Errorf("answer %d: %d %s, want %d", i, a.StatusCode, a.body, test.statuses[i])
				}
				checkHeaders(t, a)
			}
			if last := answers[len(answers)-1]; last.Close != test.closed {
				t.Errorf("the connection is closed: %v, want %v", last.Close, test.closed)
			}
		})
	}
}

// checkHeaders: what the gateway itself answers has a length, and no answer tells of the program.
func checkHeaders(t *testing.T, a answer) {
	t.Helper()
	if a.Header.Get("Server") != "" || a.Header.Get("Location") != "" {
		t.Errorf("header = %v, want no Server and no Location", a.Header)
	}
	ours := a.StatusCode != 204 && a.Header.Get("Cache-Control") == "no-store"
	if ours && (a.ContentLength < 0 || a.Header.Get("X-Content-Type-Options") != "nosniff") {
		t.Errorf("header = %v, want a length and nosniff", a.Header)
	}
	if a.StatusCode == 200 && !ours {
		t.Errorf("header = %v, want no-store", a.Header)
	}
	if a.StatusCode == 405 && a.Header.Get("Allow") != "POST, OPTIONS" {
		t.Errorf("Allow = %q", a.Header.Get("Allow"))
	}
	if a.StatusCode == 200 && bytes.Contains(a.body, []byte("<fault>")) && !bytes.Contains(a.body, []byte("-32")) {
		t.Errorf("a fault without its number: %s", a.body)
	}
}
