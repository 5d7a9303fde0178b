package scout

import (
	"slices"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/spooler/docinfo"
	"github.com/printscout/printscout/vault"
)

// These words may stand in a job's frame (docs/protocol.md). Everything else
// that a print client or a document says stays on this computer.
var (
	allowedFormats = []string{
		docinfo.FormatPDF, docinfo.FormatPostScript, docinfo.FormatPCL, docinfo.FormatPCLXL, docinfo.FormatJPEG, docinfo.FormatPNG,
		docinfo.FormatPWG, docinfo.FormatURF, docinfo.FormatPCLm, docinfo.FormatTIFF, docinfo.FormatXPS, docinfo.FormatOXPS,
		docinfo.FormatText, docinfo.FormatMixed,
	}
	allowedSides       = []string{docinfo.OneSided, docinfo.TwoSidedLongEdge, docinfo.TwoSidedShortEdge}
	allowedColors      = []string{"auto", docinfo.InColor, docinfo.InMonochrome, docinfo.ColorUnknown}
	allowedCertainties = []string{string(docinfo.Exact), string(docinfo.Estimated), string(docinfo.Unknown)}
)

// jobMetadata returns what the server may know of a job. It leaves out all
// that would tell what a document is or whose it is: it has no title and no
// name, its words are of the lists above, and its size is padded.
func (s *Scout) jobMetadata(j job) wire.Job {
	v := j.controlJob()
	reason := j.note.Reason
	if !outcome.IsReason(reason) {
		reason = ""
	}
	return wire.Job{
		ID: v.ID, User: s.ownerTag(j.ticket.User), Created: v.Created, Expires: v.Expires,
		State: v.State, Reason: reason, Format: allowedWord(v.Format, allowedFormats, "application/octet-stream"),
		Pages: v.Pages, PagesCertainty: allowedWord(v.PagesCertainty, allowedCertainties, ""),
		Copies: v.Copies, Sides: allowedWord(v.Sides, allowedSides, ""), Color: allowedWord(v.Color, allowedColors, ""),
		Size: vault.PaddedSize(v.Bytes),
	}
}

// allowedWord returns the word if it is on the list, else otherwise.
func allowedWord(word string, allowed []string, otherwise string) string {
	if slices.Contains(allowed, word) {
		return word
	}
	return otherwise
}
