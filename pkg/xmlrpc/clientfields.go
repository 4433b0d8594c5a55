package xmlrpc

import (
	"errors"
	"fmt"
	"strings"
)

// checkFields refuses what HTTP cannot carry. The transport would find it out at each call, and not say
// that nothing was sent. The errors tell no secret.
func (o *ClientOptions) checkFields() error {
	if strings.ContainsFunc(o.Token, func(c rune) bool { return c <= ' ' || c >= 0x7F }) {
		return errors.New("xmlrpc: ClientOptions.Token has a blank, a line feed, or what is no ASCII")
	}
	if strings.Contains(o.User, ":") {
		return errors.New("xmlrpc: ClientOptions.User has a colon, where the password begins in basic authentication")
	}
	for name, values := range o.Header {
		if name == "" || strings.ContainsFunc(name, notInName) {
			return fmt.Errorf("xmlrpc: ClientOptions.Header: %q is no name of a field", name)
		}
		for _, text := range values {
			if strings.ContainsFunc(text, notInField) {
				return fmt.Errorf("xmlrpc: ClientOptions.Header: %s has a control character", name)
			}
		}
	}
	return nil
}

// notInName is for the letters that are no tchar of RFC 9110.
func notInName(c rune) bool {
	return c <= ' ' || c >= 0x7F || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
}

func notInField(c rune) bool { return c < ' ' && c != '\t' || c == 0x7F }
