package scout

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/installation"
	"github.com/printscout/printscout/internal/settings"
)

// TestStateOfEarlierVersions reads the state folders of real agents that were
// killed while they delivered a job.
func TestStateOfEarlierVersions(t *testing.T) {
	now := time.Date(2026, 11, 28, 1, 0, 0, 0, time.UTC)
	for _, version := range installation.Versions {
		t.Run(version, func(t *testing.T) {
			dir := filepath.Join(installation.Copy(t, version), installation.Scout)
			for _, start := range []string{"the first start", "the second start"} {
				s, err := New(Config{
					Settings: settings.Values{StateDir: dir, JobRetention: 24 * time.Hour},
					Log:      slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
				})
				if err != nil {
					t.Fatalf("%s: %v", start, err)
				}
				s.expireDueJobs()
				s.wantInstallation(t, start)
				s.close()
			}
			if all, _ := filepath.Glob(filepath.Join(dir, "*"+brokenInfix+"*")); len(all) != 0 {
				t.Errorf("set aside: %q", all)
			}
		})
	}
}

func (s *Scout) wantInstallation(t *testing.T, start string) {
	t.Helper()
	st := localAPI{s}.Status(root)
	if !st.Enrolled || st.Printers != 1 || len(st.Warnings) != 0 || st.Damaged != 0 {
		t.Errorf("%s: %+v", start, st)
	}
	jobs := map[string]control.Job{}
	for j := range (localAPI{s}).Jobs(root) {
		jobs[j.Title] = j
	}
	for title, state := range map[string]string{
		"parked": "parked", "sheet": "parked", "held": "parked", "uncertain": "uncertain", "releasing": "releasing",
	} {
		j := jobs[title]
		if j.State != state || j.Pages == nil || *j.Pages != 2 || (j.Reason != "") != (title == "held" || title == "uncertain") {
			t.Errorf("%s: %s: %+v", start, title, j)
		}
		s.wantDocument(t, j.ID)
	}
	if len(jobs) != 5 || jobs["sheet"].Copies != 2 {
		t.Errorf("%s: %+v", start, jobs)
	}
	if len(s.interruptedOrders) != 1 || s.interruptedOrders[0].Job != jobs["releasing"].ID || s.interruptedOrders[0].Point == nil {
		t.Errorf("%s: to be continued: %+v", start, s.interruptedOrders)
	}
	ended := map[string]int{}
	for id, e := range s.orders.orders {
		if e.Result != nil {
			ended[s.Order(t.Context(), wire.Order{ID: id, Job: e.Job}).State]++
		}
	}
	if ended[wire.Delivered] != 2 || ended[wire.Uncertain] != 1 || len(ended) != 2 {
		t.Errorf("%s: orders that have ended: %v", start, ended)
	}
}

// wantDocument wants the sample that the jobs of an installation were made of.
func (s *Scout) wantDocument(t *testing.T, job string) {
	t.Helper()
	want, err := os.ReadFile("../cmd/scoutcloud/sample.pdf")
	if err != nil {
		t.Fatal(err)
	}
	id, err := uuid.Parse(job)
	if err != nil {
		t.Error(err)
		return
	}
	d, err := s.vault.Document(id, 0)
	if err != nil {
		t.Error(err)
		return
	}
	defer d.Close()
	if got, err := io.ReadAll(d); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the document of job %s: %d bytes, %v", job, len(got), err)
	}
}
