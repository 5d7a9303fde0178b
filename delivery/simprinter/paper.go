package simprinter

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/OpenPrinting/goipp"

	"github.com/printscout/printscout/internal/ipp"
)

var formatExtensions = map[string]string{
	"application/pdf": "pdf", "image/jpeg": "jpg", "image/pwg-raster": "pwg", "image/urf": "urf",
	"application/postscript": "ps", "text/plain": "txt",
}

// fileName returns the name of a job's file: number, a title that is safe in
// file names everywhere, and the extension of the format.
func (j *printerJob) fileName() string {
	ext := formatExtensions[j.Format]
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

// countOnFromFiles continues the numbers of documents that an earlier run has
// left in Dir.
func (p *Printer) countOnFromFiles() error {
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

// keepFile gives the file its name and, after a job's last document, begins to
// print it.
func (p *Printer) keepFile(j *printerJob, tmp string, m *goipp.Message) error {
	name := filepath.Join(p.config.Dir, j.fileName())
	if err := os.Rename(tmp, name); err != nil {
		p.endJob(j, stateAborted)
		return fmt.Errorf("keeping a document: %w", err)
	}
	j.File, j.Files = name, append(j.Files, name)
	if last, said := ipp.Bool(m.Operation, "last-document"); p.config.ManyDocuments && said && !last {
		j.document = false
		return nil
	}
	p.startJob(j)
	if j.fate.Reboot {
		p.rebootLocked()
	}
	return nil
}

// endJob puts a job into its last state. What was not printed leaves no file.
func (p *Printer) endJob(j *printerJob, state int) {
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
		p.scheduleLocked(time.Duration(p.config.History), func() { j.forgotten = true })
	}
	p.log.Debug("job ended", "id", j.ID, "state", state)
}
