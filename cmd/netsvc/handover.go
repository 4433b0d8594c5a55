package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/netsvc/netsvc/internal/command"
)

// firstHanded is the descriptor of the first socket that a supervisor hands over.
const firstHanded = 3

// handedOver are the listening sockets that a supervisor has opened for this process, as
// systemd and others do: LISTEN_FDS says how many there are, and LISTEN_PID for whom. They stay
// open in the supervisor, so while one process follows another new connections wait in their
// queue. Without any the list is empty.
func handedOver(flags command.Flags, g guard) (listeners, error) {
	count, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || count <= 0 || os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	if flags.IsSet("listen") {
		return nil, command.Usage("leave --listen out", "--listen, and sockets handed over by LISTEN_FDS")
	}
	var open listeners
	for fd := firstHanded; fd < firstHanded+count; fd++ {
		l, err := listenerOf(fd)
		if err == nil && !flags.Bool("insecure") && !g.shut && reachable(l.Addr()) {
			err = g.refuse("the socket at "+l.Addr().String(), "give the socket a loopback address, or say --insecure")
		}
		if err != nil {
			open.close()
			return nil, err
		}
		open = append(open, l)
	}
	return open, nil
}

// errNotListening reports a descriptor that is no listening socket.
var errNotListening = errors.New("descriptor is no listening socket")

// listenerOf takes a descriptor over. What is no listening socket is somebody else's, perhaps
// of the runtime, and is left alone.
func listenerOf(fd int) (net.Listener, error) {
	if listening, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err != nil || listening == 0 {
		return nil, command.Internal("LISTEN_FDS wants listening sockets from descriptor 3 on", fmt.Errorf("%w: %d", errNotListening, fd))
	}
	file := os.NewFile(uintptr(fd), "LISTEN_FDS")
	defer file.Close() // the listener has a copy
	l, err := net.FileListener(file)
	if err != nil {
		return nil, command.Internal("LISTEN_FDS wants sockets of TCP or Unix", err)
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	return l, nil
}

// reachable reports whether other machines may reach an address.
func reachable(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && !tcp.IP.IsLoopback()
}

// listenGateway listens where the flags say, or on the sockets that were handed over.
func listenGateway(flags command.Flags) (open listeners, handed bool, err error) {
	g := guard{
		shut: flags.IsSet("tokens") || flags.IsSet("users"),
		how:  "let callers say who they are: --tokens FILE or --users FILE; ",
	}
	open, err = handedOver(flags, g)
	if err != nil || len(open) > 0 {
		return open, true, err
	}
	open, err = listenByFlags(flags, gatewayPort, g)
	return open, false, err
}
