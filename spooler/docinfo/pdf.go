package docinfo

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
)

// examinePDF counts the leaves of the page tree (ISO 32000-1 §7.7.3) and reads
// the document information where it is not encrypted. Where the cross-reference
// is broken it searches the file for its objects, as readers do; then nothing
// is exact.
func examinePDF(m *meteredReader, size int64) (Info, error) {
	f := &pdfFile{src: m, blockReader: blockReader{r: m, size: size}, rows: blockReader{r: m, size: size}}
	tree, err := f.openTree()
	if errors.Is(err, ErrFormat) {
		return Info{}, err
	}
	if m.err == nil && (err != nil && !errors.Is(err, errEncrypted) || tree.damaged) {
		if again, failed := f.rebuiltTree(); failed == nil {
			tree, err = again, nil
		}
	}
	if m.err != nil && !errors.Is(m.err, ErrTooMuch) {
		return Info{}, m.err
	}
	i := Info{Format: f.sniffFormat(), Media: tree.media}
	if f.trailer != nil && !f.encrypted {
		f.readNames(&i)
	}
	i.setPages(tree.pageCount())
	switch {
	case errors.Is(err, errEncrypted):
		return i, nil
	case err != nil && i.Pages == nil:
		return i, fmt.Errorf("the page tree: %w", err)
	}
	return i, nil
}

// openTree reads the page tree by the file's own cross-reference.
func (f *pdfFile) openTree() (pdfTree, error) {
	if err := f.openXref(); err != nil {
		return pdfTree{}, err
	}
	return f.walkTree()
}

// rebuiltTree reads the page tree by a search of the file.
func (f *pdfFile) rebuiltTree() (pdfTree, error) {
	if err := f.rebuildXref(); err != nil {
		return pdfTree{}, err
	}
	t, err := f.walkTree()
	t.doubtful = true
	return t, err
}

// sniffFormat distinguishes PCLm from PDF.
func (f *pdfFile) sniffFormat() string {
	head, _ := f.bytesAt(0, pdfWithin)
	at := max(0, bytes.Index(head, []byte("%PDF-")))
	return pdfOrPCLm(FormatPDF, head[at:])
}

// readNames reads the information dictionary, and ignores errors.
func (f *pdfFile) readNames(i *Info) {
	d, err := f.resolveDict(f.trailer["Info"])
	if err != nil {
		return
	}
	for name, to := range map[pdfName]*string{"Title": &i.Title, "Creator": &i.Application, "Producer": &i.Producer} {
		v, err := f.resolve(d[name])
		if s, ok := v.(pdfString); ok && err == nil {
			noteName(to, s.decodeText())
		}
	}
}

// decodeText returns the string in UTF-8 or Latin-1 (§7.9.2).
func (s pdfString) decodeText() []byte {
	if b, ok := bytes.CutPrefix(s, []byte("\xfe\xff")); ok {
		return fromUTF16(b)
	}
	return bytes.TrimPrefix(s, []byte("\xef\xbb\xbf"))
}

// pagesMax is the greatest credible number of pages.
const pagesMax = 1 << 24

// pdfTree is the result of reading a page tree.
type pdfTree struct {
	said     int // the root's Count; 0 where that is not credible
	pages    int // leaves
	media    string
	doubtful bool // something in the tree is wrong
	damaged  bool // an object is not where the cross-reference says
}

// pageCount returns the number of pages. Where the number of leaves differs
// from the root's Count, readers show the latter.
func (t pdfTree) pageCount() (int, Certainty) {
	switch {
	case t.said == 0 && t.pages == 0:
		return 0, Unknown
	case t.doubtful || t.said != t.pages:
		return cmp.Or(t.said, t.pages), Estimated
	}
	return t.pages, Exact
}

// pdfWalk walks a page tree.
type pdfWalk struct {
	pdfTree
	f     *pdfFile
	stack []pdfNode
}

// pdfNode is a node to visit, with what it inherits.
type pdfNode struct {
	v     any
	depth int
	up    *pdfAncestor
	boxes pdfBoxes
}

// pdfAncestor is the object of an inner node above a node.
type pdfAncestor struct {
	ref pdfRef
	up  *pdfAncestor
}

func (a *pdfAncestor) hasRef(ref pdfRef) bool {
	for ; a != nil; a = a.up {
		if a.ref == ref {
			return true
		}
	}
	return false
}

// walkTree walks the whole tree. With an error it returns what it has read so
// far.
func (f *pdfFile) walkTree() (pdfTree, error) {
	w := pdfWalk{f: f}
	catalog, err := f.resolveDict(f.trailer["Root"])
	if err != nil {
		return w.pdfTree, err
	}
	root, err := f.resolveDict(catalog["Pages"])
	if err != nil {
		return w.pdfTree, err
	}
	if n, err := f.resolveInteger(root["Count"]); err == nil && n > 0 && n <= min(pagesMax, f.objectNumbers()) {
		w.said = int(n)
	}
	w.stack = []pdfNode{{v: catalog["Pages"]}}
	for len(w.stack) > 0 {
		n := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		if err := w.visitNode(n); err != nil {
			w.doubtful = true
			return w.pdfTree, err
		}
	}
	if w.pages == 0 {
		w.doubtful = true
		if w.said == 0 {
			return w.pdfTree, ErrDamaged
		}
	}
	return w.pdfTree, nil
}

// visitNode counts a page, or pushes the kids of a node. It skips what is not a
// page, which makes the count doubtful.
func (w *pdfWalk) visitNode(n pdfNode) error {
	ref, isRef := n.v.(pdfRef)
	if n.depth > pdfDepth || isRef && n.up.hasRef(ref) {
		w.doubtful = true
		return nil
	}
	d, err := w.nodeDict(n.v)
	if d == nil || err != nil {
		return err
	}
	kids, isNode, err := w.nodeKids(d)
	switch {
	case err != nil:
		return err
	case !isNode:
		w.countPage(d, n.boxes.inheritedBy(d))
		return nil
	case len(w.stack)+len(kids) > 2*objectsMax:
		return ErrTooMuch
	}
	up := n.up
	if isRef {
		up = &pdfAncestor{ref, up}
	}
	boxes := n.boxes.inheritedBy(d)
	for i := len(kids) - 1; i >= 0; i-- {
		w.stack = append(w.stack, pdfNode{v: kids[i], depth: n.depth + 1, up: up, boxes: boxes})
	}
	return nil
}

// nodeDict returns the dictionary of a node, nil if it is not one.
func (w *pdfWalk) nodeDict(v any) (pdfDict, error) {
	v, err := w.f.resolve(v)
	if errors.Is(err, ErrDamaged) && w.f.src.err == nil {
		w.damaged, w.doubtful = true, true
		return nil, nil
	}
	d, ok := v.(pdfDict)
	w.doubtful = w.doubtful || err == nil && !ok
	return d, err
}

// nodeKids returns the kids of a node; isNode is false for a page.
func (w *pdfWalk) nodeKids(d pdfDict) (kids pdfArray, isNode bool, err error) {
	v, err := w.f.resolve(d["Kids"])
	if err != nil {
		return nil, false, err
	}
	kids, isNode = v.(pdfArray)
	return kids, isNode || d["Type"] == pdfName("Pages"), nil
}

func (w *pdfWalk) countPage(d pdfDict, boxes pdfBoxes) {
	w.pages++
	if w.pages == 1 {
		w.media = w.f.mediaOf(d, boxes)
	}
}
