package delivery_test

import (
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
)

// TestProbeOfAWeakEntry finds the better way that the directory does not name.
func TestProbeOfAWeakEntry(t *testing.T) {
	d, p := delivery.New(delivery.Config{Timeouts: testLimits()}), newPeerPrinter(t)
	p.start(t)
	e := directory.Printer{Name: "P", Floor: directory.GradeIPP, URIs: []string{p.uri("ipp")}}
	r := probeWith(t, d, "P", delivery.ProbeOptions{NoSNMP: true, Entry: &e})
	if v := r.Verdict; v.State != delivery.ProbeReady || v.Grade != directory.GradeIPP || v.Address != p.uri("ipp") || !slices.Contains(hintsOf(r), "directory") ||
		!strings.Contains(v.NotBetter[0].Why, "The directory does not name ipps://") {
		t.Errorf("%+v", r)
	}
}

// TestProbeOfARealPrinter, over TLS and without, beside real SNMP agents.
func TestProbeOfARealPrinter(t *testing.T) {
	p := newPeerPrinter(t)
	p.start(t)
	port := peers.StartSNMPSim(t, "snmp/testdata/printers")
	o := delivery.ProbeOptions{SNMP: snmp.Access{Port: port, Community: "idle"}}
	r := probeOK(t, net.JoinHostPort("localhost", portOf(p.uri("ipps"))), o)
	if v := r.Verdict; v.State != delivery.ProbeReady || v.Address != p.uri("ipps") || v.Grade != directory.GradeIPP || len(r.Ways) != 1 {
		t.Errorf("%+v", r)
	}
	w := r.Ways[0]
	if w.TLS == nil || w.TLS.Version < "1.2" || w.TLS.Pin == "" || w.IPP == nil || !w.IPP.EmptyJobs || !w.IPP.Validated || w.IPP.Login || !strings.HasPrefix(w.IPP.UUID, "urn:uuid:") {
		t.Errorf("%+v %+v", w.TLS, w.IPP)
	}
	if s := r.SNMP; s == nil || s.Serial != "EX4000A1234" || len(s.Supplies) != 9 {
		t.Errorf("%+v", s)
	}
	e := directory.Printer{Name: "P", URIs: []string{p.uri("ipps")}, Pin: w.TLS.Pin, Floor: directory.GradePinned, UUID: w.IPP.UUID, Serial: "EX4000A1234"}
	o.Entry = &e
	if r := probeOK(t, "P", o); r.Verdict.State != delivery.ProbeReady || r.Verdict.Grade != directory.GradePinned || !slices.Equal(hintsOf(r), []string{"snmp-v3"}) {
		t.Errorf("%+v", r)
	}
	if got := p.printed(t); len(got) > 0 {
		t.Errorf("printed %v", got)
	}
}

func portOf(uri string) string {
	_, port, _ := net.SplitHostPort(bareHost(uri))
	return port
}
