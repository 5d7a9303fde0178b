package scout

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// stateBefore is a state folder that was written on 20 November 2026 by the
// version before: it had no clock.json, and its enrollment was not bound.
func stateBefore(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "state")
	if err := os.CopyFS(dir, os.DirFS("testdata/state-before")); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{dir, filepath.Join(dir, "keys"), filepath.Join(dir, VaultDir)} {
		if err := os.Chmod(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestStateOfTheVersionBefore reads all of it, twice: the second time is after
// this version has written it.
func TestStateOfTheVersionBefore(t *testing.T) {
	dir := stateBefore(t)
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	for _, start := range []string{"the first start", "the second start"} {
		s, err := New(Config{
			Settings: settings.Values{StateDir: dir, JobRetention: 24 * time.Hour, Registration: settings.RegistrationSelf},
			Log:      slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
		})
		if err != nil {
			t.Fatalf("%s: %v", start, err)
		}
		s.expireDueJobs()
		s.wantStateBefore(t, start)
		s.close()
	}
	if all, _ := filepath.Glob(filepath.Join(dir, "*"+brokenInfix+"*")); len(all) != 0 {
		t.Errorf("set aside: %q", all)
	}
	raw, err := os.ReadFile(filepath.Join(dir, enrollmentFile))
	if _, mac := splitMAC(raw); err != nil || mac == "" {
		t.Errorf("the enrollment is not bound: %s, %v", raw, err)
	}
}

func (s *Scout) wantStateBefore(t *testing.T, start string) {
	t.Helper()
	st := localAPI{s}.Status(root)
	if !st.Enrolled || st.Site != "test" || st.Printers != 1 || st.DirectoryRevision != 2 || len(st.Warnings) != 0 || st.Damaged != 0 {
		t.Errorf("%s: %+v", start, st)
	}
	if !s.people.isRegistered(alice) || s.people.isRegistered("bob") || !s.printerID.isPaused() || s.printerID.kept.UUID != "urn:uuid:bda037b5-3eef-4368-95f9-62c14ac373ad" {
		t.Errorf("%s: people %+v, printer %+v", start, s.people.list(), s.printerID.kept)
	}
	if n, err := s.printerID.nextJobID(); err != nil || n < 2001 {
		t.Errorf("%s: the next job gets the number %d, %v", start, n, err)
	}
	states := map[string]control.Job{}
	for j := range (localAPI{s}).Jobs(root) {
		states[j.State] = j
	}
	pin, uncertain, going := states["parked"], states["uncertain"], states["releasing"]
	if !pin.PINRequired || pin.User != alice || pin.Title != "title" || uncertain.Reason != "It may have been printed." || going.User != "bob" || len(states) != 3 {
		t.Errorf("%s: %+v", start, states)
	}
	delivered := wire.Order{ID: "0badcafe-0000-4000-8000-000000000001", Job: "01a21e18-2c90-7824-951a-fa0e148296d1"}
	if got := s.Order(t.Context(), delivered); got.State != wire.Delivered || got.Grade != "ipps-pinned" {
		t.Errorf("%s: the order that was carried out: %+v", start, got)
	}
	if len(s.interruptedOrders) != 1 || s.interruptedOrders[0].Point == nil || s.interruptedOrders[0].Point.Token != "ps-0badcafe" {
		t.Errorf("%s: to be continued: %+v", start, s.interruptedOrders)
	}
	if refused := s.checkPIN(jobNamed(t, s, pin.ID), "lobby", []byte("4711"), true); refused != nil {
		t.Errorf("%s: its PIN: %+v", start, refused)
	}
}

func jobNamed(t *testing.T, s *Scout, id string) *job {
	t.Helper()
	j, err := s.table.findOwned(root, id)
	if err != nil {
		t.Fatal(err)
	}
	return &j
}
