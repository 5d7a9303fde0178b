package scout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/spooler/docinfo"
)

// summary is what is known of a job once its documents have come; it is sealed
// behind them.
type summary struct {
	Documents []part `json:"documents"`
}

// part is a document of a job. The documents lie one behind the other in what
// the vault keeps of the job.
type part struct {
	Name  string       `json:"name,omitempty"`
	Named string       `json:"format"` // the format as the client called it
	Size  int64        `json:"size"`   // bytes
	Info  docinfo.Info `json:"info"`
}

// partOf is a document that has come. What it says of the whole job, in a
// title and the like, is kept of the first one alone.
func partOf(d spooler.Document, size int64, first bool) part {
	p := part{Name: d.Name, Named: d.Format, Size: size, Info: d.Info}
	if !first {
		p.Info.Title, p.Info.Application, p.Info.Producer = "", "", ""
	}
	return p
}

var errSummary = errors.New("the documents do not make up the job")

func (s summary) check(size int64) error {
	for _, p := range s.Documents {
		if p.Size < 0 {
			return errSummary
		}
		size -= p.Size
	}
	if size != 0 || len(s.Documents) == 0 {
		return errSummary
	}
	return nil
}

func (p part) format() string { return cmp.Or(p.Info.Format, p.Named) }

// combined is what the documents say of themselves together.
func combined(parts []part) docinfo.Info {
	infos := make([]docinfo.Info, 0, len(parts))
	for _, p := range parts {
		i := p.Info
		i.Format = p.format()
		infos = append(infos, i)
	}
	return docinfo.Combine(infos)
}

// isExamined says whether there is a document whose pages are told at its end.
func isExamined(parts []part) bool {
	for _, p := range parts {
		if docinfo.IsExamined(p.Info.Format) {
			return true
		}
	}
	return false
}

// examineParts looks into each document where that tells more. An error means
// that not all was learned.
func examineParts(ctx context.Context, r io.ReaderAt, parts []part) (docinfo.Info, error) {
	found := make([]part, len(parts))
	var failed error
	var at int64
	for i, p := range parts {
		found[i] = p
		if docinfo.IsExamined(p.Info.Format) {
			info, err := docinfo.Examine(ctx, io.NewSectionReader(r, at, p.Size), p.Size, p.Info.Format)
			found[i].Info = info.Or(p.Info)
			if err != nil {
				failed = fmt.Errorf("document %d: %w", i+1, err)
			}
		}
		at += p.Size
	}
	return combined(found), failed
}

func pastDocuments(parts []part) (past []spooler.PastDocument) {
	for _, p := range parts {
		past = append(past, spooler.PastDocument{Name: p.Name, Format: p.Named, Bytes: p.Size, Pages: p.Info.Pages})
	}
	return past
}
