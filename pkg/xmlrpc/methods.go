package xmlrpc

import (
	"sync"

	"github.com/netsvc/netsvc/pkg/service"
	"github.com/netsvc/netsvc/pkg/value"
	"github.com/netsvc/netsvc/pkg/wire"
)

// maxMethodLists is how many lists of signatures are kept before all are dropped.
const maxMethodLists = 1024

// methodCache keeps lists of signatures by their hash. Equal hashes mean equal
// methods, so an entry never grows old.
type methodCache struct {
	mu    sync.Mutex
	lists map[[wire.HashSize]byte][]value.Signature
}

// get returns the list with that hash, by asking when it is not known. Several
// may ask for the same list at once; nobody waits for another. The answer may have
// another hash, when the methods have just changed.
func (c *methodCache) get(hash [wire.HashSize]byte, ask func() (*service.Description, error)) ([]value.Signature, error) {
	c.mu.Lock()
	list, ok := c.lists[hash]
	c.mu.Unlock()
	if ok {
		return list, nil
	}
	answer, err := ask()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lists == nil || len(c.lists) >= maxMethodLists {
		c.lists = map[[wire.HashSize]byte][]value.Signature{}
	}
	c.lists[answer.Hash] = answer.Methods
	return answer.Methods, nil
}

// connNetwork is a service.Conn as Members needs it.
type connNetwork struct{ *service.Conn }

func (n connNetwork) Directory(opts service.WatchOptions) (directory, error) {
	d, err := n.Conn.Directory(opts)
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (n connNetwork) Endpoint(target string) caller { return endpoint{n.Conn.Endpoint(target)} }

func (n connNetwork) At(a service.Address) caller { return endpoint{n.Conn.At(a)} }
