package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/printscout/printscout/internal/dev/peers/run"
)

// sentGoal is to be no slower.
const sentGoal = 1.0

// delivering times the way of documents to an ippeveprinter whose job command
// ends at once.
func (m *measurement) delivering(ctx context.Context) error {
	l, err := openLane(ctx, filepath.Join(m.dir, "l"), quickly)
	if errors.Is(err, run.ErrMissing) {
		m.report.missing("ippeveprinter")
		return nil
	}
	if err != nil {
		return err
	}
	defer l.close()
	r, err := newReleaser(ctx, m.bin, filepath.Join(m.dir, "r"), l.forwarder.uri())
	if err != nil {
		return err
	}
	defer r.close()
	for _, size := range m.delivered {
		d, err := m.document(size)
		if err != nil {
			return err
		}
		if err := m.racing(ctx, l, r, d); err != nil {
			return err
		}
	}
	return m.encrypted(ctx, l)
}

// racing has everybody bring one document to the printer, in turn.
func (m *measurement) racing(ctx context.Context, l *lane, r *releaser, d file) error {
	runners := []runner{r.runner(ctx, l, d, byAgent, r.askAgent), r.runner(ctx, l, d, byCommand, r.runCommand)}
	peers, err := m.peerRunners(ctx, l, d)
	if err != nil {
		return err
	}
	got, err := m.race(append(runners, peers...))
	if err != nil {
		return err
	}
	m.reportRace(d, got)
	m.tell("delivery of %s", size(d.size))
	return nil
}

func (m *measurement) reportRace(d file, got map[string][]timing) {
	agent, command, tool, cups := got[byAgent], got[byCommand], got[byTool], got[byCUPS]
	begun, ended := "order → first byte, "+size(d.size), "order → job complete, "+size(d.size)
	const started = ", with the start of printscout"
	m.report.contest(contest{What: begun, Against: "ipptool print-job", Unit: "ms", Goal: sentGoal}, firsts(agent), firsts(tool))
	m.report.contest(contest{What: begun + started, Against: "ipptool print-job", Unit: "ms"}, firsts(command), firsts(tool))
	m.report.contest(contest{What: begun, Against: "ipptool, without its start", Unit: "ms"}, firsts(agent), sendings(tool))
	m.report.contest(contest{What: begun, Against: "CUPS", Unit: "ms"}, firsts(agent), firsts(cups))
	m.report.contest(contest{What: ended, Against: "CUPS", Unit: "ms", Goal: sentGoal}, totals(agent), totals(cups))
	m.report.contest(contest{What: ended + started, Against: "CUPS", Unit: "ms"}, totals(command), totals(cups))
	m.report.figure("the scout's own first_byte_ms over ipp, "+size(d.size), middle(reporteds(agent)), "ms", 0)
}

// encrypted has the scout bring a document over ipps, where nobody else can
// say when its first byte went out.
func (m *measurement) encrypted(ctx context.Context, l *lane) error {
	r, err := newReleaser(ctx, m.bin, filepath.Join(m.dir, "s"), strings.Replace(l.printer.URI, "ipp:", "ipps:", 1))
	if err != nil {
		return err
	}
	defer r.close()
	d, err := m.document(m.delivered[0])
	if err != nil {
		return err
	}
	got, err := m.race([]runner{r.unseen(ctx, l, d)})
	if err != nil {
		return err
	}
	m.report.figure("the scout's own first_byte_ms over ipps, "+size(d.size), middle(reporteds(got[byAgent])), "ms", 0)
	return nil
}
