package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/netsvc/netsvc/internal/command"
)

// listenFlags are the flags of those who listen.
func listenFlags(standard string) []command.Flag {
	return []command.Flag{
		{Name: "listen", Kind: command.Texts, Arg: "ADDR", Default: standard,
			Summary: "where to listen: PORT (loopback), HOST:PORT, :PORT or unix:/PATH"},
		{Name: "address-file", Kind: command.Text, Arg: "FILE", Summary: "write the addresses to FILE, whole, once listening", Complete: command.AnyFile},
		{Name: "insecure", Kind: command.Switch, Summary: "let other machines connect, though nobody has to say who they are"},
	}
}

// guard is what keeps strangers out of those who listen.
type guard struct {
	shut bool   // callers have to say who they are
	how  string // what makes them do so, for a hint
}

// refuse is the refusal of an address that other machines could reach.
func (g guard) refuse(what, hint string) error {
	return command.Usage(g.how+hint, "%s is refused: anybody who reaches this machine could connect", what)
}

// listenByFlags listens on all the addresses that the flags name, or on none of them.
func listenByFlags(flags command.Flags, standard string, g guard) (listeners, error) {
	texts := flags.StringSlice("listen")
	if len(texts) == 0 {
		texts = []string{standard}
	}
	var places []command.Place
	for _, text := range texts {
		place, err := command.ParsePlace(text)
		if err != nil {
			return nil, err
		}
		if !place.Loopback() && !flags.Bool("insecure") && !g.shut {
			return nil, g.refuse("--listen "+text,
				"use a loopback address: --listen "+place.Port+"; a Unix socket: --listen unix:/PATH; or say --insecure")
		}
		places = append(places, place)
	}
	return listenAll(places)
}

// listeners are open ones.
type listeners []net.Listener

// listenAll listens on all places, or on none when one fails.
func listenAll(places []command.Place) (listeners, error) {
	var all listeners
	for _, place := range places {
		opened, err := listen(place)
		all = append(all, opened...)
		if err != nil {
			all.close()
			return nil, notListening(place, err)
		}
	}
	return all, nil
}

func (l listeners) close() {
	for _, listener := range l {
		listener.Close()
	}
}

// listen listens on one place, which may be two addresses.
func listen(p command.Place) (listeners, error) {
	switch {
	case p.Path != "":
		l, err := listenUnix(p.Path)
		return orNone(l, err)
	case p.Bare:
		return listenLoopback(p.Port)
	}
	return orNone(net.Listen("tcp", p.String()))
}

func orNone(l net.Listener, err error) (listeners, error) {
	if err != nil {
		return nil, err
	}
	return listeners{l}, nil
}

// listenLoopback listens on both loopback addresses, with the same port. A port that the system
// chose may be taken on the second one; then another is tried.
func listenLoopback(port string) (listeners, error) {
	const attempts = 20
	for attempt := 1; ; attempt++ {
		four, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err != nil {
			return nil, err
		}
		_, chosen, _ := net.SplitHostPort(four.Addr().String())
		six, err := net.Listen("tcp", net.JoinHostPort("::1", chosen))
		switch {
		case err == nil:
			return listeners{four, six}, nil
		case !errors.Is(err, syscall.EADDRINUSE): // this machine has no ::1
			return listeners{four}, nil
		}
		four.Close()
		if port != "0" || attempt == attempts {
			return nil, err
		}
	}
}

// notListening words the error for people.
func notListening(place command.Place, err error) error {
	hint := ""
	switch {
	case place.Path != "":
		hint = socketHint(place.Path, err)
	case errors.Is(err, syscall.EADDRINUSE):
		hint = "--listen 127.0.0.1:0 takes a free port"
	}
	return command.Internal(hint, err)
}

// addresses are what to give to --exchange, 127.0.0.1 first.
func (l listeners) addresses() []string {
	var list []string
	for _, listener := range l {
		list = append(list, addressOf(listener.Addr()))
	}
	slices.SortStableFunc(list, func(a, b string) int { return rank(a) - rank(b) })
	return list
}

func rank(address string) int {
	if strings.HasPrefix(address, "127.0.0.1:") {
		return 0
	}
	return 1
}

// boundAddress is where a listener listens, in the form of --listen.
func boundAddress(a net.Addr) string {
	if a.Network() != "unix" {
		return a.String()
	}
	path, err := filepath.Abs(a.String())
	if err != nil {
		path = a.String()
	}
	return "unix:" + path
}

// addressOf is what reaches a listener from this machine.
func addressOf(a net.Addr) string {
	if a.Network() == "unix" {
		return boundAddress(a)
	}
	host, port, _ := net.SplitHostPort(a.String())
	return command.Place{Host: host, Port: port}.Target()
}

// writeAddressFile writes the addresses, one a line, so that nobody ever sees half of them.
func writeAddressFile(file string, addresses []string) error {
	if file == "" {
		return nil
	}
	if err := replaceFile(file, strings.Join(addresses, "\n")+"\n"); err != nil {
		return fmt.Errorf("cannot write the address file: %w", err)
	}
	return nil
}

// replaceFile puts a new file in the place of an old one, if there is one.
func replaceFile(file, text string) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
