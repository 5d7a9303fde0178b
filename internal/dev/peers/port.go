package peers

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Systems choose ephemeral ports from 32768 (Linux) or 49152 (RFC 6335 §6) on; a
// lower port is used only by programs that ask for it.
const firstPort, ports = 20000, 12000

// Port returns a closed port of the loopback interface that belongs to the test: it
// stays closed until the test, or a program it starts, listens there, which it may
// do several times. Until the test ends, no other process is given this port.
func Port(tb testing.TB) int {
	tb.Helper()
	start := rand.IntN(ports)
	for i := range ports {
		port := firstPort + (start+i)%ports
		if release, ok := claimPort(port); ok {
			tb.Cleanup(release)
			return port
		}
	}
	tb.Fatal("no port is free: see what listens on the loopback interface")
	return 0
}

// claimPort reserves a port for this process, if it is free.
func claimPort(port int) (release func(), ok bool) {
	claim, err := net.ListenPacket("udp", net.JoinHostPort(claims, strconv.Itoa(port)))
	if err != nil {
		return nil, false
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		if !isClosed(net.JoinHostPort(host, strconv.Itoa(port))) {
			claim.Close()
			return nil, false
		}
	}
	return func() { claim.Close() }, true
}

// claims is the address on which the owner of a port holds the UDP port of the same
// number, which is released when its process ends.
const claims = "127.0.0.1"

// isClosed reports whether no program listens at an address, or there is no such
// address.
func isClosed(address string) bool {
	c, err := net.Dial("tcp", address)
	if err == nil {
		c.Close()
	}
	return err != nil
}
