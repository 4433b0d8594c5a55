package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// attack is one way to harm a gateway: so many connections do it again and again.
type attack struct {
	name        string
	connections int
	once        func(ctx context.Context, address string) error
	done        atomic.Int64 // how often it was turned away or ended by the gateway
}

// attacks are those of the fault cases: senders that never end, and bombs.
func attacks() ([]*attack, error) {
	bomb, err := zeros(200 << 20)
	if err != nil {
		return nil, err
	}
	deep := "<methodCall><methodName>math.multiply</methodName><params><param>" + strings.Repeat("<value><array><data>", 20_000)
	return []*attack{
		{name: "a header that never ends", connections: 150, once: unfinished("POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")},
		{name: "a body that never ends", connections: 150,
			once: unfinished("POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<methodCall>")},
		{name: "200 MB of zeros, zipped", connections: 2, once: posted(bomb, "gzip")},
		{name: "XML of 20,000 levels", connections: 2, once: posted([]byte(deep), "")},
	}, nil
}

// zeros is a zip of so many of them.
func zeros(size int64) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(w, zeroReader{}, size); err != nil {
		return nil, err
	}
	return out.Bytes(), w.Close()
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// unfinished sends the beginning of a request and waits for the gateway to lose its patience.
func unfinished(text string) func(context.Context, string) error {
	return func(ctx context.Context, address string) error {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		defer conn.Close()
		defer context.AfterFunc(ctx, func() { conn.Close() })()
		if _, err := io.WriteString(conn, text); err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, conn)
		return err
	}
}

// posted sends a whole request that must not be answered by a result.
func posted(body []byte, coding string) func(context.Context, string) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return func(ctx context.Context, address string) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/RPC2", bytes.NewReader(body))
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "text/xml")
		if coding != "" {
			r.Header.Set("Content-Encoding", coding)
		}
		response, err := client.Do(r)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err == nil && response.StatusCode == http.StatusOK && !bytes.Contains(text, []byte("<fault>")) {
			return fmt.Errorf("it was answered %s", text)
		}
		return err
	}
}

// run attacks until ctx ends. A connection that the gateway has ended is followed by another.
func (a *attack) run(ctx context.Context, address string) {
	var all sync.WaitGroup
	for range a.connections {
		all.Go(func() { a.repeat(ctx, address) }) // ends with ctx
	}
	all.Wait()
}

func (a *attack) repeat(ctx context.Context, address string) {
	for ctx.Err() == nil {
		if err := a.once(ctx, address); err != nil {
			time.Sleep(10 * time.Millisecond) // refused; at full speed this would measure the kernel
		}
		if ctx.Err() == nil {
			a.done.Add(1)
		}
	}
}
