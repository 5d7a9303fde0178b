package delivery

import (
	"context"
	"errors"

	"github.com/printscout/printscout/delivery/snmp"
)

// ProbeSNMP is what a printer said of itself by SNMP.
type ProbeSNMP struct {
	Answered   bool             `json:"answered"`
	Why        string           `json:"why"`
	Version    string           `json:"version"`
	Model      string           `json:"model"`
	Name       string           `json:"name"`
	Serial     string           `json:"serial"`
	Firmware   string           `json:"firmware"`
	MAC        string           `json:"mac"`
	Location   string           `json:"location"`
	Console    string           `json:"console"`
	ID1284     string           `json:"id_1284"`
	Languages  []string         `json:"languages"`
	Status     string           `json:"status"`
	Conditions []snmp.Condition `json:"conditions"`
	Pages      *int64           `json:"pages"`
	Supplies   []ProbeSupply    `json:"supplies"`
	Verdict    string           `json:"verdict"`
	Sentences  []string         `json:"sentences"`
	Bytes      int              `json:"bytes"`

	report *snmp.Report
}

// ProbeSupply is toner, a drum, a waste bottle, …
type ProbeSupply struct {
	Name       string `json:"name"`
	Level      int    `json:"level"`
	Max        int    `json:"max"`
	Percent    *int   `json:"percent"`
	Receptacle bool   `json:"receptacle"`
}

// mostLookups bounds how often the remainder of a lookup is asked for.
const mostLookups = 4

// lookBeside asks for everything that SNMP has of the printer.
func lookBeside(ctx context.Context, host string, a snmp.Access) *ProbeSNMP {
	var known *snmp.Known
	var last *snmp.Report
	bytes := 0
	for range mostLookups {
		r, k, err := snmp.Look(ctx, host, a, known, snmp.Full)
		known, bytes = k, bytes+r.Sent+r.Received
		if err != nil && last == nil {
			return silentSNMP(err, bytes)
		}
		if err != nil {
			break // keep what was told
		}
		last = &r
		if r.Complete {
			break
		}
	}
	s := probeSNMPOf(last)
	s.Bytes = bytes
	return s
}

func silentSNMP(err error, bytes int) *ProbeSNMP {
	return &ProbeSNMP{
		Why: noSNMP(err), Status: "unknown", Verdict: snmp.Proceed.String(), Bytes: bytes,
		Languages: []string{}, Conditions: []snmp.Condition{}, Supplies: []ProbeSupply{}, Sentences: []string{snmp.Unavailable},
	}
}

// noSNMP returns why SNMP says nothing.
func noSNMP(err error) string {
	switch {
	case errors.Is(err, snmp.ErrRefused):
		return "SNMP refuses the user, the key or its rights."
	case errors.Is(err, snmp.ErrNoPrinter):
		return "SNMP answers and shows no printer."
	case errors.Is(err, snmp.ErrGarbled):
		return "What came by SNMP makes no sense."
	case errors.Is(err, snmp.ErrAccess):
		return "SNMP cannot be asked like that: " + err.Error() + "."
	}
	return "SNMP does not answer: it is off, or has another community or key."
}

var deviceStates = map[int]string{2: "running", 3: "warning", 4: "testing", 5: "down"}

func probeSNMPOf(r *snmp.Report) *ProbeSNMP {
	s := &ProbeSNMP{
		Answered: true, Version: r.Version, Model: r.Model, Name: r.Name, Serial: r.Serial, Firmware: r.Firmware, MAC: r.MAC,
		Location: r.Location, Console: r.Console, ID1284: r.ID1284, Languages: orEmpty(r.Languages), Status: deviceStates[r.DeviceStatus],
		Conditions: orEmpty(r.Conditions), Pages: r.LifeCount, Supplies: []ProbeSupply{}, report: r,
	}
	if s.Status == "" {
		s.Status = "unknown"
	}
	for _, one := range r.Supplies {
		s.Supplies = append(s.Supplies, ProbeSupply{Name: one.Name, Level: one.Level, Max: one.Max, Percent: one.Percent, Receptacle: one.Receptacle})
	}
	return s
}

// applyVerdict applies the table of docs/snmp.md, with what IPP said.
func (s *ProbeSNMP) applyVerdict(i snmp.IPP) {
	if s == nil || s.report == nil {
		return
	}
	v := s.report.Verdict(i)
	s.Verdict, s.Sentences = v.Kind.String(), orEmpty(v.Sentences)
}
