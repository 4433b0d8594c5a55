package xmlrpc

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/netsvc/netsvc/pkg/wire"
)

// The header fields of an answer that tells of a failure. A fault has no place for these, and
// further members in it break clients; unknown header fields break nobody.
const (
	headerCode      = "Netsvc-Code"      // the failure's word: lost
	headerNumber    = "Netsvc-Number"    // its number, or the service's own: 60
	headerDelivered = "Netsvc-Delivered" // whether the method may have run: no, maybe, yes
	headerInstance  = "Netsvc-Instance"  // who was chosen to answer, if anybody was: math@3
)

var failureHeaders = strings.Join([]string{headerCode, headerNumber, headerDelivered, headerInstance}, ", ")

// tell puts what a fault has no place for into the header of its answer.
func tell(header http.Header, f *wire.Failure) {
	header.Set(headerCode, f.Code.String())
	header.Set(headerNumber, strconv.FormatInt(f.FaultNumber(), 10))
	header.Set(headerDelivered, f.Delivered.String())
	if !f.Instance.IsZero() {
		header.Set(headerInstance, f.Instance.String())
	}
}

// members are the same for the struct of a fault inside of system.multicall: an answer to many
// calls has one header, but there the faults are values like any other.
func (b blame) members() [][2]string {
	list := [][2]string{
		{"netsvcCode", b.failure.Code.String()},
		{"netsvcDelivered", b.failure.Delivered.String()},
	}
	if !b.failure.Instance.IsZero() {
		list = append(list, [2]string{"netsvcInstance", b.failure.Instance.String()})
	}
	return list
}

// blame is a failure and the fault that tells of it.
type blame struct {
	failure *wire.Failure
	fault   *Fault
}

// notRead is the blame for a request that was not read, so that nothing was called.
func notRead(f *Fault) blame {
	return blame{wire.Failf(wire.CodeDecodeArgs, wire.No, "%s", f.String), f}
}
