package peers

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Systems give ports from 32768 (Linux) or 49152 (RFC 6335 §6) on to whoever
// asks for any; those below go to nobody who does not name them.
const firstPort, ports = 20000, 12000

// Port returns a port of the loopback interface where nobody listens, which is
// the test's own: it stays closed until the test, or a program it starts,
// listens there, and may be listened at again. To no test of another process
// is it given meanwhile.
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

// claimPort takes a port for this process, if nobody has it.
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

// claims is where the owner of a port holds the UDP port of that number, which
// its process's end gives back.
const claims = "127.0.0.1"

// isClosed reports that nobody listens at an address, or that there is no such.
func isClosed(address string) bool {
	c, err := net.Dial("tcp", address)
	if err == nil {
		c.Close()
	}
	return err != nil
}
