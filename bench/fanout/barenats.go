package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// natsEnd is a process that speaks NATS's protocol and does nothing with it.
type natsEnd struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte              // not yet written
	each func(report []byte) // nil for a publisher
	wg   sync.WaitGroup
}

// bareBuffer is what is read at once, as a link reads.
const bareBuffer = 64 << 10

// dialBareNATS connects, sends a first line and waits until the server has seen it.
func dialBareNATS(url, first string, each func([]byte)) (*natsEnd, error) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://"))
	if err != nil {
		return nil, err
	}
	e := &natsEnd{conn: conn, in: bufio.NewReaderSize(conn, bareBuffer), each: each}
	fmt.Fprintf(conn, "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n%sPING\r\n", first)
	for {
		line, err := e.in.ReadSlice('\n')
		if err != nil {
			conn.Close()
			return nil, err
		}
		if bytes.HasPrefix(line, []byte("PONG")) {
			e.wg.Go(e.read) // ends with the connection
			return e, nil
		}
	}
}

func (e *natsEnd) read() {
	for e.line() == nil {
	}
}

// line reads a line and what belongs to it: "MSG subject number bytes" and then the report.
func (e *natsEnd) line() error {
	line, err := e.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	switch {
	case bytes.HasPrefix(line, []byte("MSG ")):
		return e.message(bytes.TrimSpace(line))
	case bytes.HasPrefix(line, []byte("PING")):
		_, err = io.WriteString(e.conn, "PONG\r\n")
	case bytes.HasPrefix(line, []byte("-ERR")):
		stop(fmt.Errorf("the NATS server says %s", line))
	}
	return err
}

func (e *natsEnd) message(line []byte) error {
	size, err := strconv.Atoi(string(line[bytes.LastIndexByte(line, ' ')+1:]))
	if err != nil {
		return err
	}
	whole, err := e.in.Peek(size + len("\r\n"))
	if err != nil {
		return err
	}
	e.each(whole[:size])
	_, err = e.in.Discard(len(whole))
	return err
}

func (e *natsEnd) close() {
	e.conn.Close()
	e.wg.Wait()
}

func bareNATSPublisher(url string) (publisher, error) { return dialBareNATS(url, "", nil) }

func (e *natsEnd) publish(report []byte) error {
	e.out = append(e.out, "PUB "+publisherName+"."+subject+" "...)
	e.out = strconv.AppendInt(e.out, int64(len(report)), 10)
	e.out = append(e.out, "\r\n"...)
	e.out = append(e.out, report...)
	e.out = append(e.out, "\r\n"...)
	return nil
}

func (e *natsEnd) flush() error {
	_, err := e.conn.Write(e.out)
	e.out = e.out[:0]
	return err
}

// subscribeBareNATS is one subscriber.
func subscribeBareNATS(url string, each func([]byte)) (leave func(), err error) {
	e, err := dialBareNATS(url, "SUB "+publisherName+"."+subject+" 1\r\n", each)
	if err != nil {
		return nil, err
	}
	return e.close, nil
}
