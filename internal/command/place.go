package command

import (
	"net"
	"strconv"
	"strings"
)

// DefaultExchange is where the exchange is unless somebody says otherwise.
const DefaultExchange = "127.0.0.1:11111"

// Place is where to listen, or what to connect to.
type Place struct {
	Path string // of a Unix socket; the rest is then empty
	Host string // empty: all interfaces
	Port string // digits; "0" lets the system choose

	// Bare is true for a port without a host: the loopback addresses, IPv4 and IPv6.
	Bare bool
}

// ParsePlace reads one of the forms PORT, HOST:PORT, :PORT and unix:/PATH.
func ParsePlace(text string) (Place, error) {
	if path, ok := strings.CutPrefix(text, "unix:"); ok {
		if path == "" {
			return Place{}, badPlace(text, "a path is missing behind unix:")
		}
		return Place{Path: path}, nil
	}
	if isPort(text) {
		return Place{Host: "127.0.0.1", Port: text, Bare: true}, nil
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || !isPort(port) {
		return Place{}, badPlace(text, "it wants PORT, HOST:PORT or unix:/PATH")
	}
	return Place{Host: host, Port: port, Bare: host == "localhost"}, nil
}

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}

func badPlace(text, want string) error {
	return usage("such as 11111, 192.0.2.7:11111 or unix:/run/netsvc.sock", "no address: %q; %s", text, want)
}

// String is the form in which the place was given, a bare port with its host.
func (p Place) String() string {
	if p.Path != "" {
		return "unix:" + p.Path
	}
	return net.JoinHostPort(p.Host, p.Port)
}

// Loopback reports whether only processes of this machine can reach the place. A name other
// than localhost is not trusted to stay what it is now.
func (p Place) Loopback() bool {
	if p.Path != "" || p.Bare {
		return true
	}
	ip := net.ParseIP(p.Host)
	return ip != nil && ip.IsLoopback()
}

// Target is the place as an address to connect to: all interfaces are reached by loopback.
func (p Place) Target() string {
	if ip := net.ParseIP(p.Host); p.Path == "" && (p.Host == "" || ip != nil && ip.IsUnspecified()) {
		p.Host = "127.0.0.1"
	}
	return p.String()
}
