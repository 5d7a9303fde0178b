package delivery_test

import (
	"strings"
	"time"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
)

// ippScenarios are the deliveries of TestScenarios.
var ippScenarios = map[string]scenario{
	"good":        {wantedOutcome: printed},
	"good/plain":  {set: plainOnly, wantedOutcome: printed.by(directory.GradeIPP)},
	"good/roots":  {set: unpinned, roots: true, wantedOutcome: printed.by(directory.GradeIPPS)},
	"good/copies": {set: askFor(ipp.Integer("copies", 3)), wantedOutcome: printed, then: threeCopies},

	// By IPP a printer has the last word, whatever its SNMP agent is or says.
	"snmp-silent":       {snmp: true, wantedOutcome: printed, evidence: "status unavailable"},
	"snmp-slow":         {snmp: true, wantedOutcome: printed},
	"snmp-refuses":      {snmp: true, wantedOutcome: printed},
	"snmp-garbage":      {snmp: true, wantedOutcome: printed},
	"snmp-too-big":      {snmp: true, wantedOutcome: printed},
	"snmp-truncated":    {snmp: true, wantedOutcome: printed},
	"snmp-wrong-id":     {snmp: true, wantedOutcome: printed},
	"snmp-jam":          {snmp: true, wantedOutcome: printed},
	"snmp-toner-low":    {snmp: true, wantedOutcome: printed},
	"snmp-offline":      {snmp: true, wantedOutcome: printed},
	"snmp-standby":      {snmp: true, wantedOutcome: printed},
	"snmp-generr":       {snmp: true, wantedOutcome: printed},
	"snmp-gaps":         {snmp: true, wantedOutcome: printed},
	"snmp-maker-levels": {snmp: true, wantedOutcome: printed},
	"snmp-down":         {snmp: true, wantedOutcome: printed},
	"snmp-unknown":      {snmp: true, wantedOutcome: printed},
	"snmp-device-3":     {snmp: true, wantedOutcome: printed},

	// A printer that sleeps is waited for: every limit and the printer's sleep
	// are shorter by the same factor, so that 18 s are survived with the
	// limits that a delivery has by itself.
	"sleeps-18s":            {clock: hurry, set: hurriedLimits, wantedOutcome: printed, told: "does not answer yet"},
	"sleeps-18s/plain":      {clock: hurry, set: allOf(plainOnly, hurriedLimits), wantedOutcome: printed.by(directory.GradeIPP), told: "does not answer yet"},
	"sleeps-refusing":       {clock: hurry, set: hurriedLimits, wantedOutcome: printed, told: "does not answer yet"},
	"sleeps-refusing/plain": {clock: hurry, set: allOf(plainOnly, hurriedLimits), wantedOutcome: printed.by(directory.GradeIPP), told: "does not answer yet"},

	// Printers that take no job now.
	"busy":                 {wantedOutcome: refusedOutcome(outcome.ReasonBusy, directory.GradePinned), told: "is busy"},
	"busy/for a while":     {set: longReady, told: "is busy", atPrinter: wellAgain(goipp.OpCreateJob), wantedOutcome: printed},
	"busy-503":             {wantedOutcome: refusedOutcome(outcome.ReasonBusy, directory.GradePinned), told: "is busy"},
	"busy-503/for a while": {set: longReady, told: "is busy", atPrinter: wellAgain(goipp.OpCreateJob), wantedOutcome: printed},
	"single-job":           {clock: 1000, set: allOf(longReady, occupyPrinter), told: "is busy", atPrinter: givesUp, wantedOutcome: printed},
	"single-job/for good":  {set: occupyPrinter, wantedOutcome: refusedOutcome(outcome.ReasonBusy, directory.GradePinned), told: "is busy"},
	"not-accepting":        {wantedOutcome: refusedOutcome(outcome.ReasonNotAccepting, directory.GradePinned)},
	"jam": {snmp: true, wantedOutcome: refusedOutcome(outcome.ReasonStopped, directory.GradePinned),
		told: "Paper jam in tray 1 (media-jam-error). It goes on once that is seen to."},
	"jam/seen to": {snmp: true, set: longReady, told: "Paper jam in tray 1", atPrinter: resumePrinter, wantedOutcome: printed},

	// Printers that want a login.
	"early-401": {size: 20 << 20, wantedOutcome: undoneWanted(outcome.ReasonLogin), evidence: "401"},
	"early-401/print-job": {size: 20 << 20, set: printJobOnly, evidence: "401",
		wantedOutcome: wantedOutcome{outcome.NotSent, outcome.ReasonLogin, directory.GradePinned, outcome.EvidenceNone, 1}},
	"validate-login": {wantedOutcome: refusedOutcome(outcome.ReasonLogin, directory.GradePinned)},

	// What they do with HTTP.
	"expect-417":   {wantedOutcome: printed, then: wantsFewerConnections(`"no_expect":true`, 1)},
	"expect-never": {wantedOutcome: printed, then: wantsRemembered(`"no_expect":true`)},
	"expect-late":  {clock: 2, wantedOutcome: printed, then: wantsRemembered(`"no_expect":true`)},
	"http10":       {wantedOutcome: printed},
	"http10/plain": {set: plainOnly, wantedOutcome: printed.by(directory.GradeIPP)},
	"chunked":      {wantedOutcome: printed},
	"upgrade-426":  {set: throughOnePort, wantedOutcome: printed, then: neverPlainAgain},
	"upgrade-426/nowhere to": {set: plainOnly,
		wantedOutcome: refusedOutcome(outcome.ReasonTLSRequired, "")},

	// What they do not know, or know in their own way.
	"validate-missing":    {wantedOutcome: printed},
	"stale-uri":           {wantedOutcome: printed},
	"path-printer":        {set: withoutPath, wantedOutcome: printed},
	"path-printer/wrong":  {set: atPath("/ipp/print"), wantedOutcome: refusedOutcome(outcome.ReasonWrongPath, "")},
	"ipp11-only":          {wantedOutcome: printed},
	"ipp10-only":          {wantedOutcome: printed},
	"create-without-send": {wantedOutcome: printed},
	"print-job-only":      {wantedOutcome: printed},
	"many-documents":      {wantedOutcome: printed},
	"gzip":                {set: asFormat("image/urf"), wantedOutcome: printed, then: compressedIs(true)},
	"gzip/pdf":            {wantedOutcome: printed, then: compressedIs(false)},
	"gzip-broken": {set: asFormat("image/urf"), wantedOutcome: wantedOutcome{outcome.NotSent, outcome.ReasonRefused, directory.GradePinned, "", 1},
		evidence: "client-error-compression-error", then: printsUncompressed},
	"mono-pcl":        {wantedOutcome: refusedOutcome(outcome.ReasonFormat, directory.GradePinned)},
	"mono-pcl/pcl":    {set: asFormat("application/vnd.hp-pcl"), wantedOutcome: printed},
	"urf-only":        {wantedOutcome: refusedOutcome(outcome.ReasonFormat, directory.GradePinned)},
	"urf-only/urf":    {set: asFormat("image/urf"), wantedOutcome: printed},
	"urf-only/copies": {set: allOf(asFormat("image/urf"), askFor(ipp.Integer("copies", 2))), wantedOutcome: refusedOutcome(outcome.ReasonCopies, directory.GradePinned)},
	"few-media": {set: askFor(ipp.Keyword("media", "iso_a4_210x297mm"), ipp.Keyword("sides", "two-sided-long-edge")),
		wantedOutcome: printed, evidence: "Printed with sides one-sided instead of two-sided-long-edge"},

	// What becomes of the document on its way.
	"drops-at-64k": {wantedOutcome: undoneWanted(outcome.ReasonConnection), evidence: "aborted"},
	"drops-at-64k/huge": {size: huge, wantedOutcome: undoneWanted(outcome.ReasonConnection),
		evidence: "of 33554432 bytes of the document were handed over"},
	"drops-and-prints": {wantedOutcome: uncertainWanted(outcome.ReasonConnection, outcome.EvidenceState), evidence: "completed"},
	"wire-drops":       {wantedOutcome: undoneWanted(outcome.ReasonConnection), evidence: "aborted"},
	"stalls-at-64k":    {size: huge, set: shortBody, wantedOutcome: undoneWanted(outcome.ReasonConnection), evidence: "took nothing more"},
	"silent-document":  {set: shortBody, wantedOutcome: undoneWanted(outcome.ReasonNoAnswer), evidence: "took nothing more"},

	// What becomes of the answer to it.
	"answer-lost":       {wantedOutcome: printed, evidence: "completed"},
	"answer-cut":        {wantedOutcome: printed, evidence: "completed"},
	"answer-garbage":    {wantedOutcome: printed, evidence: "completed"},
	"answer-wrong-id":   {wantedOutcome: printed, evidence: "it answers request"},
	"answers-late":      {clock: 10, wantedOutcome: printed},
	"printed-then-503":  {wantedOutcome: printed, evidence: "503"},
	"printed-then-busy": {wantedOutcome: printed, evidence: "server-error-busy"},

	// What becomes of the job.
	"completed-but-truncated": {wantedOutcome: printed, lies: true},
	"no-paper-came": {wantedOutcome: wantedOutcome{state: outcome.Delivered, grade: directory.GradePinned, level: outcome.EvidenceCounted, sent: 1},
		evidence: "pages: 0"},
	"completed-format-error": {wantedOutcome: uncertainWanted(outcome.ReasonWithErrors, outcome.EvidenceState), evidence: "document-format-error"},
	"completed-strangely":    {wantedOutcome: uncertainWanted(outcome.ReasonWithErrors, outcome.EvidenceState), evidence: "acme-see-panel"},
	"keeps-incoming":         {clock: 20, wantedOutcome: printed.counted(), evidence: "pages: 1"},
	"number-reused": {wantedOutcome: uncertainWanted(outcome.ReasonForgotten, outcome.EvidenceTaken),
		evidence: "is another one by now", then: leavesStranger},
	"number-reused/canceled": {set: cancelsOnceMoved, wantedOutcome: uncertainWanted(outcome.ReasonNoAnswer, outcome.EvidenceTaken), then: leavesStranger},
	"number-reused-nameless": {set: uptimeOf(100), wantedOutcome: uncertainWanted(outcome.ReasonForgotten, outcome.EvidenceTaken),
		evidence: "is another one by now", then: leavesStranger},
	"number-reused-nameless/canceled": {set: allOf(uptimeOf(100), cancelsOnceMoved), wantedOutcome: uncertainWanted(outcome.ReasonNoAnswer, outcome.EvidenceTaken), then: leavesStranger},
	"jobs-nameless":                   {wantedOutcome: byNumber, evidence: "by its number"},
	"jobs-one-name":                   {wantedOutcome: byNumber, evidence: "by its number"},
	"jobs-in-capitals":                {wantedOutcome: printed},
	"jobs-cut-names":                  {set: longTitle, wantedOutcome: byNumber, then: fitsTheToken},
	"no-get-job":                      {clock: 10, wantedOutcome: printed},
	"busy-not-accepting":              {wantedOutcome: refusedOutcome(outcome.ReasonNotAccepting, directory.GradePinned), told: "is not accepting jobs"},
	"busy-not-accepting/for a while":  {set: longReady, told: "is not accepting jobs", atPrinter: resumePrinter, wantedOutcome: printed},
	"never-ends":                      {wantedOutcome: uncertainWanted(outcome.ReasonStillPrinting, outcome.EvidenceTaken), evidence: "processing"},
	// Their answer to the document has said that the job is completed.
	"no-history":        {wantedOutcome: printed},
	"forgets-at-once":   {wantedOutcome: printed},
	"forgets-after-60s": {wantedOutcome: printed},
	"jam-in-job":        {told: "Paper jam in tray 1", atPrinter: resumePrinter, wantedOutcome: printed, evidence: "waits: Paper jam"},
	"jam-in-job/nobody": {set: shortFollow, told: "Paper jam in tray 1",
		wantedOutcome: uncertainWanted(outcome.ReasonStillPrinting, outcome.EvidenceTaken), evidence: "processing-stopped"},
	"out-of-paper": {told: "Add paper to tray 1", atPrinter: resumePrinter, wantedOutcome: printed, evidence: "waits: Add paper"},
	"out-of-paper/nobody": {set: shortFollow, told: "Add paper to tray 1",
		wantedOutcome: uncertainWanted(outcome.ReasonStillPrinting, outcome.EvidenceTaken), evidence: "media-empty"},
	"held":           {wantedOutcome: uncertainWanted(outcome.ReasonStillPrinting, outcome.EvidenceTaken), evidence: "pending-held"},
	"held/let go of": {set: letGo, wantedOutcome: printed},
	"panel-cancel": {wantedOutcome: wantedOutcome{outcome.Canceled, outcome.ReasonAtPrinter, directory.GradePinned, outcome.EvidenceCounted, 1},
		evidence: "job-canceled-at-device"},
	"panel-cancel-receiving": {wantedOutcome: wantedOutcome{outcome.Canceled, outcome.ReasonAtPrinter, directory.GradePinned, outcome.EvidenceCounted, 1},
		evidence: "job-canceled-at-device"},
	"format-error": {wantedOutcome: undoneWanted(outcome.ReasonAborted),
		evidence: "document-format-error"},
	"reboot": {wantedOutcome: uncertainWanted(outcome.ReasonNoAnswer, outcome.EvidenceNone), evidence: "knows no job"},

	// Which printer it is.
	"other-printer":                     {wantedOutcome: refusedOutcome(outcome.ReasonPinMismatch, directory.GradePinned)},
	"other-printer/known by its uuid":   {set: knownByUUID, wantedOutcome: refusedOutcome(outcome.ReasonAnother, directory.GradeIPP)},
	"certificate-rotated":               {wantedOutcome: refusedOutcome(outcome.ReasonPinMismatch, directory.GradePinned)},
	"expired":                           {wantedOutcome: printed},
	"expired/not pinned":                {set: unpinned, roots: true, wantedOutcome: refusedOutcome(outcome.ReasonUntrusted, "")},
	"expired/floor ipp":                 {set: anyKey, wantedOutcome: printed.by(directory.GradeIPP)},
	"not-yet-valid":                     {wantedOutcome: printed},
	"not-yet-valid/not pinned":          {set: unpinned, roots: true, wantedOutcome: refusedOutcome(outcome.ReasonUntrusted, "")},
	"wrong-name":                        {wantedOutcome: printed},
	"wrong-name/not pinned":             {set: unpinned, roots: true, wantedOutcome: refusedOutcome(outcome.ReasonUntrusted, "")},
	"rsa-1024":                          {wantedOutcome: printed},
	"rsa-1024/not pinned, no such root": {set: unpinned, wantedOutcome: refusedOutcome(outcome.ReasonUntrusted, "")},

	// What they know of TLS.
	"tls12-only":            {wantedOutcome: printed},
	"tls10-only":            {wantedOutcome: refusedOutcome(outcome.ReasonNoTLS, "")},
	"tls10-only/allowed":    {set: oldTLS, wantedOutcome: printed},
	"tls13-broken":          {wantedOutcome: printed, then: wantsFewerConnections(`"profile":"tls-1.2"`, 1)},
	"rsa-exchange-only":     {wantedOutcome: refusedOutcome(outcome.ReasonNoTLS, "")},
	"rsa-exchange-only/old": {set: oldTLS, wantedOutcome: printed},
	"large-hello-closed":    {wantedOutcome: printed},
	"large-hello-hangs":     {wantedOutcome: printed},
	"tls-hangs":             {set: shortConnect, wantedOutcome: refusedOutcome(outcome.ReasonUnreachable, "")},
	"plain-on-tls":          {wantedOutcome: refusedOutcome(outcome.ReasonNoTLS, "")},
	"plain-on-tls/as plain": {set: tlsPortAsPlain, wantedOutcome: printed.by(directory.GradeIPP)},
}

// hurry is how many times shorter the time is in which printers sleep.
const hurry = 2

// hurriedLimits are those of docs/delivery.md, so many times shorter.
func hurriedLimits(c *deliveryCall) {
	c.limits = delivery.Timeouts{
		Connect: 5 * time.Second / hurry, Wake: 30 * time.Second / hurry, Ready: 30 * time.Second / hurry, Answer: 15 * time.Second / hurry,
		Body: time.Minute / hurry, Settle: 10 * time.Second / hurry, Lost: time.Minute / hurry,
	}
}

func allOf(each ...func(*deliveryCall)) func(*deliveryCall) {
	return func(c *deliveryCall) {
		for _, f := range each {
			f(c)
		}
	}
}

func askFor(attrs ...goipp.Attribute) func(*deliveryCall) {
	return func(c *deliveryCall) { c.doc.Attributes = ticketBytes(attrs...) }
}

func asFormat(format string) func(*deliveryCall) {
	return func(c *deliveryCall) { c.doc.Format = format }
}

// longReady waits for a person at the printer, who comes.
func longReady(c *deliveryCall) { c.limits.Ready = time.Minute }

func shortBody(c *deliveryCall) { c.limits.Body = 2 * time.Second }

func shortConnect(c *deliveryCall) { c.limits.Connect = 300 * time.Millisecond }

func shortFollow(c *deliveryCall) { c.limits.Follow = 6 * time.Second }

func oldTLS(c *deliveryCall) { c.entry.OldTLS = true }

// unpinned has the certificate verified by the roots of the computer.
func unpinned(c *deliveryCall) { c.entry.Pin, c.entry.Floor = "", directory.GradeIPPS }

func anyKey(c *deliveryCall) { c.entry.Pin, c.entry.Floor = "", directory.GradeIPP }

func withoutPath(c *deliveryCall) { c.entry.URIs = []string{strings.TrimSuffix(c.p.URI(), "/printer")} }

func atPath(path string) func(*deliveryCall) {
	return func(c *deliveryCall) {
		withoutPath(c)
		c.entry.URIs[0] += path
	}
}

func tlsPortAsPlain(c *deliveryCall) {
	anyKey(c)
	c.entry.URIs = []string{"ipp" + strings.TrimPrefix(c.p.URI(), "ipps")}
}

func printJobOnly(c *deliveryCall) {
	c.p.SetFault(goipp.OpCreateJob, simprinter.Fault{Status: goipp.StatusErrorOperationNotSupported})
}

func resumePrinter(c *deliveryCall) { c.p.Resume() }

func wellAgain(op goipp.Op) func(*deliveryCall) {
	return func(c *deliveryCall) { c.p.SetFault(op, simprinter.Fault{}) }
}

// letGo releases a held job once the printer has it, as a person at the
// printer would.
func letGo(c *deliveryCall) {
	c.onJournal(delivery.StepTaken, func() error { c.p.Resume(); return nil })
}
