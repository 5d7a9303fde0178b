package docinfo

import (
	"bytes"
	"errors"
	"fmt"
)

// examinePDF counts the leaves of the page tree (ISO 32000-1 §7.7.3) and reads
// the document information where it is not encrypted.
func examinePDF(m *metered, size int64) (Info, error) {
	f := &pdfFile{src: m, blocks: blocks{r: m, size: size}, rows: blocks{r: m, size: size}}
	if err := f.open(); err != nil {
		return Info{}, err
	}
	i := Info{Format: f.format()}
	if !f.encrypted {
		f.names(&i)
	}
	w := pdfWalk{f: f, seen: map[pdfRef]bool{}}
	said, err := w.root()
	switch {
	case errors.Is(err, errEncrypted):
		i.count(0, Unknown)
		return i, nil
	case m.err != nil && !errors.Is(m.err, ErrTooMuch):
		return i, m.err
	case err != nil && said > 0:
		i.count(said, Estimated)
	case err != nil:
		return i, fmt.Errorf("the page tree: %w", err)
	case w.doubtful || said != w.pages:
		i.count(w.pages, Estimated)
	default:
		i.count(w.pages, Exact)
	}
	i.Media = w.media
	return i, nil
}

// format tells PCLm from PDF.
func (f *pdfFile) format() string {
	head, _ := f.bytes(0, pdfWithin)
	at := max(0, bytes.Index(head, []byte("%PDF-")))
	return ofPDF(FormatPDF, head[at:])
}

// names reads the information dictionary; what is wrong with it is not said.
func (f *pdfFile) names(i *Info) {
	d, err := f.dict(f.trailer["Info"])
	if err != nil {
		return
	}
	for name, to := range map[pdfName]*string{"Title": &i.Title, "Creator": &i.Application, "Producer": &i.Producer} {
		v, err := f.resolve(d[name])
		if s, ok := v.(pdfString); ok && err == nil {
			note(to, s.text())
		}
	}
}

// text is the string in UTF-8 or Latin-1 (§7.9.2).
func (s pdfString) text() []byte {
	if b, ok := bytes.CutPrefix(s, []byte("\xfe\xff")); ok {
		return fromUTF16(b)
	}
	return bytes.TrimPrefix(s, []byte("\xef\xbb\xbf"))
}

// pagesMax is the greatest number of pages that a file is believed to say it
// has.
const pagesMax = 1 << 24

// pdfWalk goes through a page tree.
type pdfWalk struct {
	f        *pdfFile
	seen     map[pdfRef]bool
	stack    []pdfNode
	pages    int
	media    string
	doubtful bool
}

type pdfNode struct {
	v     any
	depth int
	box   any // MediaBox of an ancestor
}

// root goes through the whole tree and returns the number of pages that its
// root says it has.
func (w *pdfWalk) root() (said int, err error) {
	catalog, err := w.f.dict(w.f.trailer["Root"])
	if err != nil {
		return 0, err
	}
	root, err := w.f.dict(catalog["Pages"])
	if err != nil {
		return 0, err
	}
	if n, err := w.f.integer(root["Count"]); err == nil && n > 0 && n <= pagesMax {
		said = int(n)
	}
	w.stack = []pdfNode{{v: catalog["Pages"]}}
	for len(w.stack) > 0 {
		n := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		if err := w.visit(n); err != nil {
			return said, err
		}
	}
	if w.pages == 0 {
		return said, ErrDamaged
	}
	return said, nil
}

// visit counts a page, or puts the kids of a node on the stack. What is no
// page is passed over, and makes the count doubtful.
func (w *pdfWalk) visit(n pdfNode) error {
	if ref, ok := n.v.(pdfRef); ok {
		if w.seen[ref] || n.depth > pdfDepth {
			w.doubtful = true
			return nil
		}
		w.seen[ref] = true
	}
	d, err := w.f.dict(n.v)
	switch {
	case errors.Is(err, ErrDamaged) && w.f.src.err == nil:
		w.doubtful = true
		return nil
	case err != nil:
		return err
	}
	if box := d["MediaBox"]; box != nil {
		n.box = box
	}
	v, err := w.f.resolve(d["Kids"])
	if err != nil {
		return err
	}
	kids, ok := v.(pdfArray)
	if !ok {
		w.page(n.box)
		return nil
	}
	if len(w.stack)+len(kids) > 2*objectsMax {
		return ErrTooMuch
	}
	for i := len(kids) - 1; i >= 0; i-- {
		w.stack = append(w.stack, pdfNode{v: kids[i], depth: n.depth + 1, box: n.box})
	}
	return nil
}

func (w *pdfWalk) page(box any) {
	w.pages++
	if w.pages > 1 {
		return
	}
	v, err := w.f.resolve(box)
	a, ok := v.(pdfArray)
	if err != nil || !ok || len(a) != 4 {
		return
	}
	var at [4]float64
	for i := range at {
		v, _ := w.f.resolve(a[i])
		at[i], _ = v.(float64)
	}
	w.media = mediaOfPoints(max(at[2]-at[0], at[0]-at[2]), max(at[3]-at[1], at[1]-at[3]))
}
