package command

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// errLongLine is the error of a line that is longer than maxLine. The lines behind it can be read.
var errLongLine = errors.New("the line is too long")

// maxLine is the longest line of stdin: text of JSON may take several bytes for one of a value,
// and the exchange takes values of a few MiB.
const maxLine = 32 << 20

// lineReader reads the lines of an input that are not blank.
type lineReader struct {
	in     *bufio.Reader
	number int // of the line that was read last, from 1; blank ones count
}

// lineChunk is how much is read at once, where there is as much.
const lineChunk = 64 << 10

func newLineReader(in io.Reader) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(in, lineChunk)}
}

// next returns the next line, without blanks around it and the caller's to keep. It is errLongLine,
// io.EOF, or an error of the input.
func (r *lineReader) next() ([]byte, error) {
	for {
		line, err := r.whole()
		r.number++
		if err != nil {
			return nil, err
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
}

// whole reads a line in pieces of what is buffered, so that a long one costs no more than its
// length, and what is beyond the limit costs nothing.
func (r *lineReader) whole() ([]byte, error) {
	var line []byte
	length := 0
	for {
		piece, err := r.in.ReadSlice('\n')
		length += len(piece)
		if length <= maxLine {
			line = append(line, piece...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil && !(errors.Is(err, io.EOF) && length > 0):
			return nil, err
		case length > maxLine:
			return nil, errLongLine
		default:
			return line, nil
		}
	}
}
