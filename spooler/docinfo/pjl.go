package docinfo

import (
	"bytes"
	"strconv"

	"github.com/printscout/printscout/internal/pwg"
)

// uel is the universal exit: it ends any language and returns to PJL (PJL
// Technical Reference §2).
var uel = []byte("\x1b%-12345X")

// lineMax is the length of the longest line that is read.
const lineMax = 1024

// languageScanner is a formatScanner for a language that a printer switches to.
type languageScanner interface {
	formatScanner
	// atUEL reports whether uel comes next, which scan does not read.
	atUEL() bool
}

// pjlStream is what a printer's port receives: PJL, and the languages that it
// enters.
type pjlStream struct {
	info  *Info
	in    languageScanner // nil in PJL
	pages int             // in languages that have ended
	sure  Certainty
	qty   int  // copies of the whole document in PJL; 0 where not set
	long  bool // inside a line of PJL that is too long
	gray  bool // PJL asks for rendering without color
}

// isPJL reports whether a stream begins with PJL.
func isPJL(head []byte) bool {
	return bytes.HasPrefix(head, uel) || bytes.HasPrefix(head, []byte("@PJL"))
}

func newStream(format string, head []byte, i *Info) *pjlStream {
	s := &pjlStream{info: i, sure: Exact}
	if !isPJL(head) {
		s.in = s.languageOf(format)
	}
	return s
}

func (s *pjlStream) languageOf(format string) languageScanner {
	switch format {
	case FormatPCL:
		return newPCL(s.info)
	case FormatPCLXL:
		return &pclxl{info: s.info}
	case FormatPostScript:
		return newDSC(s.info)
	}
	return &opaqueLanguage{}
}

func (s *pjlStream) scan(p []byte) (n int) {
	for n < len(p) {
		k := 0
		switch {
		case s.in == nil:
			k = s.scanLine(p[n:])
		case s.in.atUEL():
			s.leaveLanguage()
			continue
		default:
			k = s.in.scan(p[n:])
		}
		n += k
		if k == 0 && (s.in == nil || !s.in.atUEL()) {
			return n
		}
	}
	return n
}

// leaveLanguage adds up the pages of the language that ends here.
func (s *pjlStream) leaveLanguage() {
	s.pages, s.sure = s.countPages(0)
	s.in = nil
}

func (s *pjlStream) countPages(held int) (int, Certainty) {
	pages, sure := s.pages, s.sure
	if s.in != nil {
		n, c := s.in.countPages(held)
		pages += n
		if c == Unknown || c == Estimated && sure == Exact {
			sure = c
		}
	}
	if s.gray {
		s.info.Color = InMonochrome
	}
	return pages, sure
}

// scanLine reads a line of PJL, or what is between two jobs. A printer reads
// PCL unless another language is entered.
func (s *pjlStream) scanLine(p []byte) int {
	end := bytes.IndexByte(p[:min(len(p), lineMax)], '\n') + 1
	switch {
	case s.long:
		if s.long = end == 0; s.long {
			return min(len(p), lineMax)
		}
		return end
	case bytes.HasPrefix(p, uel):
		return len(uel)
	case p[0] == '\r' || p[0] == '\n' || p[0] == ' ' || p[0] == 4:
		return 1
	case bytes.HasPrefix(uel, p[:min(len(p), len(uel))]) || bytes.HasPrefix([]byte("@PJL"), p[:min(len(p), 4)]) && len(p) < 4:
		return 0
	case !bytes.HasPrefix(p, []byte("@PJL")):
		return s.enterUnnamed(p)
	case end > 0:
		s.runCommand(p[len("@PJL"):end])
		return end
	case len(p) < lineMax:
		return 0
	}
	s.long = true
	return lineMax
}

// enterUnnamed enters the language that the data begins with, without reading
// it.
func (s *pjlStream) enterUnnamed(p []byte) int {
	for _, m := range magics {
		if m.format == FormatPCL {
			continue
		}
		if bytes.HasPrefix(p, []byte(m.magic)) {
			s.in = s.languageOf(m.format)
			return s.in.scan(p)
		}
		if bytes.HasPrefix([]byte(m.magic), p) {
			return 0
		}
	}
	s.in = s.languageOf(FormatPCL)
	return s.in.scan(p)
}

// runCommand reads one command of PJL, including several assignments in a line.
func (s *pjlStream) runCommand(line []byte) {
	verb, rest := splitWord(line)
	switch string(verb) {
	case "ENTER":
		if _, language, ok := bytes.Cut(rest, []byte("=")); ok {
			s.in = s.languageOf(languageNames[string(bytes.ToUpper(bytes.TrimSpace(language)))])
		}
	case "JOB", "RESET", "SET", "DEFAULT":
		if (string(verb) == "JOB" || string(verb) == "RESET") && s.pages == 0 {
			s.qty, s.info.Copies = 0, 0 // resets what was set before
		}
		for len(rest) > 0 {
			var name, value []byte
			name, value, rest = splitAssignment(rest)
			s.setVariable(string(name), value, string(verb))
		}
	}
}

// totalCopies returns the copies of the whole document. ofPages is what the
// language, or COPIES of PJL, asks for, 0 where it does not say.
func (s *pjlStream) totalCopies(ofPages int) int {
	if s.qty == 0 {
		return ofPages
	}
	return copiesOf(int64(s.qty) * int64(max(ofPages, 1)))
}

func (s *pjlStream) setVariable(name string, value []byte, verb string) {
	upper := string(bytes.ToUpper(value))
	switch name {
	case "NAME":
		if verb == "JOB" {
			noteName(&s.info.Title, value)
		}
	case "JOBNAME":
		noteName(&s.info.Title, value)
	case "COPIES", "QTY":
		s.setCopies(name, upper, verb)
	case "DUPLEX":
		s.info.Sides = sidesOf(upper == "ON", s.info.Sides != TwoSidedShortEdge)
	case "BINDING":
		if s.info.Sides != OneSided {
			s.info.Sides = sidesOf(true, upper != "SHORTEDGE")
		}
	case "PAPER":
		s.info.Media = pwg.OfPPD(upper)
	case "RENDERMODE":
		s.gray = upper == "GRAYSCALE"
	}
}

// setCopies sets the copies of this job. DEFAULT applies only to later jobs.
func (s *pjlStream) setCopies(name, value, verb string) {
	n, err := strconv.Atoi(value)
	switch {
	case err != nil || verb != "SET":
	case name == "QTY":
		s.qty = copiesOf(int64(n))
	default:
		s.info.Copies = copiesOf(int64(n))
	}
}

// splitWord splits off the first word, in capitals.
func splitWord(line []byte) (first, rest []byte) {
	line = bytes.TrimLeft(line, " \t")
	end := bytes.IndexAny(line, " \t\r\n")
	if end < 0 {
		end = len(line)
	}
	return bytes.ToUpper(line[:end]), line[end:]
}

// splitAssignment splits off a name, =, and a value, which may be quoted.
// Modifiers before the name, such as LPARM : PCL, are dropped.
func splitAssignment(line []byte) (name, value, rest []byte) {
	name, rest, ok := bytes.Cut(line, []byte("="))
	if !ok {
		return nil, nil, nil
	}
	if f := bytes.Fields(name); len(f) > 0 {
		name = bytes.ToUpper(f[len(f)-1])
	}
	rest = bytes.TrimLeft(rest, " \t")
	if bytes.HasPrefix(rest, []byte(`"`)) {
		value, rest, _ = bytes.Cut(rest[1:], []byte(`"`))
		return name, value, rest
	}
	end := bytes.IndexAny(rest, " \t\r\n")
	if end < 0 {
		end = len(rest)
	}
	return name, rest[:end], rest[end:]
}

// opaqueLanguage skips a language whose pages are not counted, up to uel.
type opaqueLanguage struct{ exit bool }

func (o *opaqueLanguage) scan(p []byte) (n int) {
	n = bytesBeforeUEL(p)
	o.exit = n < len(p) && bytes.HasPrefix(p[n:], uel)
	return n
}

func (o *opaqueLanguage) atUEL() bool                     { return o.exit }
func (o *opaqueLanguage) countPages(int) (int, Certainty) { return 0, Unknown }

// bytesBeforeUEL returns how many bytes precede uel, or what may become uel.
func bytesBeforeUEL(p []byte) int {
	if i := bytes.Index(p, uel); i >= 0 {
		return i
	}
	for k := min(len(p), len(uel)-1); k > 0; k-- {
		if bytes.HasPrefix(uel, p[len(p)-k:]) {
			return len(p) - k
		}
	}
	return len(p)
}
