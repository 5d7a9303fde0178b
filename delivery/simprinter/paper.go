package simprinter

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
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
	return fmt.Sprintf("%04d-%s.%s", j.ID, shortTitle(title), ext)
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
			p.lastID = max(p.lastID, n)
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
// document is whole.
func (p *Printer) take(j *job, body io.Reader, f Fault) (whole bool, err error) {
	tmp, err := os.CreateTemp(p.config.Dir, ".coming-*")
	if err != nil {
		return false, fmt.Errorf("making a file for a document: %w", err)
	}
	defer os.Remove(tmp.Name())
	pages := &pageCounter{}
	n, copyErr := io.Copy(io.MultiWriter(tmp, pages), p.limited(body, f))
	closeErr := tmp.Close()
	whole = copyErr == nil && f.CutAfter == 0

	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.DocumentBytes += n
	j.Size, j.Whole, j.pages = n, whole, pages.n
	if j.ended() {
		return whole, nil // canceled while it came
	}
	if closeErr != nil {
		p.end(j, stateAborted)
		return whole, fmt.Errorf("closing a document's file: %w", closeErr)
	}
	if !whole && !p.config.KeepCut {
		p.end(j, stateAborted)
		return false, nil
	}
	return whole, p.keep(j, tmp.Name())
}

// limited is as much of a document as a fault lets in.
func (p *Printer) limited(body io.Reader, f Fault) io.Reader {
	switch {
	case f.CutAfter > 0:
		return io.LimitReader(body, f.CutAfter)
	case f.StallAfter > 0:
		return io.MultiReader(io.LimitReader(body, f.StallAfter), stalled(p.closing))
	}
	return body
}

// stalled gives nothing until the printer closes.
type stalled <-chan struct{}

// Read implements io.Reader.
func (s stalled) Read([]byte) (int, error) {
	<-s
	return 0, io.ErrUnexpectedEOF
}

// keep gives the file its name and begins to print it.
func (p *Printer) keep(j *job, tmp string) error {
	name := filepath.Join(p.config.Dir, j.fileName())
	if err := os.Rename(tmp, name); err != nil {
		p.end(j, stateAborted)
		return fmt.Errorf("keeping a document: %w", err)
	}
	j.File, j.fate = name, p.fate
	j.State, j.reasons = stateProcessing, []string{"job-printing"}
	j.forgotten = j.fate.Forget
	switch {
	case j.fate.Never:
	case p.config.Delay == 0:
		p.finish(j)
	default:
		j.timer = time.AfterFunc(p.config.Delay, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.finish(j)
		})
	}
	return nil
}

// finish ends a job as its fate says.
func (p *Printer) finish(j *job) {
	if j.ended() {
		return
	}
	state := j.fate.State
	if state == 0 {
		state = stateCompleted
	}
	if state == stateCompleted && j.fate.Impressions == nil && j.pages > 0 {
		j.impressions = &j.pages
	}
	p.end(j, state)
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
	if state != stateCompleted {
		none := 0
		j.impressions = &none
	}
	if j.fate.Impressions != nil {
		j.impressions = j.fate.Impressions
	}
	printed := state == stateCompleted || j.impressions != nil && *j.impressions > 0
	if !printed && j.File != "" {
		_ = os.Remove(j.File)
		j.File = ""
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
