package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"sync"
)

// suppliesTable is the table that CUPS walks to learn the supplies:
// prtMarkerSuppliesEntry.
const suppliesTable = "1.3.6.1.2.1.43.11.1.1"

// Traffic is the amount of network traffic.
type Traffic struct {
	Bytes     int // of UDP payload, both ways
	Datagrams int // both ways
}

// WalkSupplies reads a printer's table of supplies at an address of loopback
// as CUPS's backends do, one GETNEXT of SNMPv2c after the other, with net-snmp's
// snmpwalk, and returns the traffic and how many objects it got.
func WalkSupplies(ctx context.Context, printer netip.AddrPort, community string) (cost Traffic, objects int, err error) {
	program, ok := Find("snmpwalk")
	if !ok {
		return Traffic{}, 0, errors.New("walking the supplies: snmpwalk is not on this machine")
	}
	f, err := startForwarder(printer)
	if err != nil {
		return Traffic{}, 0, fmt.Errorf("walking the supplies: %w", err)
	}
	// -Oqn: only names and values, so that no MIB is needed.
	cmd := exec.CommandContext(ctx, program, "-v2c", "-c", community, "-Oqn", "-t", "20", "udp:"+f.address(), suppliesTable)
	out, err := cmd.Output()
	cost = f.stop()
	if err != nil {
		return cost, 0, fmt.Errorf("walking the supplies: %w", err)
	}
	return cost, bytes.Count(out, []byte("\n.")) + 1, nil
}

// udpForwarder forwards datagrams between one client and a server, and counts them.
type udpForwarder struct {
	front, back *net.UDPConn
	copying     sync.WaitGroup

	mu     sync.Mutex
	client netip.AddrPort
	cost   Traffic
}

func startForwarder(to netip.AddrPort) (*udpForwarder, error) {
	front, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	back, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		front.Close()
		return nil, err
	}
	f := &udpForwarder{front: front, back: back}
	f.copying.Go(f.forwardToServer)
	f.copying.Go(f.forwardToClient)
	return f, nil
}

func (f *udpForwarder) address() string { return f.front.LocalAddr().String() }

func (f *udpForwarder) forwardToServer() {
	b := make([]byte, 64<<10)
	for {
		n, from, err := f.front.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		f.countDatagram(n, &from)
		_, _ = f.back.Write(b[:n])
	}
}

func (f *udpForwarder) forwardToClient() {
	b := make([]byte, 64<<10)
	for {
		n, err := f.back.Read(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // no server answers: the client notices by itself
		}
		_, _ = f.front.WriteToUDPAddrPort(b[:n], f.countDatagram(n, nil))
	}
}

func (f *udpForwarder) countDatagram(n int, from *netip.AddrPort) (client netip.AddrPort) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cost.Bytes += n
	f.cost.Datagrams++
	if from != nil {
		f.client = *from
	}
	return f.client
}

func (f *udpForwarder) stop() Traffic {
	f.front.Close()
	f.back.Close()
	f.copying.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cost
}
