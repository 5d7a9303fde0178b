package main

import (
	"encoding/json"
	"fmt"
	"io"
)

// teller says what happens: in plain lines as it does, or as one JSON object
// once there is no more to show.
type teller struct {
	out  io.Writer
	json bool
}

// told is the JSON object: the addresses and, where there was a job, what
// became of it.
type told struct {
	paths
	*shown
}

func (t *teller) say(format string, args ...any) {
	if !t.json {
		fmt.Fprintf(t.out, format+"\n", args...)
	}
}

func (t *teller) object(v told) {
	if t.json {
		json.NewEncoder(t.out).Encode(v)
	}
}

func (t *teller) welcome(d *demo) {
	t.say("Print Scout demo: a server, a site with throwaway keys, a scout and a printer.")
	t.say("  server   %s, its data in %s", d.CloudURL, d.ServerDir)
	t.say("  scout    process %d, prints at %s, parks in %s", d.ScoutPID, d.IPPURL, d.VaultDir)
	t.say("  printer  %s is %s", printerName, d.PrinterURL)
	if d.Scenario != "" {
		t.say("  scenario %s: %s", d.Scenario, d.scenario.Does)
	}
}

func (t *teller) parked(s *shown, d *demo) {
	t.say("Printed %s (%d bytes) at %s.", s.Document, s.Bytes, d.IPPURL)
	pages := "pages: unknown"
	if s.Job.Pages != nil {
		pages = fmt.Sprintf("pages: %d (%s)", *s.Job.Pages, s.Job.PagesCertainty)
	}
	t.say("It is %s as job %s: %s, sealed in %d bytes. Nothing came out anywhere.", s.Job.State, s.Job.ID, pages, s.Job.Sealed)
	t.say("Released it at the server for printer %s.", printerName)
}

func (t *teller) ended(s *shown) {
	r := s.Result
	t.say("The scout says: %s by %s, grade %s, evidence %s, first byte after %d ms, known after %d ms.", r.State, orNothing(r.Protocol), orNothing(r.Grade), orNothing(r.EvidenceLevel), r.FirstByteMS, r.TotalMS)
	for _, e := range r.Evidence {
		t.say("  - %s", e)
	}
	if s.File != "" {
		same := "the same bytes as were printed"
		if !s.Equal {
			same = "NOT the bytes that were printed"
		}
		t.say("The printer has it: %s, %s.", s.File, same)
	}
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

func (t *teller) tryByHand(d *demo) {
	t.say("")
	t.say("Try by hand, in another terminal:")
	t.say("  ipptool -tf FILE %s print-job.test", d.IPPURL)
	t.say("  %s --control %s job list", d.scout.cmd.Path, d.Control)
	t.say("  %s --control %s job release --all --printer %s --wait", d.scout.cmd.Path, d.Control, printerName)
	t.say("All addresses are in %s. Ctrl-C ends the demo.", d.path(pathsFile))
}
