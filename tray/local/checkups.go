package local

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/printscout/printscout/internal/checkup"
	"github.com/printscout/printscout/internal/web"
)

// checkupsFor is how long results are shown before the checkups run again: a page
// is asked for with each change that the agent tells of.
const checkupsFor = 20 * time.Second

// checkups runs what the page shows of this computer. One run serves all who ask
// meanwhile.
type checkups struct {
	run   func(context.Context) []checkup.Result
	clock Clock

	mu      sync.Mutex
	at      time.Time
	results []checkup.Result
}

// look returns results that are not too old; none without checkups.
func (c *checkups) look(ctx context.Context) []checkup.Result {
	if c.run == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.clock.Now(); c.results == nil || now.Sub(c.at) >= checkupsFor {
		c.results, c.at = c.run(ctx), now
	}
	return c.results
}

// checkupView is a result as the page shows it.
type checkupView struct {
	Class, State, Title string
	Summary, Fix        string // in English
}

// viewOrder puts first what a person should do something about.
var viewOrder = []checkup.State{checkup.Fail, checkup.Warn, checkup.Error, checkup.Info, checkup.Pass}

func checkupViews(t *web.Texts, results []checkup.Result) (views []checkupView) {
	sorted := slices.SortedStableFunc(slices.Values(results), func(a, b checkup.Result) int {
		return slices.Index(viewOrder, a.State) - slices.Index(viewOrder, b.State)
	})
	for _, r := range sorted {
		class := "warning"
		switch r.State {
		case checkup.Pass:
			class = "good"
		case checkup.Info:
			class = "note"
		}
		title := t.Say("diagnostics.checkup." + r.ID)
		if title == "diagnostics.checkup."+r.ID {
			title = r.Title
		}
		views = append(views, checkupView{class, t.Say("diagnostics.state." + string(r.State)), title, r.Summary, r.Fix})
	}
	return views
}

// diagnosticsPage shows what the agent says, or why it does not, and the checkups.
func (s *Server) diagnosticsPage(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := asking(r)
	defer cancel()
	st, err := s.agent.Status(ctx)
	if err != nil && s.checkups.run == nil {
		s.fail(w, r, "diagnostics", err)
		return
	}
	p := s.page(r, "diagnostics.title")
	data, status := reportData{Findings: findings(p.Texts, st), Rows: statusRows(p.Texts, st)}, http.StatusOK
	if err != nil {
		var x problem
		x, status = explain(p.Texts, err)
		p.Refresh, data = 5*refreshEvery, reportData{Findings: problemFindings(x)}
	}
	data.Checkups = checkupViews(p.Texts, s.checkups.look(s.ctx))
	p.Data = data
	s.write(w, status, "diagnostics", p)
}

// problemFindings are the findings about an agent that does not answer.
func problemFindings(x problem) []finding {
	all := []finding{{false, x.Text, false}}
	for _, text := range []string{x.Detail, x.Hint} {
		if text != "" {
			all = append(all, finding{false, text, true})
		}
	}
	return all
}
