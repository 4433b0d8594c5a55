package command

import "github.com/netsvc/netsvc/pkg/value"

// rehearsal is what a call would send.
type rehearsal struct {
	Item    *int    `json:"item"`
	Service *string `json:"service"` // null for a group
	Group   *string `json:"group"`
	Method  string  `json:"method"`
	Args    []any   `json:"args"`    // in the order of the parameters; secret ones are masked
	Checked bool    `json:"checked"` // there is a signature that they fit
}

// masked stands for the value of a secret parameter.
const masked = "***"

// rehearse makes the outcome of a call that is not made.
func (c *call) rehearse(o *outcome, args []any) error {
	shown := append([]any{}, args...)
	sig := c.signature()
	for i := range shown {
		if sig != nil && sig.Params[min(i, len(sig.Params)-1)].Secret {
			shown[i] = masked
		}
	}
	encoded, err := value.Append(nil, rehearsal{
		Item: numberOf(o), Service: orNull(c.target), Group: orNull(c.group), Method: c.method, Args: shown, Checked: sig != nil,
	})
	o.value = encoded
	return err
}
