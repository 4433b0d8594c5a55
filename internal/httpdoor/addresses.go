package httpdoor

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
)

// Rule says of a network whether its addresses are let in.
type Rule struct {
	Net   netip.Prefix
	Allow bool
}

// ParseRule reads a network, such as 10.0.0.0/8, or a single address.
func ParseRule(text string, allow bool) (Rule, error) {
	net, err := netip.ParsePrefix(text)
	if err != nil {
		single, errSingle := netip.ParseAddr(text)
		if errSingle != nil || single.Zone() != "" {
			return Rule{}, fmt.Errorf("%q is neither a network, such as 10.0.0.0/8, nor an address", text)
		}
		net = netip.PrefixFrom(single, single.BitLen())
	}
	if net.Addr().Is4In6() {
		return Rule{}, fmt.Errorf("%q: write the address of IPv4 as it is", text)
	}
	return Rule{Net: net.Masked(), Allow: allow}, nil
}

// Addresses lets requests in by where they come from. The first rule that names the address
// decides. Where none does, it is let in unless there is a rule that allows something. A
// request by a Unix socket comes from no address: the mode of the socket decides who has it.
type Addresses struct {
	Rules []Rule
	Next  http.Handler
}

// ServeHTTP hands the request on, or answers 403.
func (a *Addresses) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if remote := addressOf(r); remote.IsValid() && !a.allowed(remote.WithZone("")) {
		answer(w, http.StatusForbidden, "this address may not call")
		return
	}
	a.Next.ServeHTTP(w, r)
}

func (a *Addresses) allowed(remote netip.Addr) bool {
	if i := slices.IndexFunc(a.Rules, func(rule Rule) bool { return rule.Net.Contains(remote) }); i >= 0 {
		return a.Rules[i].Allow
	}
	return !slices.ContainsFunc(a.Rules, func(rule Rule) bool { return rule.Allow })
}
