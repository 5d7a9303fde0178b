package container

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// Connect joins machines by an Ethernet of their own: a bridge in the network
// namespace of the first one. This computer's own network has no part in it. It
// returns their IPv4 addresses. The test is skipped where there are no bridges.
func Connect(tb testing.TB, machines ...*Machine) (addresses []string) {
	tb.Helper()
	ip := peers.Need(tb, "ip")
	run := func(m *Machine, args string) error {
		out, err := exec.Command(m.nsenter, append([]string{"-t", m.leader, "-n", ip}, strings.Fields(args)...)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("ip %s: %w: %s", args, err, out)
		}
		return nil
	}
	must := func(m *Machine, args string) {
		tb.Helper()
		if err := run(m, args); err != nil {
			tb.Fatal(err)
		}
	}
	hub := machines[0]
	if err := run(hub, "link add hub type bridge"); err != nil {
		tb.Log(err)
		peers.Missing(tb, "network bridges")
	}
	for i, m := range machines {
		address := fmt.Sprintf("10.83.0.%d", i+1)
		addresses = append(addresses, address)
		if m == hub {
			must(m, "addr add "+address+"/24 dev hub")
			must(m, "link set hub up")
			continue
		}
		port := fmt.Sprintf("port%d", i)
		must(hub, "link add "+port+" type veth peer name eth0 netns "+m.leader)
		must(hub, "link set "+port+" master hub up")
		must(m, "addr add "+address+"/24 dev eth0")
		must(m, "link set eth0 up")
	}
	return addresses
}
