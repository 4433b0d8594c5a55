package httpdoor

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
)

// ReadCertificate reads a chain of certificates and its private key, both PEM, and returns how to
// serve TLS with them, 1.2 at least. When the files change, new connections get what they hold then.
func ReadCertificate(certFile, keyFile string, log *slog.Logger) (*tls.Config, error) {
	kept, err := keep([]string{certFile, keyFile}, log, func() (*tls.Certificate, error) {
		chain, err := os.ReadFile(certFile)
		if err != nil {
			return nil, err
		}
		key, err := readSecret(keyFile)
		if err != nil {
			return nil, err
		}
		pair, err := tls.X509KeyPair(chain, key)
		if err != nil {
			return nil, fmt.Errorf("%s and %s: %w", certFile, keyFile, err)
		}
		return &pair, nil
	})
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return kept.Get(), nil },
	}, nil
}
