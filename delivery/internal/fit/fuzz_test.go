package fit

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

// FuzzFitted gives bytes for what a printer lists and what a document asks for:
// copies are as many as asked, the printer lists what it gets, and no more is
// said than can be read.
func FuzzFitted(f *testing.F) {
	add := func(attrs ...goipp.Attribute) {
		m := goipp.NewResponse(ipp.Version20, goipp.StatusOk, 1)
		m.Printer, m.Job = attrs, attrs
		b, _ := m.EncodeBytes()
		f.Add(b)
	}
	add(ipp.Integer("copies", 2), ipp.Keyword("copies-supported", "many"), ipp.NoValue("job-state"))
	office := fitted["office"].DeepCopy()
	add(append(office, ipp.Integer("copies", 2), ipp.Range("page-ranges", 1, 2), ipp.Enum("finishings", 20, 28), ipp.Resolution("printer-resolution", 720),
		ipp.Keyword("media", "iso-a4"), mediaCol(sizeRangeAttr(20950, 29650), ipp.Keyword("media-source", "tray-2")), ipp.Keyword("sides", "two-sided-short-edge"))...)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ipp.ReadMessage(bufio.NewReader(bytes.NewReader(b)), ipp.DefaultLimits)
		if err != nil {
			return
		}
		asked := Ticket(m.Job)
		got, err := asked.FitTo(m.Printer)
		if err != nil {
			return
		}
		if n, ok := ipp.Int(got.Attrs, "copies"); asked.Copies() != 1 && (!ok || n != asked.Copies()) {
			t.Errorf("%d copies instead of %d", n, asked.Copies())
		}
		if err := checkListed(got.Attrs, m.Printer); err != nil {
			t.Error(err)
		}
		for _, s := range got.notes {
			if len(s) > 4096 || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				t.Errorf("%q", s)
			}
		}
	})
}
