package command

import (
	"fmt"

	"github.com/netsvc/netsvc/pkg/service"
)

// originOf is the exchange of an address, as every shape of the contract has it beside the
// address: 16 hexadecimal digits.
func originOf(a service.Address) string { return fmt.Sprintf("%016x", a.Origin) }
