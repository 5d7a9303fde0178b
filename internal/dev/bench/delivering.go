package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"

	"github.com/printscout/printscout/internal/dev/peers/run"
)

// sentGoal means no slower than the peer.
const sentGoal = 1.0

// measureDelivery times sending documents to an ippeveprinter whose job command
// ends at once.
func (m *measurement) measureDelivery(ctx context.Context) error {
	l, err := openLane(ctx, filepath.Join(m.dir, "l"), quickly)
	if errors.Is(err, run.ErrMissing) {
		m.report.addMissing("ippeveprinter")
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
		d, err := m.makeDocument(size)
		if err != nil {
			return err
		}
		if err := m.measureRace(ctx, l, r, d); err != nil {
			return err
		}
	}
	return m.measureOverTLS(ctx, l)
}

// measureRace has all runners send one document to the printer, in turn.
func (m *measurement) measureRace(ctx context.Context, l *lane, r *releaser, d documentFile) error {
	runners := []runner{r.newRunner(ctx, l, d, byAgent, r.askAgent), r.newRunner(ctx, l, d, byCommand, r.runCommand)}
	peers, err := m.peerRunners(ctx, l, d)
	if err != nil {
		return err
	}
	got, err := m.runRace(append(runners, peers...))
	if err != nil {
		return err
	}
	m.reportRace(d, got)
	m.logDone("delivery of %s", formatSize(d.size))
	return nil
}

func (m *measurement) reportRace(d documentFile, got map[string][]timing) {
	agent, command, tool, cups := got[byAgent], got[byCommand], got[byTool], got[byCUPS]
	begun, ended := "order → first byte, "+formatSize(d.size), "order → job complete, "+formatSize(d.size)
	const started = ", with the start of printscout"
	m.report.addContest(contest{What: begun, Against: "ipptool print-job", Unit: "ms", Goal: sentGoal}, firstTimes(agent), firstTimes(tool))
	m.report.addContest(contest{What: begun + started, Against: "ipptool print-job", Unit: "ms"}, firstTimes(command), firstTimes(tool))
	m.report.addContest(contest{What: begun, Against: "ipptool, without its start", Unit: "ms"}, firstTimes(agent), sendingTimes(tool))
	m.report.addContest(contest{What: begun, Against: "CUPS", Unit: "ms"}, firstTimes(agent), firstTimes(cups))
	m.report.addContest(contest{What: ended, Against: "CUPS", Unit: "ms", Goal: sentGoal}, totalTimes(agent), totalTimes(cups))
	m.report.addContest(contest{What: ended + started, Against: "CUPS", Unit: "ms"}, totalTimes(command), totalTimes(cups))
	m.report.addFigure("the scout's own first_byte_ms over ipp, "+formatSize(d.size), medianOf(reportedTimes(agent)), "ms", 0)
}

// measureOverTLS has the scout send a document over ipps, where only the scout
// itself can tell when the first byte was sent.
func (m *measurement) measureOverTLS(ctx context.Context, l *lane) error {
	r, err := newReleaser(ctx, m.bin, filepath.Join(m.dir, "s"), strings.Replace(l.printer.URI, "ipp:", "ipps:", 1))
	if err != nil {
		return err
	}
	defer r.close()
	d, err := m.makeDocument(m.delivered[0])
	if err != nil {
		return err
	}
	got, err := m.runRace([]runner{r.newUnseenRunner(ctx, l, d)})
	if err != nil {
		return err
	}
	m.report.addFigure("the scout's own first_byte_ms over ipps, "+formatSize(d.size), medianOf(reportedTimes(got[byAgent])), "ms", 0)
	return nil
}
