package simprinter

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// pjlReady is the status code of a printer without problems (HP PJL TRM, app.
// D).
const pjlReady = 10001

// runCommand carries out one PJL line.
func (s *rawSession) runCommand(line string) {
	if len(s.job.PJL) < maxPJLLines {
		s.job.PJL = append(s.job.PJL, line)
	}
	s.job.Copies = max(s.job.Copies, pjlCopies(line))
	switch verb, rest := pjlCommand(line); verb {
	case "ECHO":
		if echo := s.printer.config.Echo; echo != "" {
			s.sendLines("@PJL ECHO " + echo)
		}
		s.sendLines("@PJL ECHO " + rest)
	case "INFO":
		s.answerInfo(strings.ToUpper(rest))
	case "INQUIRE", "DINQUIRE":
		s.sendLines("@PJL "+verb+" "+rest, `"`+s.printer.withEcho("?")+`"`)
	case "USTATUS":
		if v, is := pjlValue(rest, "JOB"); is {
			s.ustatus = v == "ON"
		}
	case "USTATUSOFF":
		s.ustatus = false
	case "JOB":
		s.beginJob(rest)
	case "ENTER":
		s.job.Language, _ = pjlValue(rest, "LANGUAGE")
		s.job.Language = strings.ToUpper(s.job.Language)
	case "EOJ":
		s.endJob()
	}
}

func (s *rawSession) answerInfo(what string) {
	switch what {
	case "ID":
		s.sendLines("@PJL INFO ID", `"`+s.printer.withEcho(s.printer.config.Name)+`"`)
	case "STATUS":
		online := "TRUE"
		if s.faults.Code != 0 {
			online = "FALSE"
		}
		s.sendLines("@PJL INFO STATUS", fmt.Sprintf("CODE=%d", cmp.Or(s.faults.Code, pjlReady)),
			`DISPLAY="`+s.printer.withEcho(cmp.Or(s.faults.Text, "Ready"))+`"`, "ONLINE="+online)
	default:
		s.sendLines("@PJL INFO "+what, `"`+s.printer.withEcho("?")+`"`)
	}
}

func (s *rawSession) beginJob(rest string) {
	name, _ := pjlValue(rest, "NAME")
	s.inJob, s.eoj, s.job.Name = true, false, name
	if s.ustatus {
		s.sendLines("@PJL USTATUS JOB", "START", `NAME="`+name+`"`)
	}
}

// endJob reports the end of the job, once its pages are out.
func (s *rawSession) endJob() {
	s.eoj = true
	if s.faults.CodeLast {
		s.reportStatus()
	}
	if !s.ustatus || s.faults.NoEnd || s.faults.EndAfter > 0 {
		return
	}
	lines := s.endWords()
	if s.printer.config.Delay == 0 {
		s.sendLines(lines...)
		return
	}
	s.printing.Go(func() {
		select {
		case <-s.printer.config.After(s.printer.config.Delay):
			s.sendLines(lines...)
		case <-s.ended:
		case <-s.printer.closing:
		}
	})
}

// endWords returns the lines that report the end of the job.
func (s *rawSession) endWords() []string {
	pages := s.pagesPrinted()
	if s.faults.Pages != nil {
		pages = *s.faults.Pages
	}
	return []string{
		"@PJL USTATUS JOB", "END", `NAME="` + s.job.Name + `"`,
		fmt.Sprintf("PAGES=%d", pages), "RESULT=" + cmp.Or(s.faults.Result, "OK"),
	}
}

// endEarly reports the end of a job that is still coming.
func (s *rawSession) endEarly(before int64) {
	if at := s.faults.EndAfter; at > 0 && before < at && s.job.Bytes >= at && s.ustatus {
		s.sendLines(s.endWords()...)
	}
}

// reportStatus reports unasked what is wrong with the printer.
func (s *rawSession) reportStatus() {
	if s.faults.Code != 0 {
		s.sendLines("@PJL USTATUS DEVICE", fmt.Sprintf("CODE=%d", s.faults.Code), `DISPLAY="`+s.printer.withEcho(s.faults.Text)+`"`, "ONLINE=FALSE")
	}
}

// sendLines sends an answer: its lines, and a form feed after them. A client
// that does not listen loses it.
func (s *rawSession) sendLines(lines ...string) {
	if s.faults.Silent || s.faults.NoPJL {
		return
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(rawReply))
	_, _ = s.conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\n\f"))
}
