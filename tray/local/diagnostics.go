package local

import (
	"net/http"
	"runtime"
	"strconv"
	"strings"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/web"
)

// reportData is what diagnostics and about show.
type reportData struct {
	Findings []finding
	Rows     []row
	Checkups []checkupView
}

// findings say what is well and what is not, the latter first.
func findings(t *web.Texts, st control.Status) []finding {
	var wrong, well []finding
	check := func(ok bool, good, bad string) {
		if ok {
			well = append(well, finding{true, t.Say(good), false})
			return
		}
		wrong = append(wrong, finding{false, t.Say(bad), false})
	}
	check(st.Enrolled, "diagnostics.enrolled", "problem.enrolled")
	if st.Enrolled {
		check(st.Connected, "setup.you.connected", "setup.you.offline")
	}
	if st.Pending {
		wrong = append(wrong, finding{false, t.Say("tray.state.pending"), false})
	}
	check(st.Accepting, "diagnostics.accepting", "diagnostics.paused")
	check(st.Damaged == 0, "diagnostics.intact", "diagnostics.damaged")
	ours := true
	for _, a := range st.Answers {
		ours = ours && a.Who == control.Us
	}
	check(ours, "diagnostics.ours", "diagnostics.stranger")
	for _, text := range append([]string{st.Message, st.LastError, st.Bundle}, st.Warnings...) {
		if text != "" {
			wrong = append(wrong, finding{false, text, true})
		}
	}
	for _, a := range st.Answers {
		if a.Message != "" {
			wrong = append(wrong, finding{false, a.Message, true})
		}
	}
	return append(wrong, well...)
}

func statusRows(t *web.Texts, st control.Status) []row {
	return rows(
		row{t.Say("status.version"), st.Version}, row{t.Say("status.started"), t.SayTime(st.Started)},
		row{t.Say("setup.you.site"), st.Site}, row{t.Say("status.server"), st.Server}, row{t.Say("status.since"), t.SayTime(st.Since)},
		row{t.Say("status.scout"), st.Scout}, row{t.Say("nav.printers"), strconv.Itoa(st.Printers)},
		row{t.Say("status.address"), strings.Join(st.PrinterURIs, " ")}, row{t.Say("status.jobs"), strconv.Itoa(st.Jobs)},
		row{t.Say("status.keys"), st.KeysAtRest},
	)
}

// aboutPage says what this is. It needs no agent.
func (s *Server) aboutPage(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	p := s.page(r, "about.title")
	all := []row{{p.Say("about.page"), s.version}, {p.Say("about.system"), runtime.GOOS + "/" + runtime.GOARCH}}
	if st, err := s.agent.Status(ctx); err == nil {
		all = append(all, rows(row{p.Say("about.agent"), st.Version}, row{p.Say("setup.you.site"), st.Site})...)
	}
	p.Data = reportData{Rows: all}
	s.write(w, http.StatusOK, "about", p)
}
