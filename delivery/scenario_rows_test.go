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
	"good":        {wanted: printed},
	"good/plain":  {set: plainOnly, wanted: printed.by(directory.GradeIPP)},
	"good/roots":  {set: unpinned, roots: true, wanted: printed.by(directory.GradeIPPS)},
	"good/copies": {set: asks(ipp.Integer("copies", 3)), wanted: printed, then: threeCopies},

	// By IPP a printer has the last word, whatever its SNMP agent is or says.
	"snmp-silent":       {snmp: true, wanted: printed, evidence: "status unavailable"},
	"snmp-slow":         {snmp: true, wanted: printed},
	"snmp-refuses":      {snmp: true, wanted: printed},
	"snmp-garbage":      {snmp: true, wanted: printed},
	"snmp-too-big":      {snmp: true, wanted: printed},
	"snmp-truncated":    {snmp: true, wanted: printed},
	"snmp-wrong-id":     {snmp: true, wanted: printed},
	"snmp-jam":          {snmp: true, wanted: printed},
	"snmp-toner-low":    {snmp: true, wanted: printed},
	"snmp-offline":      {snmp: true, wanted: printed},
	"snmp-standby":      {snmp: true, wanted: printed},
	"snmp-generr":       {snmp: true, wanted: printed},
	"snmp-gaps":         {snmp: true, wanted: printed},
	"snmp-maker-levels": {snmp: true, wanted: printed},
	"snmp-down":         {snmp: true, wanted: printed},
	"snmp-unknown":      {snmp: true, wanted: printed},
	"snmp-device-3":     {snmp: true, wanted: printed},

	// A printer that sleeps is waited for: every limit and the printer's sleep
	// are shorter by the same factor, so that 18 s are survived with the
	// limits that a delivery has by itself.
	"sleeps-18s":            {clock: hurry, set: hurriedLimits, wanted: printed, told: "does not answer yet"},
	"sleeps-18s/plain":      {clock: hurry, set: all(plainOnly, hurriedLimits), wanted: printed.by(directory.GradeIPP), told: "does not answer yet"},
	"sleeps-refusing":       {clock: hurry, set: hurriedLimits, wanted: printed, told: "does not answer yet"},
	"sleeps-refusing/plain": {clock: hurry, set: all(plainOnly, hurriedLimits), wanted: printed.by(directory.GradeIPP), told: "does not answer yet"},

	// Printers that take no job now.
	"busy":                 {wanted: refused(outcome.ReasonBusy, directory.GradePinned), told: "is busy"},
	"busy/for a while":     {set: longReady, told: "is busy", somebody: wellAgain(goipp.OpCreateJob), wanted: printed},
	"busy-503":             {wanted: refused(outcome.ReasonBusy, directory.GradePinned), told: "is busy"},
	"busy-503/for a while": {set: longReady, told: "is busy", somebody: wellAgain(goipp.OpCreateJob), wanted: printed},
	"single-job":           {clock: 1000, set: all(longReady, occupied), told: "is busy", somebody: givesUp, wanted: printed},
	"single-job/for good":  {set: occupied, wanted: refused(outcome.ReasonBusy, directory.GradePinned), told: "is busy"},
	"not-accepting":        {wanted: refused(outcome.ReasonNotAccepting, directory.GradePinned)},
	"jam": {snmp: true, wanted: refused(outcome.ReasonStopped, directory.GradePinned),
		told: "Paper jam in tray 1 (media-jam-error). It goes on once that is seen to."},
	"jam/seen to": {snmp: true, set: longReady, told: "Paper jam in tray 1", somebody: resumes, wanted: printed},

	// Printers that want a login.
	"early-401": {size: 20 << 20, wanted: undone(outcome.ReasonLogin), evidence: "401"},
	"early-401/print-job": {size: 20 << 20, set: printJobOnly, evidence: "401",
		wanted: wanted{outcome.NotSent, outcome.ReasonLogin, directory.GradePinned, outcome.EvidenceNone, 1}},
	"validate-login": {wanted: refused(outcome.ReasonLogin, directory.GradePinned)},

	// What they do with HTTP.
	"expect-417":   {wanted: printed, then: learns(`"no_expect":true`, 1)},
	"expect-never": {wanted: printed, then: remembers(`"no_expect":true`)},
	"expect-late":  {clock: 2, wanted: printed, then: remembers(`"no_expect":true`)},
	"http10":       {wanted: printed},
	"http10/plain": {set: plainOnly, wanted: printed.by(directory.GradeIPP)},
	"chunked":      {wanted: printed},
	"upgrade-426":  {set: throughOnePort, wanted: printed, then: neverPlainAgain},
	"upgrade-426/nowhere to": {set: plainOnly,
		wanted: refused(outcome.ReasonTLSRequired, "")},

	// What they do not know, or know in their own way.
	"validate-missing":    {wanted: printed},
	"stale-uri":           {wanted: printed},
	"path-printer":        {set: withoutPath, wanted: printed},
	"path-printer/wrong":  {set: atPath("/ipp/print"), wanted: refused(outcome.ReasonWrongPath, "")},
	"ipp11-only":          {wanted: printed},
	"ipp10-only":          {wanted: printed},
	"create-without-send": {wanted: printed},
	"print-job-only":      {wanted: printed},
	"many-documents":      {wanted: printed},
	"gzip":                {set: as("image/urf"), wanted: printed, then: compressedIs(true)},
	"gzip/pdf":            {wanted: printed, then: compressedIs(false)},
	"gzip-broken": {set: as("image/urf"), wanted: wanted{outcome.NotSent, outcome.ReasonRefused, directory.GradePinned, "", 1},
		evidence: "client-error-compression-error", then: printsUncompressed},
	"mono-pcl":        {wanted: refused(outcome.ReasonFormat, directory.GradePinned)},
	"mono-pcl/pcl":    {set: as("application/vnd.hp-pcl"), wanted: printed},
	"urf-only":        {wanted: refused(outcome.ReasonFormat, directory.GradePinned)},
	"urf-only/urf":    {set: as("image/urf"), wanted: printed},
	"urf-only/copies": {set: all(as("image/urf"), asks(ipp.Integer("copies", 2))), wanted: refused(outcome.ReasonCopies, directory.GradePinned)},
	"few-media": {set: asks(ipp.Keyword("media", "iso_a4_210x297mm"), ipp.Keyword("sides", "two-sided-long-edge")),
		wanted: printed, evidence: "Printed with sides one-sided instead of two-sided-long-edge"},

	// What becomes of the document on its way.
	"drops-at-64k": {wanted: undone(outcome.ReasonConnection), evidence: "aborted"},
	"drops-at-64k/huge": {size: huge, wanted: undone(outcome.ReasonConnection),
		evidence: "of 33554432 bytes of the document were handed over"},
	"drops-and-prints": {wanted: doubtful(outcome.ReasonConnection, outcome.EvidenceState), evidence: "completed"},
	"wire-drops":       {wanted: undone(outcome.ReasonConnection), evidence: "aborted"},
	"stalls-at-64k":    {size: huge, set: shortBody, wanted: undone(outcome.ReasonConnection), evidence: "took nothing more"},
	"silent-document":  {set: shortBody, wanted: undone(outcome.ReasonNoAnswer), evidence: "took nothing more"},

	// What becomes of the answer to it.
	"answer-lost":       {wanted: printed, evidence: "completed"},
	"answer-cut":        {wanted: printed, evidence: "completed"},
	"answer-garbage":    {wanted: printed, evidence: "completed"},
	"answer-wrong-id":   {wanted: printed, evidence: "it answers request"},
	"answers-late":      {clock: 10, wanted: printed},
	"printed-then-503":  {wanted: printed, evidence: "503"},
	"printed-then-busy": {wanted: printed, evidence: "server-error-busy"},

	// What becomes of the job.
	"completed-but-truncated": {wanted: printed, lies: true},
	"no-paper-came": {wanted: wanted{state: outcome.Delivered, grade: directory.GradePinned, level: outcome.EvidenceCounted, sent: 1},
		evidence: "pages: 0"},
	"completed-format-error": {wanted: doubtful(outcome.ReasonWithErrors, outcome.EvidenceState), evidence: "document-format-error"},
	"completed-strangely":    {wanted: doubtful(outcome.ReasonWithErrors, outcome.EvidenceState), evidence: "acme-see-panel"},
	"keeps-incoming":         {clock: 20, wanted: printed.counted(), evidence: "pages: 1"},
	"number-reused": {wanted: doubtful(outcome.ReasonForgotten, outcome.EvidenceTaken),
		evidence: "is another one by now", then: leavesStranger},
	"number-reused/canceled": {set: cancelsOnceMoved, wanted: doubtful(outcome.ReasonNoAnswer, outcome.EvidenceTaken), then: leavesStranger},
	"number-reused-nameless": {set: uptimeOf(100), wanted: doubtful(outcome.ReasonForgotten, outcome.EvidenceTaken),
		evidence: "is another one by now", then: leavesStranger},
	"number-reused-nameless/canceled": {set: all(uptimeOf(100), cancelsOnceMoved), wanted: doubtful(outcome.ReasonNoAnswer, outcome.EvidenceTaken), then: leavesStranger},
	"jobs-nameless":                   {wanted: byNumber, evidence: "by its number"},
	"jobs-one-name":                   {wanted: byNumber, evidence: "by its number"},
	"jobs-in-capitals":                {wanted: printed},
	"jobs-cut-names":                  {set: longTitle, wanted: byNumber, then: fitsTheToken},
	"no-get-job":                      {clock: 10, wanted: printed},
	"busy-not-accepting":              {wanted: refused(outcome.ReasonNotAccepting, directory.GradePinned), told: "is not accepting jobs"},
	"busy-not-accepting/for a while":  {set: longReady, told: "is not accepting jobs", somebody: resumes, wanted: printed},
	"never-ends":                      {wanted: doubtful(outcome.ReasonStillPrinting, outcome.EvidenceTaken), evidence: "processing"},
	// Their answer to the document has said that the job is completed.
	"no-history":        {wanted: printed},
	"forgets-at-once":   {wanted: printed},
	"forgets-after-60s": {wanted: printed},
	"jam-in-job":        {told: "Paper jam in tray 1", somebody: resumes, wanted: printed, evidence: "waits: Paper jam"},
	"jam-in-job/nobody": {set: shortFollow, told: "Paper jam in tray 1",
		wanted: doubtful(outcome.ReasonStillPrinting, outcome.EvidenceTaken), evidence: "processing-stopped"},
	"out-of-paper": {told: "Add paper to tray 1", somebody: resumes, wanted: printed, evidence: "waits: Add paper"},
	"out-of-paper/nobody": {set: shortFollow, told: "Add paper to tray 1",
		wanted: doubtful(outcome.ReasonStillPrinting, outcome.EvidenceTaken), evidence: "media-empty"},
	"held":           {wanted: doubtful(outcome.ReasonStillPrinting, outcome.EvidenceTaken), evidence: "pending-held"},
	"held/let go of": {set: letGo, wanted: printed},
	"panel-cancel": {wanted: wanted{outcome.Canceled, outcome.ReasonAtPrinter, directory.GradePinned, outcome.EvidenceCounted, 1},
		evidence: "job-canceled-at-device"},
	"panel-cancel-receiving": {wanted: wanted{outcome.Canceled, outcome.ReasonAtPrinter, directory.GradePinned, outcome.EvidenceCounted, 1},
		evidence: "job-canceled-at-device"},
	"format-error": {wanted: undone(outcome.ReasonAborted),
		evidence: "document-format-error"},
	"reboot": {wanted: doubtful(outcome.ReasonNoAnswer, outcome.EvidenceNone), evidence: "knows no job"},

	// Which printer it is.
	"other-printer":                     {wanted: refused(outcome.ReasonPinMismatch, directory.GradePinned)},
	"other-printer/known by its uuid":   {set: knownByUUID, wanted: refused(outcome.ReasonAnother, directory.GradeIPP)},
	"certificate-rotated":               {wanted: refused(outcome.ReasonPinMismatch, directory.GradePinned)},
	"expired":                           {wanted: printed},
	"expired/not pinned":                {set: unpinned, roots: true, wanted: refused(outcome.ReasonUntrusted, "")},
	"expired/floor ipp":                 {set: anyKey, wanted: printed.by(directory.GradeIPP)},
	"not-yet-valid":                     {wanted: printed},
	"not-yet-valid/not pinned":          {set: unpinned, roots: true, wanted: refused(outcome.ReasonUntrusted, "")},
	"wrong-name":                        {wanted: printed},
	"wrong-name/not pinned":             {set: unpinned, roots: true, wanted: refused(outcome.ReasonUntrusted, "")},
	"rsa-1024":                          {wanted: printed},
	"rsa-1024/not pinned, no such root": {set: unpinned, wanted: refused(outcome.ReasonUntrusted, "")},

	// What they know of TLS.
	"tls12-only":            {wanted: printed},
	"tls10-only":            {wanted: refused(outcome.ReasonNoTLS, "")},
	"tls10-only/allowed":    {set: oldTLS, wanted: printed},
	"tls13-broken":          {wanted: printed, then: learns(`"profile":"tls-1.2"`, 1)},
	"rsa-exchange-only":     {wanted: refused(outcome.ReasonNoTLS, "")},
	"rsa-exchange-only/old": {set: oldTLS, wanted: printed},
	"large-hello-closed":    {wanted: printed},
	"large-hello-hangs":     {wanted: printed},
	"tls-hangs":             {set: shortConnect, wanted: refused(outcome.ReasonUnreachable, "")},
	"plain-on-tls":          {wanted: refused(outcome.ReasonNoTLS, "")},
	"plain-on-tls/as plain": {set: tlsPortAsPlain, wanted: printed.by(directory.GradeIPP)},
}

// hurry is how many times shorter the time is in which printers sleep.
const hurry = 2

// hurriedLimits are those of docs/delivery.md, so many times shorter.
func hurriedLimits(c *call) {
	c.limits = delivery.Timeouts{
		Connect: 5 * time.Second / hurry, Wake: 30 * time.Second / hurry, Ready: 30 * time.Second / hurry, Answer: 15 * time.Second / hurry,
		Body: time.Minute / hurry, Settle: 10 * time.Second / hurry, Lost: time.Minute / hurry,
	}
}

func all(each ...func(*call)) func(*call) {
	return func(c *call) {
		for _, f := range each {
			f(c)
		}
	}
}

func asks(attrs ...goipp.Attribute) func(*call) {
	return func(c *call) { c.doc.Attributes = ticketBytes(attrs...) }
}

func as(format string) func(*call) { return func(c *call) { c.doc.Format = format } }

// longReady waits for somebody at the printer, who comes.
func longReady(c *call) { c.limits.Ready = time.Minute }

func shortBody(c *call) { c.limits.Body = 2 * time.Second }

func shortConnect(c *call) { c.limits.Connect = 300 * time.Millisecond }

func shortFollow(c *call) { c.limits.Follow = 6 * time.Second }

func oldTLS(c *call) { c.entry.OldTLS = true }

// unpinned has the certificate verified by the roots of the computer.
func unpinned(c *call) { c.entry.Pin, c.entry.Floor = "", directory.GradeIPPS }

func anyKey(c *call) { c.entry.Pin, c.entry.Floor = "", directory.GradeIPP }

func withoutPath(c *call) { c.entry.URIs = []string{strings.TrimSuffix(c.p.URI(), "/printer")} }

func atPath(path string) func(*call) {
	return func(c *call) {
		withoutPath(c)
		c.entry.URIs[0] += path
	}
}

func tlsPortAsPlain(c *call) {
	anyKey(c)
	c.entry.URIs = []string{"ipp" + strings.TrimPrefix(c.p.URI(), "ipps")}
}

func printJobOnly(c *call) {
	c.p.SetFault(goipp.OpCreateJob, simprinter.Fault{Status: goipp.StatusErrorOperationNotSupported})
}

func resumes(c *call) { c.p.Resume() }

func wellAgain(op goipp.Op) func(*call) {
	return func(c *call) { c.p.SetFault(op, simprinter.Fault{}) }
}

// letGo is somebody who lets a held job go once the printer has it.
func letGo(c *call) {
	c.at(delivery.StepTaken, func() error { c.p.Resume(); return nil })
}
