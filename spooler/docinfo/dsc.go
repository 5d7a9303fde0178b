package docinfo

import (
	"bytes"
	"strconv"

	"github.com/printscout/printscout/internal/pwg"
)

// dsc reads the comments of a PostScript document (Document Structuring
// Conventions 3.0). It does not run the program: where comments are missing or
// contradict each other, nothing is certain.
type dsc struct {
	info     *Info
	conforms bool        // %!PS-Adobe-
	said     int         // %%Pages
	seen     int         // %%Page in order: numbers rise, or fall by one
	repeated int         // %%Page out of order
	last     int         // the number of the last one in order
	falls    bool        // the last page comes first
	shows    pairCounter // showpage in the code of pages
	inner    pairCounter // showpage at the end of a procedure, which may run again
	before   int         // shows.n at the beginning of the page
	odd      bool        // a page may be shown more than once
	ended    bool        // %%EOF, or Ctrl-D: another file may follow
	files    int         // files after the first one
	total    int         // pages of the previous files
	unsure   bool        // the pages of a previous file are not certain
	depth    int         // embedded documents
	skip     int64       // bytes of data
	lines    int64       // lines of data
	begun    bool        // data begins; a second byte of the line end is not data
	within   bool        // inside a line that is too long
	number   bool        // a number of copies is expected on this line
	first    bool        // the first line was read
	exit     bool
}

func newDSC(i *Info) *dsc {
	return &dsc{info: i, shows: pairCounter{first: "showpag", second: "e", ends: true}, inner: pairCounter{first: "showpage", second: "}"}}
}

func (d *dsc) atUEL() bool { return d.exit }

func (d *dsc) scan(p []byte) (n int) {
	for n < len(p) && !d.exit {
		k := 0
		switch {
		case d.begun:
			d.begun = false
			if p[n] == '\n' {
				k = 1
			} else {
				continue
			}
		case d.skip > 0:
			k = int(min(d.skip, int64(len(p)-n)))
			d.skip -= int64(k)
		case d.within:
			k = d.skipLine(p[n:])
		default:
			k = d.scanLine(p[n:])
		}
		if k == 0 {
			break
		}
		n += k
	}
	return n
}

// skipLine reads the rest of a line that is too long for its comments to
// matter.
func (d *dsc) skipLine(p []byte) int {
	p = p[:min(len(p), lineMax)]
	i := lineEnd(p)
	if i < 0 {
		d.scanCode(p)
		return len(p)
	}
	d.scanCode(p[:i+1])
	d.endLine()
	return i + 1
}

// scanCode looks for showpage in the code of a page.
func (d *dsc) scanCode(p []byte) {
	if d.seen+d.repeated > 0 && d.depth == 0 && d.lines == 0 {
		d.shows.scanAll(p)
		d.inner.scanAll(p)
	}
}

// endPage checks the page that ends here: if the program shows more pages than
// its comments name, the comments are not reliable.
func (d *dsc) endPage() {
	if d.seen+d.repeated > 0 {
		d.odd = d.odd || d.shows.n > d.before+1 || d.inner.n > 0
	}
	d.before = d.shows.n
}

func (d *dsc) endLine() {
	d.within = false
	d.lines = max(0, d.lines-1)
}

// lineEnd returns the index of the first end of a line, or -1.
func lineEnd(p []byte) int {
	i := bytes.IndexByte(p, '\n')
	if i >= 0 {
		p = p[:i]
	}
	if j := bytes.IndexByte(p, '\r'); j >= 0 {
		return j
	}
	return i
}

// scanLine reads a complete line, or leaves it to skipLine.
func (d *dsc) scanLine(p []byte) int {
	if p[0] == esc {
		if d.exit = bytes.HasPrefix(p, uel); d.exit || bytes.HasPrefix(uel, p) {
			return 0
		}
	}
	if p[0] == 4 {
		d.ended = true
		return 1
	}
	i := lineEnd(p[:min(len(p), lineMax)])
	switch {
	case i < 0 && len(p) < lineMax:
		return 0
	case i < 0:
		d.within = true
		return lineMax
	}
	if d.lines == 0 {
		d.readLine(p[:i])
		d.begun = (d.skip > 0 || d.lines > 0) && p[i] == '\r'
		if d.lines > 0 {
			d.lines++ // endLine counts this line
		}
	}
	d.endLine()
	return i + 1
}

func (d *dsc) readLine(line []byte) {
	switch {
	case !d.first && len(bytes.TrimSpace(line)) == 0: // blank lines may precede a file
		return
	case d.first && d.ended && bytes.HasPrefix(line, []byte("%!")):
		d.nextFile()
		fallthrough
	case !d.first:
		d.first = true
		d.conforms = bytes.HasPrefix(line, []byte("%!PS-Adobe-")) && !bytes.Contains(line, []byte("EPSF"))
	}
	if name, value, ok := bytes.Cut(line, []byte(":")); ok || bytes.HasPrefix(line, []byte("%%")) {
		d.readComment(string(name), bytes.TrimSpace(value))
	}
	if len(line) > 0 && line[0] != '%' && d.depth == 0 {
		d.findCopies(line)
		d.scanCode(line)
		d.scanCode([]byte("\n"))
	}
}

// nextFile begins the next of several concatenated files.
func (d *dsc) nextFile() {
	n, sure := d.countFilePages()
	d.files++
	d.total, d.unsure = d.total+n, d.unsure || sure != Exact
	d.said, d.seen, d.repeated, d.last, d.falls = 0, 0, 0, 0, false
	d.before, d.inner.n, d.odd, d.ended = d.shows.n, 0, false, false
	d.info.setExtraFiles(d.files)
}

func (d *dsc) readComment(name string, value []byte) {
	switch name {
	case "%%BeginDocument":
		d.depth++
	case "%%EndDocument":
		d.depth = max(0, d.depth-1)
	case "%%BeginData":
		d.beginData(bytes.Fields(value))
	case "%%BeginBinary":
		d.skip = int64(max(0, firstNumber(value)))
	}
	if d.depth > 0 {
		return
	}
	switch name {
	case "%%Pages":
		d.said = max(d.said, firstNumber(value))
	case "%%Page":
		d.endPage()
		d.countPage(value)
	case "%%EOF":
		d.endPage()
		d.ended = true
	case "%%Title":
		noteName(&d.info.Title, fromPostScript(value))
	case "%%Creator":
		noteName(&d.info.Application, fromPostScript(value))
	default:
		d.readSetting(name, value)
	}
}

// beginData reads %%BeginData: a number, the kind of data, and whether it
// counts bytes or lines.
func (d *dsc) beginData(f [][]byte) {
	if len(f) == 0 {
		return
	}
	n := int64(max(0, firstNumber(f[0])))
	if len(f) > 2 && bytes.EqualFold(f[2], []byte("Lines")) {
		d.lines = n
	} else {
		d.skip = n
	}
}

// countPage reads %%Page: a label, and a number.
func (d *dsc) countPage(value []byte) {
	n := d.last + 1
	if f := bytes.Fields(value); len(f) > 1 {
		if k, err := strconv.Atoi(string(f[len(f)-1])); err == nil {
			n = k
		}
	}
	if d.seen == 1 && d.repeated == 0 && n == d.last-1 {
		d.falls = true
	}
	if d.falls && n != d.last-1 || !d.falls && n <= d.last {
		d.repeated++
		return
	}
	d.last = n
	d.seen++
}

func (d *dsc) readSetting(name string, value []byte) {
	switch name {
	case "%%Requirements":
		d.readRequirements(value)
	case "%RBINumCopies":
		d.info.Copies = copiesOf(int64(firstNumber(value)))
	case "%%DocumentMedia", "%%PageMedia":
		if f := bytes.Fields(value); len(f) > 2 && d.info.Media == "" {
			w, _ := strconv.ParseFloat(string(f[1]), 64)
			h, _ := strconv.ParseFloat(string(f[2]), 64)
			d.info.Media = mediaOfPoints(w, h)
		}
	case "%%DocumentProcessColors":
		d.readInks(value)
	case "%%BeginFeature":
		d.readFeature(bytes.Fields(value))
	}
}

func (d *dsc) readInks(value []byte) {
	switch {
	case bytes.Equal(value, []byte("Black")):
		d.info.Color = InMonochrome
	case bytes.Contains(value, []byte("Cyan")) || bytes.Contains(value, []byte("Magenta")) || bytes.Contains(value, []byte("Yellow")):
		d.info.Color = InColor
	}
}

// readRequirements reads %%Requirements, such as numcopies(3) duplex(tumble).
func (d *dsc) readRequirements(value []byte) {
	for _, f := range bytes.Fields(value) {
		name, option, _ := bytes.Cut(bytes.TrimSuffix(f, []byte(")")), []byte("("))
		switch string(name) {
		case "numcopies":
			d.info.Copies = copiesOf(int64(firstNumber(option)))
		case "duplex":
			d.info.Sides = sidesOf(true, !bytes.Contains(option, []byte("tumble")))
		}
	}
}

// readFeature reads an option of a PPD file: its name and its choice.
func (d *dsc) readFeature(f [][]byte) {
	if len(f) != 2 {
		return
	}
	switch choice := string(f[1]); string(f[0]) {
	case "*Duplex":
		d.info.Sides = map[string]string{"None": OneSided, "DuplexNoTumble": TwoSidedLongEdge, "DuplexTumble": TwoSidedShortEdge}[choice]
	case "*PageSize", "*PageRegion":
		if d.info.Media == "" {
			d.info.Media = pwg.OfPPD(choice)
		}
	}
}

// findCopies looks for copies in the code: /#copies 3 def, <</NumCopies 3>>.
// Only plain numbers are understood.
func (d *dsc) findCopies(line []byte) {
	if d.number {
		d.setCopies(line)
	}
	for _, name := range []string{"/#copies", "/NumCopies"} {
		if _, value, ok := bytes.Cut(line, []byte(name)); ok {
			d.number = len(bytes.TrimSpace(value)) == 0
			d.setCopies(value)
		}
	}
}

func (d *dsc) setCopies(value []byte) {
	if value = bytes.TrimLeft(value, " \t"); len(value) > 0 {
		d.number = false
	}
	if n := copiesOf(int64(firstNumber(value))); n > 0 {
		d.info.Copies = n
	}
}

// firstNumber returns the number that p begins with, 0 if there is none.
func firstNumber(p []byte) int {
	p = bytes.TrimSpace(p)
	end := 0
	for end < len(p) && end < 18 && '0' <= p[end] && p[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(string(p[:end]))
	return n
}

// countPages returns an exact count where the comments are complete and agree
// with each other and with the code of the pages, as far as it can be read
// without running it.
func (d *dsc) countPages(held int) (int, Certainty) {
	n, sure := d.countFilePages()
	if n += d.total; d.files > 0 && n > 0 && (d.unsure || sure != Exact) {
		sure = Estimated
	}
	return min(n, pagesMax), sure
}

// countFilePages returns the pages of the last file.
func (d *dsc) countFilePages() (int, Certainty) {
	pages := d.seen
	if d.seen > 0 && d.repeated > 0 && d.info.Copies == 0 && d.repeated%d.seen == 0 {
		d.info.Copies = 1 + d.repeated/d.seen
	}
	odd := d.odd || d.seen > 0 && (d.shows.n > d.before+1 || d.inner.n > 0)
	switch {
	case pages == 0 && (d.said == 0 || d.said > pagesMax):
		return 0, Unknown
	case pages == 0:
		return d.said, Estimated
	case d.conforms && d.said == pages && d.repeated == 0 && d.skip == 0 && d.lines == 0 && d.depth == 0 && !odd:
		return pages, Exact
	}
	return pages, Estimated
}
