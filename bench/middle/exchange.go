// Package middle runs the exchange that the measurements are about, as any program would embed it.
package middle

import (
	"github.com/netsvc/netsvc/bench/process"
	"github.com/netsvc/netsvc/pkg/exchange"
)

// Exchange is the role of an exchange with these limits, on a port of the kernel's. It is ready
// with its address, and answers each question by answer, which may be nil when none is asked.
func Exchange(limits exchange.Limits, answer func(question string) (string, error)) process.Role {
	return func([]string) error {
		ex, err := exchange.New(&exchange.Options{Limits: limits})
		if err != nil {
			return err
		}
		defer ex.Close()
		addr, err := ex.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		return process.Answer(addr.String(), answer)
	}
}
