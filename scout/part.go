package scout

import (
	"cmp"
	"errors"

	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/spooler/docinfo"
)

// summary is what is known of a job once its documents have come; it is sealed
// after them.
type summary struct {
	Documents []part `json:"documents"`
}

// part is what is known of one document as it came.
type part struct {
	Name  string       `json:"name,omitempty"`
	Named string       `json:"format"` // the format as the client called it
	Info  docinfo.Info `json:"info"`

	Size int64 `json:"-"` // bytes, as the vault has it
}

// newPart returns the part for a document that has come. What it says about
// the whole job, such as a title, is kept only from the first one.
func newPart(d spooler.Document, first bool) part {
	p := part{Name: d.Name, Named: d.Format, Info: d.Info}
	if !first {
		p.Info.Title, p.Info.Application, p.Info.Producer = "", "", ""
	}
	return p
}

var errSummary = errors.New("the documents do not make up the job")

// withSizes returns the parts of a job with the sizes of their documents.
func withSizes(parts []part, sizes []int64) ([]part, error) {
	if len(parts) != len(sizes) {
		return nil, errSummary
	}
	for i := range parts {
		parts[i].Size = sizes[i]
	}
	return parts, nil
}

// format returns the format that was detected, else the one that the client
// named.
func (p part) format() string { return cmp.Or(p.Info.Format, p.Named) }

// mayBeConcatenated reports whether a document may consist of several PDF
// files that a queue has concatenated.
func (p part) mayBeConcatenated() bool { return p.Info.Files > 1 && docinfo.IsExamined(p.Info.Format) }

// document is what is printed by itself: a part of the job, or one of the
// files that a part consists of.
type document struct {
	Part          int          `json:"part"` // index among the parts
	docinfo.Range              // of the part's bytes
	Info          docinfo.Info `json:"info"`
}

// documents returns the documents of the job, as they came or as they were
// found.
func (j *job) documents() []document {
	if len(j.note.Found) > 0 {
		return j.note.Found
	}
	docs := make([]document, len(j.parts))
	for i, p := range j.parts {
		docs[i] = document{Part: i, Range: docinfo.Range{Size: p.Size}, Info: p.Info}
	}
	if j.note.Info != nil && len(docs) == 1 {
		docs[0].Info = *j.note.Info
	}
	return docs
}

// isPart reports whether a document is all of its part.
func (d document) isPart(parts []part) bool { return d.At == 0 && d.Size == parts[d.Part].Size }

// combinedInfo returns what the documents say about themselves, combined.
func combinedInfo(parts []part, docs []document) docinfo.Info {
	infos := make([]docinfo.Info, 0, len(docs))
	for _, d := range docs {
		i := d.Info
		i.Format = cmp.Or(i.Format, parts[d.Part].Named)
		infos = append(infos, i)
	}
	return docinfo.Combine(infos)
}

// isExamined reports whether there is a document whose page count is known
// only at its end.
func isExamined(parts []part) bool {
	for _, p := range parts {
		if docinfo.IsExamined(p.Info.Format) {
			return true
		}
	}
	return false
}

// pastDocuments returns the documents of a job as the printer on loopback
// answers about them.
func pastDocuments(parts []part) (past []spooler.PastDocument) {
	for _, p := range parts {
		past = append(past, spooler.PastDocument{Name: p.Name, Format: p.Named, Bytes: p.Size, Pages: p.Info.Pages})
	}
	return past
}
