package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/internal/cli"
)

// showProbe prints a probe.
func showProbe(w io.Writer, p delivery.Probe, asJSON bool) error {
	if asJSON {
		return cli.PrintJSON(w, p)
	}
	if err := cli.PrintTable(w, foundRows(p)); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := cli.PrintTable(w, wayRows(p.Ways)); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return printVerdict(w, p.Verdict)
}

// printVerdict prints the verdict in sentences.
func printVerdict(w io.Writer, v delivery.ProbeVerdict) error {
	lines := []string{v.Sentence}
	if len(v.NotBetter) > 0 {
		lines = append(lines, "Not better because:")
		for _, s := range v.NotBetter {
			lines = append(lines, fmt.Sprintf("  %s: %s", s.Grade, s.Why))
		}
	}
	if v.State == delivery.ProbeBlocked || v.State == delivery.ProbeForbidden {
		lines = append(lines, "Why:")
		for _, r := range v.Reasons {
			lines = append(lines, "  "+r)
		}
	}
	if len(v.Hints) > 0 {
		lines = append(lines, "To make it so:")
		for _, h := range v.Hints {
			lines = append(lines, "  "+h.Text)
		}
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

// foundRows returns what the printer is, whichever protocol told it.
func foundRows(p delivery.Probe) [][]string {
	rows := [][]string{{"Probed", p.Target}}
	if p.Printer != "" {
		rows = append(rows, []string{"In the directory", p.Printer})
	}
	i, s := saidByIPP(p.Ways), p.SNMP
	if s == nil {
		s = new(delivery.ProbeSNMP)
	}
	if i == nil {
		i = new(delivery.ProbeIPP)
	}
	return append(rows, slices.DeleteFunc([][]string{
		{"Name", cmp.Or(i.Name, s.Name)},
		{"Model", cmp.Or(i.MakeAndModel, s.Model)},
		{"Location", cmp.Or(i.Location, s.Location)},
		{"UUID", i.UUID},
		{"Serial number", s.Serial},
		{"Firmware", s.Firmware},
		{"MAC address", s.MAC},
		{"State", stateWords(*i)},
		{"Formats", strings.Join(i.Formats, " ")},
		{"Jobs", jobWords(*i)},
		{"Pages printed", pagesWord(s.Pages)},
		{"Supplies", supplyWords(s.Supplies)},
		{"SNMP", snmpWords(p.SNMP)},
	}, func(row []string) bool { return row[1] == "" })...)
}

// saidByIPP returns what the strongest way that answered told; nil for none.
func saidByIPP(ways []delivery.ProbeWay) *delivery.ProbeIPP {
	for _, w := range ways {
		if w.IPP != nil {
			return w.IPP
		}
	}
	return nil
}

func stateWords(i delivery.ProbeIPP) string {
	words := i.State
	if len(i.Reasons) > 0 {
		words += " (" + strings.Join(i.Reasons, ", ") + ")"
	}
	if i.State != "" && !i.Accepting {
		words += ", takes no jobs"
	}
	return words
}

func jobWords(i delivery.ProbeIPP) string {
	if i.Version == "" {
		return ""
	}
	words := "by Print-Job"
	if i.EmptyJobs {
		words = "by Create-Job and Send-Document"
	}
	if i.Gzip {
		words += ", compressed"
	}
	if i.Login {
		words += ", with a login"
	}
	return words
}

func pagesWord(n *int64) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

func supplyWords(all []delivery.ProbeSupply) string {
	var out []string
	for _, s := range all {
		word := "unknown"
		if s.Percent != nil {
			word = fmt.Sprintf("%d %%", *s.Percent)
		}
		if s.Receptacle {
			word += " free"
		}
		out = append(out, s.Name+" "+word)
	}
	return strings.Join(out, ", ")
}

func snmpWords(s *delivery.ProbeSNMP) string {
	switch {
	case s == nil:
		return ""
	case !s.Answered:
		return s.Why
	}
	words := fmt.Sprintf("version %s, %s, %d bytes", s.Version, s.Status, s.Bytes)
	return strings.Join(append([]string{words}, s.Sentences...), ". ")
}

// wayRows returns what was tried.
func wayRows(ways []delivery.ProbeWay) [][]string {
	rows := [][]string{{"ADDRESS", "GRADE", "TOOK", "WHAT"}}
	for _, w := range ways {
		rows = append(rows, []string{w.Address, orDash(string(w.Grade)), fmt.Sprintf("%d ms", w.Took), wayWords(w)})
	}
	return rows
}

func wayWords(w delivery.ProbeWay) string {
	var words []string
	if w.IPP != nil {
		words = append(words, "IPP "+w.IPP.Version+".")
	}
	if t := w.TLS; t != nil {
		words = append(words, "TLS "+t.Version+".", t.Certificate, "Key "+t.Pin+".")
	}
	if w.Raw != nil {
		words = append(words, rawWords(*w.Raw))
	}
	return strings.TrimSpace(strings.Join(append(words, w.Why), " "))
}

func rawWords(r delivery.ProbeRaw) string {
	words := "It takes connections."
	switch {
	case r.PJL:
		words = "It answers to PJL."
	case r.Asked:
		words = "It does not answer to PJL."
	}
	if len(r.Formats) > 0 {
		words += " Formats: " + strings.Join(r.Formats, " ") + "."
	}
	return words
}
