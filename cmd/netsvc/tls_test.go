package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netsvc/netsvc/internal/httpdoor"
	"github.com/netsvc/netsvc/internal/testnet"
)

// certify writes a certificate of that name for 127.0.0.1, and its key.
func certify(t *testing.T, name, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	chain, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: chain}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := replaceFile(file, string(pem.EncodeToMemory(block))); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// secured is a server behind a doorway with TLS.
type secured struct {
	addr   string
	visits visits
}

func newSecured(t *testing.T, config *tls.Config) *secured {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &secured{addr: l.Addr().String()}
	server := httpServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.TLS == nil || !r.TLS.HandshakeComplete {
			http.Error(w, "the handler is told of no TLS", http.StatusInternalServerError)
			return
		}
		io.WriteString(w, "done")
	}), time.Minute)
	server.ConnState = s.visits.note
	server.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	served := make(chan error, 1)
	go func() { served <- server.Serve(newDoorway(l, false, config, &s.visits)) }()
	t.Cleanup(func() { server.Close(); <-served })
	return s
}

// who is the name on the certificate that a new connection gets.
func (s *secured) who(t *testing.T) string {
	t.Helper()
	// The test looks at the name only; it has no authority that others know.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	response, err := client.Get("https://" + s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || string(body) != "done" {
		t.Fatalf("answered %q, %v", body, err)
	}
	return response.TLS.PeerCertificates[0].Subject.CommonName
}

// TestTLSCertificateIsReplaced while the gateway runs: new connections get the new one, and a pair
// that does not fit changes nothing.
func TestTLSCertificateIsReplaced(t *testing.T) {
	testnet.LeakCheck(t)
	chain, key := filepath.Join(t.TempDir(), "chain"), filepath.Join(t.TempDir(), "key")
	certify(t, "first", chain, key)
	config, err := httpdoor.ReadCertificate(chain, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := newSecured(t, config)
	if got := s.who(t); got != "first" {
		t.Errorf("at first the name is %q", got)
	}
	certify(t, "second", chain, key)
	testnet.WaitFor(t, "the second certificate", func() bool { return s.who(t) == "second" })
	certify(t, "third", chain, filepath.Join(t.TempDir(), "elsewhere"))
	if got := s.who(t); got != "second" {
		t.Errorf("with a pair that does not fit the name is %q, want that of before", got)
	}
}

// TestTLSRefusesTheRest: no old version, no plain HTTP; and idle connections can be dismissed.
func TestTLSRefusesTheRest(t *testing.T) {
	testnet.LeakCheck(t)
	chain, key := filepath.Join(t.TempDir(), "chain"), filepath.Join(t.TempDir(), "key")
	certify(t, "a", chain, key)
	config, err := httpdoor.ReadCertificate(chain, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := newSecured(t, config)
	if conn, err := tls.Dial("tcp", s.addr, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}); err == nil {
		conn.Close()
		t.Error("TLS 1.1 was taken")
	}
	if response, err := http.Get("http://" + s.addr); err == nil {
		response.Body.Close()
		t.Errorf("plain HTTP is answered %s", response.Status)
	}
	idle, err := tls.Dial("tcp", s.addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if !s.visits.gone(t.Context(), dismiss) {
		t.Error("an idle connection cannot be dismissed")
	}
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := httpdoor.ReadCertificate(chain, key, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "open to others") {
		t.Errorf("a key that others may read: %v", err)
	}
}
