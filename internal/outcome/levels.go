package outcome

// The levels of evidence. Those of IPP begin with I, those of port 9100 with R
// (docs/delivery.md, docs/raw.md).
const (
	EvidenceNone    = "I0" // no document byte went out, or the printer said nothing of the document
	EvidenceTaken   = "I1" // the printer answered that it took the document
	EvidenceState   = "I2" // the printer named the state the job ended in
	EvidenceCounted = "I3" // and the number of impressions or sheets

	RawTaken  = "R0" // the system accepted all bytes
	RawClosed = "R1" // the printer acknowledged all bytes and closed in order
	RawRead   = "R2" // the printer has read to the end of the job
	RawOut    = "R3" // the printer says that the last page is out
	RawPages  = "R4" // its page counter, asked by SNMP, has risen by the document's pages
)

var levels = map[string]string{
	EvidenceNone:    "The printer said nothing of the document.",
	EvidenceTaken:   "The printer answered that it took the document.",
	EvidenceState:   "The printer named the state that the job ended in.",
	EvidenceCounted: "The printer named the state that the job ended in, and counted its pages.",
	RawTaken:        "All bytes of the document were sent.",
	RawClosed:       "The printer acknowledged all bytes of the document.",
	RawRead:         "The printer has read the document to its end.",
	RawOut:          "The printer says that the last page is out.",
	RawPages:        "The printer's page counter has risen by the pages of the document.",
}
