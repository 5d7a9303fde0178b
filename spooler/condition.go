package spooler

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// getPrinterAttributes is RFC 8011 §4.2.5. The response is the same for all
// document formats.
func (x *ippExchange) getPrinterAttributes() (*reply, error) {
	w := readRequestedAttributes(x.msg, "all")
	attrs := slices.Concat(
		w.selectFrom(groupPrinter, x.currentAttributes()),
		w.selectFrom(groupPrinter, x.res.static.description),
		w.selectFrom(groupTemplate, x.res.static.template),
		w.selectFrom(groupNone, x.res.static.database),
	)
	return &reply{groups: []goipp.Group{{Tag: goipp.TagPrinterGroup, Attrs: attrs}}}, nil
}

// currentAttributes returns the attributes that change from one response to the
// next.
func (x *ippExchange) currentAttributes() goipp.Attributes {
	p, now := x.p, x.p.cfg.Now()
	c := p.cfg.Intake.Condition()
	open, _ := p.jobs.countOpen()
	state, since := p.observeState(c)
	return goipp.Attributes{
		ipp.URI("printer-uri-supported", x.printerURI(x.res)),
		ipp.URI("printer-more-info", "http://"+x.host+"/"),
		ipp.URI("printer-supply-info-uri", "http://"+x.host+"/"),
		ipp.URI("printer-icons", x.iconURIs()...),
		ipp.Enum("printer-state", state),
		ipp.Keyword("printer-state-reasons", stateReasons(c.Reasons)...),
		ipp.Text("printer-state-message", ipp.Clean(c.Message, textSize)),
		ipp.Integer("printer-state-change-time", p.upTime(since)),
		dateTime("printer-state-change-date-time", since),
		ipp.Boolean("printer-is-accepting-jobs", c.Accepting),
		ipp.Integer("queued-job-count", open),
		ipp.Integer("printer-up-time", p.upTime(now)),
		dateTime("printer-current-time", now),
		ipp.Integer("printer-config-change-time", p.upTime(p.started)),
		dateTime("printer-config-change-date-time", p.started),
	}
}

func (x *ippExchange) iconURIs() (uris []string) {
	for _, size := range iconSizes {
		uris = append(uris, "http://"+x.host+iconPath(size))
	}
	return uris
}

func printerState(c Condition, processing int) int {
	switch {
	case !c.Accepting, c.Paused:
		return ipp.PrinterStopped
	case processing > 0:
		return ipp.PrinterProcessing
	}
	return ipp.PrinterIdle
}

// stateReasons returns the reasons that are valid keywords: CUPS rejects a
// whole printer for one invalid character in a keyword.
func stateReasons(said []string) []string {
	var out []string
	for _, r := range said {
		if len(r) <= nameSize && isKeyword(r) {
			out = append(out, r)
		}
	}
	if len(out) == 0 {
		return []string{"none"}
	}
	return out
}

// isKeyword reports whether a text is a valid keyword.
func isKeyword(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-._") == ""
}

// checkAccepting returns an error if no jobs are accepted at present.
func (p *Printer) checkAccepting() error {
	c := p.cfg.Intake.Condition()
	if c.Accepting {
		return nil
	}
	return refusalOfIntake(&Refusal{Err: ErrNotAccepting, Message: cmp.Or(c.Message, "No print jobs are accepted at present.")})
}

// dateTime makes the attribute in UTC: goipp cannot encode all time zones.
func dateTime(name string, t time.Time) goipp.Attribute {
	return goipp.MakeAttr(name, goipp.TagDateTime, goipp.Time{Time: t.UTC()})
}
