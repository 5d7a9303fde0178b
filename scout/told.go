package scout

import (
	"slices"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/spooler/docinfo"
	"github.com/printscout/printscout/vault"
)

// What may stand in the words of a job's frame (docs/protocol.md). Everything
// else that a print client or a document says stays on this computer.
var (
	toldFormats = []string{
		docinfo.FormatPDF, docinfo.FormatPostScript, docinfo.FormatPCL, docinfo.FormatPCLXL, docinfo.FormatJPEG, docinfo.FormatPNG,
		docinfo.FormatPWG, docinfo.FormatURF, docinfo.FormatPCLm, docinfo.FormatTIFF, docinfo.FormatXPS, docinfo.FormatOXPS,
		docinfo.FormatText, docinfo.FormatMixed,
	}
	toldSides       = []string{docinfo.OneSided, docinfo.TwoSidedLongEdge, docinfo.TwoSidedShortEdge}
	toldColors      = []string{"auto", docinfo.InColor, docinfo.InMonochrome, docinfo.ColorUnknown}
	toldCertainties = []string{string(docinfo.Exact), string(docinfo.Estimated), string(docinfo.Unknown)}
)

// metadata leaves out all that would tell the server what a document is or
// whose it is: no title, no name; words are of the lists above; the size is
// padded.
func (s *Scout) metadata(j job) wire.Job {
	v := j.view()
	reason := j.note.Reason
	if !outcome.IsReason(reason) {
		reason = ""
	}
	return wire.Job{
		ID: v.ID, User: s.ownerTag(j.ticket.User), Created: v.Created, Expires: v.Expires,
		State: v.State, Reason: reason, Format: told(v.Format, toldFormats, "application/octet-stream"),
		Pages: v.Pages, PagesCertainty: told(v.PagesCertainty, toldCertainties, ""),
		Copies: v.Copies, Sides: told(v.Sides, toldSides, ""), Color: told(v.Color, toldColors, ""),
		Size: vault.Padded(v.Bytes),
	}
}

// told returns the word if it is one of those, else the other one.
func told(word string, of []string, other string) string {
	if slices.Contains(of, word) {
		return word
	}
	return other
}
