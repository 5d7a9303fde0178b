package outcome

import "slices"

// The reasons why a release ended as it did, or did not begin. The words are
// stable: scripts and monitoring may match them.
const (
	// Delivery: which way to the printer.

	ReasonUnreachable = "printer-unreachable"
	ReasonNoAddress   = "no-address"
	ReasonPlain       = "plain-forbidden"
	ReasonNoTLS       = "tls-not-spoken"
	ReasonWrongPath   = "wrong-path"
	ReasonPinMismatch = "pin-mismatch"
	ReasonPinMissing  = "pin-missing"
	ReasonUntrusted   = "certificate-untrusted"
	ReasonLogin       = "login-refused"
	ReasonTLSRequired = "tls-required"
	ReasonAnother     = "another-printer"

	// Delivery: what kept it from being sent.

	ReasonBusy         = "busy"
	ReasonNotAccepting = "not-accepting"
	ReasonStopped      = "printer-stopped"
	ReasonInterrupted  = "interrupted"
	ReasonFormat       = "format-not-supported"
	ReasonCopies       = "copies-not-supported"
	ReasonPages        = "page-ranges-not-supported"
	ReasonRefused      = "refused"
	ReasonUnreadable   = "document-unreadable"
	ReasonJournal      = "journal-failed"

	// Delivery: how it ended at the printer.

	ReasonNoAnswer      = "no-answer"
	ReasonConnection    = "connection-lost"
	ReasonAborted       = "aborted-by-printer"
	ReasonAtPrinter     = "canceled-at-printer"
	ReasonCanceled      = "canceled"
	ReasonTooLate       = "canceled-too-late"
	ReasonForgotten     = "job-forgotten"
	ReasonWithErrors    = "completed-with-errors"
	ReasonMissing       = "pages-missing"
	ReasonGarbled       = "answer-unreadable"
	ReasonLeft          = "left-to-printer"
	ReasonStillPrinting = "still-printing"

	// An order that the scout refused.

	ReasonOrderMalformed = "order-malformed"
	ReasonOrderStale     = "order-stale"
	ReasonOrderReplayed  = "order-replayed"
	ReasonPrinterUnknown = "printer-unknown"
	ReasonJobUnknown     = "job-unknown"
	ReasonNotOwner       = "not-owner"
	ReasonPrinterPaused  = "printer-paused"
	ReasonOwnerClaimed   = "owner-claimed"
	ReasonPINRequired    = "pin-required"
	ReasonPINWrong       = "pin-wrong"
	ReasonPINLocked      = "pin-locked"
	ReasonPINExhausted   = "pin-exhausted"
	ReasonPINUnreadable  = "pin-unreadable"
	ReasonJobHeld        = "job-held"
	ReasonJobWaiting     = "job-waiting"
	ReasonJobParked      = "job-parked"
	ReasonJobReleasing   = "job-releasing"
	ReasonJobUncertain   = "job-uncertain"
	ReasonJobDelivered   = "job-delivered"
	ReasonJobCanceled    = "job-canceled"
	ReasonJobExpired     = "job-expired"

	// Of a job that can be released again.

	ReasonPrintAgain    = "print-again"
	ReasonPartlyPrinted = "partly-printed"

	// Anything else.

	ReasonFailed     = "failed"
	ReasonResultLost = "result-lost"
	ReasonOther      = "other"
)

// Reason is a reason word with its meaning.
type Reason struct {
	Word     string
	Sentence string // for people
	Group    string // heading in docs/reasons.md
}

// reasons lists all reasons, in the order of docs/reasons.md.
var reasons = []Reason{
	{ReasonUnreachable, "No address of the printer answered.", "Delivery: which way to the printer"},
	{ReasonNoAddress, "The directory has no address of the printer that may be used.", "Delivery: which way to the printer"},
	{ReasonPlain, "The printer speaks only without encryption, which the directory does not allow for it.", "Delivery: which way to the printer"},
	{ReasonNoTLS, "The printer does not speak TLS where it should.", "Delivery: which way to the printer"},
	{ReasonWrongPath, "No IPP printer answers at the path of the address.", "Delivery: which way to the printer"},
	{ReasonPinMismatch, "The printer's certificate is not the one that the site has signed. Nothing was sent.", "Delivery: which way to the printer"},
	{ReasonPinMissing, "The directory has no certificate of the printer to compare it with.", "Delivery: which way to the printer"},
	{ReasonUntrusted, "The printer's certificate is not trusted.", "Delivery: which way to the printer"},
	{ReasonLogin, "The printer asks for a login that the agent does not have.", "Delivery: which way to the printer"},
	{ReasonTLSRequired, "The printer takes jobs only over TLS.", "Delivery: which way to the printer"},
	{ReasonAnother, "Another printer answers at the address.", "Delivery: which way to the printer"},
	{ReasonBusy, "The printer, or the computer, has too much to do at the moment.", "Delivery: what kept it from being sent"},
	{ReasonNotAccepting, "The printer takes no jobs at the moment.", "Delivery: what kept it from being sent"},
	{ReasonStopped, "The printer has stopped and needs a person.", "Delivery: what kept it from being sent"},
	{ReasonInterrupted, "The agent was stopped.", "Delivery: what kept it from being sent"},
	{ReasonFormat, "The printer does not take documents of this format.", "Delivery: what kept it from being sent"},
	{ReasonCopies, "The printer cannot make so many copies of this document.", "Delivery: what kept it from being sent"},
	{ReasonPages, "The printer cannot print only some pages of this document.", "Delivery: what kept it from being sent"},
	{ReasonRefused, "The printer refused the job.", "Delivery: what kept it from being sent"},
	{ReasonUnreadable, "The document could not be read.", "Delivery: what kept it from being sent"},
	{ReasonJournal, "The computer could not record what becomes of the job.", "Delivery: what kept it from being sent"},
	{ReasonNoAnswer, "The printer did not answer.", "Delivery: how it ended at the printer"},
	{ReasonConnection, "The connection to the printer was lost.", "Delivery: how it ended at the printer"},
	{ReasonAborted, "The printer gave the job up.", "Delivery: how it ended at the printer"},
	{ReasonAtPrinter, "The job was canceled at the printer.", "Delivery: how it ended at the printer"},
	{ReasonCanceled, "The job was canceled by a person.", "Delivery: how it ended at the printer"},
	{ReasonTooLate, "The job was canceled when the printer had it already.", "Delivery: how it ended at the printer"},
	{ReasonForgotten, "The printer no longer knows the job.", "Delivery: how it ended at the printer"},
	{ReasonWithErrors, "The printer calls the job completed, with errors.", "Delivery: how it ended at the printer"},
	{ReasonMissing, "The printer counted fewer pages than the document has.", "Delivery: how it ended at the printer"},
	{ReasonGarbled, "The printer's answer could not be understood.", "Delivery: how it ended at the printer"},
	{ReasonLeft, "The agent was stopped while the printer had the job; the next start asks what became of it.", "Delivery: how it ended at the printer"},
	{ReasonStillPrinting, "The printer had not ended the job when the agent stopped asking.", "Delivery: how it ended at the printer"},
	{ReasonOrderMalformed, "The order names no job.", "An order that the scout refused"},
	{ReasonOrderStale, "The order was too old, from the future, or good for too long.", "An order that the scout refused"},
	{ReasonOrderReplayed, "The order was carried out before.", "An order that the scout refused"},
	{ReasonPrinterUnknown, "The printer is not in the directory that the site has signed.", "An order that the scout refused"},
	{ReasonJobUnknown, "The job is no longer there.", "An order that the scout refused"},
	{ReasonNotOwner, "The order names another person than the job's owner.", "An order that the scout refused"},
	{ReasonPrinterPaused, "An administrator has paused the printer on the computer.", "An order that the scout refused"},
	{ReasonOwnerClaimed, "The print queue only claims whose job it is; an administrator can release it at the computer.", "An order that the scout refused"},
	{ReasonPINRequired, "The job was printed with a PIN, which its release needs.", "An order that the scout refused"},
	{ReasonPINWrong, "This is not the PIN of the job.", "An order that the scout refused"},
	{ReasonPINLocked, "Too many wrong PINs were given for the job. Try again later; each time it takes longer.", "An order that the scout refused"},
	{ReasonPINExhausted, "Too many wrong PINs were given for the job by the server. Release it at the computer that it was printed on.", "An order that the scout refused"},
	{ReasonPINUnreadable, "The PIN of the order could not be opened; it is not for this job and computer.", "An order that the scout refused"},
	{ReasonJobHeld, "The job is held in the print queue.", "An order that the scout refused"},
	{ReasonJobWaiting, "The job waits until its owner has registered.", "An order that the scout refused"},
	{ReasonJobParked, "The job was parked again meanwhile.", "An order that the scout refused"},
	{ReasonJobReleasing, "The job is being released already.", "An order that the scout refused"},
	{ReasonJobUncertain, "It is not certain whether the job was printed before; its owner has to say.", "An order that the scout refused"},
	{ReasonJobDelivered, "The job has been printed already.", "An order that the scout refused"},
	{ReasonJobCanceled, "The job has been canceled.", "An order that the scout refused"},
	{ReasonJobExpired, "The job has expired.", "An order that the scout refused"},
	{ReasonPrintAgain, "Its owner has said that it is to be printed again.", "Of a job that can be released again"},
	{ReasonPartlyPrinted, "Some of its documents were printed; the others can be released.", "Of a job that can be released again"},
	{ReasonFailed, "The agent could not carry the release out; its log says why.", "Anything else"},
	{ReasonResultLost, "The agent could not say to the server what became of the job.", "Anything else"},
	{ReasonOther, "For a reason that this version does not know.", "Anything else"},
}

// Reasons returns all words that can be the reason of a Result.
func Reasons() []Reason { return slices.Clone(reasons) }

var byWord = func() map[string]Reason {
	m := map[string]Reason{}
	for _, r := range reasons {
		m[r.Word] = r
	}
	return m
}()

// IsReason reports whether a word is a reason.
func IsReason(word string) bool { return byWord[word].Word != "" }

// Sentence returns the sentence of a reason for people, "" for another word.
func Sentence(word string) string { return byWord[word].Sentence }
