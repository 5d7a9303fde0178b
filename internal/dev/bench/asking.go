package main

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/delivery/snmp"
	"github.com/printscout/printscout/internal/dev/peers"
)

// measureSNMP compares the UDP payload, both ways, of a release's SNMP queries with
// that of the walk of the supplies that CUPS's backends make. The printer is a
// simulated color printer with nine supplies.
func (m *measurement) measureSNMP(ctx context.Context) error {
	if _, there := peers.Find("snmpwalk"); !there {
		m.report.addMissing("snmpwalk")
		return nil
	}
	agent, err := simprinter.StartAgent(simprinter.AgentConfig{V2c: true})
	if err != nil {
		return err
	}
	defer agent.Close()
	at := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(agent.Port()))
	walk, _, err := peers.WalkSupplies(ctx, at, "public")
	if err != nil {
		return err
	}
	known := new(snmp.Known)
	for _, w := range []struct {
		what string
		want snmp.Want
	}{{"SNMP, a printer not known yet", snmp.Full}, {"SNMP, before each release", snmp.Steady}} {
		var r snmp.Report
		if r, known, err = snmp.Look(ctx, at.Addr().String(), snmp.Access{Port: agent.Port()}, known, w.want); err != nil {
			return fmt.Errorf("asking the printer by snmp: %w", err)
		}
		m.report.addContest(contest{What: w.what, Against: "a walk of the supplies, as CUPS", Unit: "B", Goal: 1},
			[]float64{float64(r.Sent + r.Received)}, []float64{float64(walk.Bytes)})
	}
	m.logDone("questions by SNMP")
	return nil
}
