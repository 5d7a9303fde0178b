package simprinter

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

var extensions = map[string]string{
	"application/pdf": "pdf", "image/jpeg": "jpg", "image/pwg-raster": "pwg", "image/urf": "urf",
	"application/postscript": "ps", "text/plain": "txt",
}

// fileName is where a job's document lands: number, a title that is safe as a
// file's name anywhere, and what belongs to the format.
func (j *job) fileName() string {
	ext := extensions[j.Format]
	if ext == "" {
		ext = "bin"
	}
	title, _, _ := strings.Cut(j.Name, " [ps-")
	nth := ""
	if n := len(j.Files); n > 0 {
		nth = "-" + strconv.Itoa(n+1)
	}
	return fmt.Sprintf("%04d-%s%s.%s", j.number, shortTitle(title), nth, ext)
}

// goOn counts on from the documents that an earlier start has left in Dir.
func (p *Printer) goOn() error {
	entries, err := os.ReadDir(p.config.Dir)
	if err != nil {
		return fmt.Errorf("looking at what was printed before: %w", err)
	}
	for _, e := range entries {
		number, _, _ := strings.Cut(e.Name(), "-")
		if n, err := strconv.Atoi(number); err == nil {
			p.lastID, p.lastNumber = max(p.lastID, n), max(p.lastNumber, n)
		}
	}
	return nil
}

func shortTitle(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return r
		case unicode.IsSpace(r), r == '.':
			return '-'
		}
		return -1
	}, s)
	r := []rune(strings.Trim(s, "-"))
	if len(r) > 32 {
		r = r[:32]
	}
	if len(r) == 0 {
		return "document"
	}
	return string(r)
}

// take streams a job's document to a file that gets its name once the
// document is whole. It returns the answer's status, and noAnswer where the
// connection broke.
func (p *Printer) take(j *job, x *exchange) (goipp.Status, error) {
	tmp, err := os.CreateTemp(p.config.Dir, ".coming-*")
	if err != nil {
		return 0, fmt.Errorf("making a file for a document: %w", err)
	}
	defer os.Remove(tmp.Name())
	pages, head := &pageCounter{}, &pjlHead{}
	paper := &limitedPaper{w: io.MultiWriter(tmp, pages, head), left: x.fault.LoseAfter, limited: x.fault.LoseAfter > 0}
	packed := compression(x.m) == "gzip"
	n, copyErr := unpack(paper, p.limited(j, x), packed)
	closeErr := tmp.Close()

	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.DocumentBytes += n
	j.Size, j.Whole, j.pages = n, copyErr == nil && x.fault.CutAfter == 0, pages.n
	j.Compressed, j.PJLCopies = packed, head.copies()
	switch {
	case j.ended():
		return canceledMeanwhile(j.Whole, x.fault), nil
	case closeErr != nil:
		p.end(j, stateAborted)
		return 0, fmt.Errorf("closing a document's file: %w", closeErr)
	case errors.Is(copyErr, errUnpack):
		p.end(j, stateAborted)
		return goipp.StatusErrorCompressionError, nil
	case !j.Whole && !p.config.KeepCut:
		p.end(j, stateAborted)
		return noAnswer, nil
	}
	if err := p.keep(j, tmp.Name(), x.m); err != nil {
		return 0, err
	}
	if !j.Whole || j.fate.Reboot {
		return noAnswer, nil
	}
	return goipp.StatusOk, nil
}

// noAnswer stands for the status of an exchange whose connection broke.
const noAnswer = goipp.Status(0xffff)

// canceledMeanwhile is the status for a document whose job ended while it came.
func canceledMeanwhile(whole bool, f Fault) goipp.Status {
	switch {
	case f.PanelAfter > 0:
		return goipp.StatusErrorJobCanceled
	case whole:
		return goipp.StatusOk
	}
	return noAnswer
}

// limited is as much of a document as a fault lets in.
func (p *Printer) limited(j *job, x *exchange) io.Reader {
	f := x.fault
	switch {
	case f.CutAfter > 0:
		return io.LimitReader(x.body, f.CutAfter)
	case f.StallAfter > 0:
		return io.MultiReader(io.LimitReader(x.body, f.StallAfter), stalled(p.closing))
	case f.PanelAfter > 0:
		return io.MultiReader(io.LimitReader(x.body, f.PanelAfter), &atPanel{p, j}, x.body)
	}
	return x.body
}

// atPanel cancels a job when it is read, and is empty.
type atPanel struct {
	p *Printer
	j *job
}

// Read implements io.Reader.
func (a *atPanel) Read([]byte) (int, error) {
	a.p.mu.Lock()
	defer a.p.mu.Unlock()
	if !a.j.ended() {
		a.p.cancelAtPanel(a.j)
	}
	return 0, io.EOF
}

// limitedPaper loses what goes over its limit.
type limitedPaper struct {
	w       io.Writer
	left    int64
	limited bool
}

// Write implements io.Writer.
func (l *limitedPaper) Write(b []byte) (int, error) {
	part := b
	if l.limited {
		part = b[:min(int64(len(b)), l.left)]
		l.left -= int64(len(part))
	}
	if _, err := l.w.Write(part); err != nil {
		return 0, err
	}
	return len(b), nil
}

// maxUnpacked bounds what a compressed document may become.
const maxUnpacked = 4 << 30

var errUnpack = errors.New("the document cannot be unpacked")

// unpack copies a document, out of gzip (RFC 1952) where it is packed.
func unpack(w io.Writer, body io.Reader, packed bool) (int64, error) {
	if !packed {
		return io.Copy(w, body)
	}
	z, err := gzip.NewReader(body)
	if err != nil {
		return 0, errors.Join(errUnpack, err)
	}
	n, err := io.Copy(w, io.LimitReader(z, maxUnpacked+1))
	if n > maxUnpacked || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		return n, errUnpack
	}
	return n, err
}

// stalled gives nothing until the printer closes.
type stalled <-chan struct{}

// Read implements io.Reader.
func (s stalled) Read([]byte) (int, error) {
	<-s
	return 0, io.ErrUnexpectedEOF
}

// keep gives the file its name and, behind a job's last document, begins to
// print it.
func (p *Printer) keep(j *job, tmp string, m *goipp.Message) error {
	name := filepath.Join(p.config.Dir, j.fileName())
	if err := os.Rename(tmp, name); err != nil {
		p.end(j, stateAborted)
		return fmt.Errorf("keeping a document: %w", err)
	}
	j.File, j.Files = name, append(j.Files, name)
	if last, said := ipp.Bool(m.Operation, "last-document"); p.config.ManyDocuments && said && !last {
		j.document = false
		return nil
	}
	p.start(j)
	if j.fate.Reboot {
		p.reboot()
	}
	return nil
}

// end puts a job into its last state. What was not printed leaves no file.
func (p *Printer) end(j *job, state int) {
	j.State = state
	j.message, j.reasons = j.fate.Message, j.fate.Reasons
	if j.reasons == nil {
		j.reasons = map[int][]string{
			stateCompleted: {"job-completed-successfully"},
			stateCanceled:  {"job-canceled-by-user"},
			stateAborted:   {"aborted-by-system"},
		}[state]
	}
	j.stopped = false
	if state != stateCompleted && j.impressions == nil {
		none := 0
		j.impressions = &none
	}
	if j.fate.Impressions != nil {
		j.impressions = j.fate.Impressions
	}
	printed := state == stateCompleted || j.impressions != nil && *j.impressions > 0
	if !printed && j.File != "" {
		for _, name := range j.Files {
			_ = os.Remove(name)
		}
		j.File, j.Files = "", nil
	}
	if p.config.History > 0 {
		p.later(time.Duration(p.config.History), func() { j.forgotten = true })
	}
	p.log.Debug("job ended", "id", j.ID, "state", state)
}

// pageCounter counts the page objects of a PDF that are not compressed.
type pageCounter struct {
	n   int
	buf []byte // the end of what was written before, then what is written now
	old int
}

var pageMarks = [][]byte{[]byte("/Type /Page"), []byte("/Type/Page")}

const longestMark = len("/Type /Page")

// Write implements io.Writer.
func (c *pageCounter) Write(b []byte) (int, error) {
	c.buf = append(c.buf[:c.old], b...)
	for _, mark := range pageMarks {
		c.countMarks(c.buf[c.old-min(c.old, len(mark)):], mark)
	}
	end := c.buf[len(c.buf)-min(len(c.buf), longestMark):]
	c.old = copy(c.buf, end)
	return len(b), nil
}

// countMarks counts a mark together with the byte behind it: without that it
// may be the end of what has come, and is seen again.
func (c *pageCounter) countMarks(b, mark []byte) {
	for {
		i := bytes.Index(b, mark)
		if i < 0 || i+len(mark) >= len(b) {
			return
		}
		if b = b[i+len(mark):]; b[0] != 's' {
			c.n++
		}
	}
}
