package main

import (
	"encoding/json"
	"fmt"
	"io"
)

// reporter reports what happens: in plain lines as it does, or as one JSON
// object at the end.
type reporter struct {
	out  io.Writer
	json bool
}

// demoReport is the JSON object: the addresses and, if there was a job, what
// became of it.
type demoReport struct {
	demoPaths
	*shownJob
}

func (t *reporter) printLine(format string, args ...any) {
	if !t.json {
		fmt.Fprintf(t.out, format+"\n", args...)
	}
}

func (t *reporter) printObject(v demoReport) {
	if t.json {
		json.NewEncoder(t.out).Encode(v)
	}
}

func (t *reporter) printWelcome(d *demo) {
	t.printLine("Print Scout demo: a server, a site with throwaway keys, a scout and a printer.")
	t.printLine("  server   %s, its data in %s", d.CloudURL, d.ServerDir)
	t.printLine("  scout    process %d, prints at %s, parks in %s", d.ScoutPID, d.IPPURL, d.VaultDir)
	t.printLine("  printer  %s is %s", printerName, d.PrinterURL)
	if d.Scenario != "" {
		t.printLine("  scenario %s: %s", d.Scenario, d.scenario.Does)
	}
}

func (t *reporter) printParked(s *shownJob, d *demo) {
	t.printLine("Printed %s (%d bytes) at %s.", s.Document, s.Bytes, d.IPPURL)
	pages := "pages: unknown"
	if s.Job.Pages != nil {
		pages = fmt.Sprintf("pages: %d (%s)", *s.Job.Pages, s.Job.PagesCertainty)
	}
	t.printLine("It is %s as job %s: %s, sealed in %d bytes. Nothing came out anywhere.", s.Job.State, s.Job.ID, pages, s.Job.Sealed)
	t.printLine("Released it at the server for printer %s.", printerName)
}

func (t *reporter) printResult(s *shownJob) {
	r := s.Result
	t.printLine("The scout says: %s by %s, grade %s, evidence %s, first byte after %d ms, known after %d ms.", r.State, orNothing(r.Protocol), orNothing(r.Grade), orNothing(r.EvidenceLevel), r.FirstByteMS, r.TotalMS)
	for _, e := range r.Evidence {
		t.printLine("  - %s", e)
	}
	if s.File != "" {
		same := "the same bytes as were printed"
		if !s.Equal {
			same = "NOT the bytes that were printed"
		}
		t.printLine("The printer has it: %s, %s.", s.File, same)
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func (t *reporter) printHints(d *demo) {
	t.printLine("")
	t.printLine("Try by hand, in another terminal:")
	t.printLine("  ipptool -tf FILE %s print-job.test", d.IPPURL)
	t.printLine("  %s --control %s job list", d.scout.cmd.Path, d.Control)
	t.printLine("  %s --control %s job release --all --printer %s --wait", d.scout.cmd.Path, d.Control, printerName)
	t.printLine("  %s --control %s tray", d.scout.cmd.Path, d.Control)
	t.printLine("In a browser of this account: my jobs, and the wizard behind Set up, at")
	t.printLine("  %s", d.LocalURL)
	t.printLine("All addresses are in %s. Ctrl-C ends the demo.", d.filePath(pathsFile))
}
