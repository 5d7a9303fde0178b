package scout

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
	"github.com/printscout/printscout/spooler"
	"github.com/printscout/printscout/spooler/docinfo"
)

// What no line of the log may have.
const (
	logTitle = "Quxolorp.pdf"
	logUser  = "wibblefrotz"
)

// markedRig is a rig that writes what it logs, at the level info and above, to
// a page.
func markedRig(t *testing.T) (*rig, *page) {
	t.Helper()
	r, log := newRig(t), &page{}
	r.reopenWith(func(c *Config) {
		c.Log = slog.New(slog.NewTextHandler(log, nil))
		c.Settings.Registration, c.Settings.UserJobs, c.Settings.MaxJobMB = settings.RegistrationSelf, 20, 1
	})
	return r, log
}

// reopenWith ends the agent without ceremony and starts it with its configuration
// changed.
func (r *rig) reopenWith(change func(*Config)) {
	r.t.Helper()
	r.close()
	cfg := r.cfg
	change(&cfg)
	s, err := New(cfg)
	r.must(err)
	r.Scout = s
}

// parkMarked takes a job in that has both markers, and perhaps a PIN.
func (r *rig) parkMarked(from spooler.Source, pin string) uuid.UUID {
	r.t.Helper()
	p, err := r.beginMarked(from, pin)
	r.must(err)
	tap := docinfo.New()
	_, err = io.Copy(io.MultiWriter(p, tap), bytes.NewReader(doc))
	r.must(err)
	r.must(p.End(spooler.Document{Format: "application/pdf", Compression: "none", Name: logTitle, Info: tap.Info()}))
	_, err = p.Park()
	r.must(err)
	return p.(*incomingJob).ID()
}

func (r *rig) beginMarked(from spooler.Source, pin string) (spooler.Parking, error) {
	return intake{r.Scout}.Begin(r.t.Context(), spooler.Ticket{
		JobID: 1, JobUUID: "urn:uuid:" + uuid.NewString(), Title: logTitle, User: logUser, Source: from,
		Copies: 1, Created: r.clock, Password: spooler.Password(pin),
	})
}

// TestLogNamesNobody goes through what happens to jobs and to people, well
// and badly, and looks for title and name in the log.
func TestLogNamesNobody(t *testing.T) {
	r, log := markedRig(t)
	me, agent := control.Caller{UID: "4711", Name: logUser}, func() localAPI { return localAPI{r.Scout} }
	order := func(id uuid.UUID) wire.Result {
		o := r.newOrder(id)
		o.User = r.ownerTag(logUser)
		return r.Order(t.Context(), o)
	}
	release := func(id uuid.UUID, pin string) {
		report, err := agent().Release(me, control.Release{Jobs: []string{id.String()}, Printer: "lobby", PIN: []byte(pin)})
		r.must(err)
		_, err = agent().Wait(t.Context(), me, report.ID)
		r.must(err)
	}

	waiting := r.parkMarked(spooler.FromKernel, "")
	if got := order(waiting); got.Reason != "job-waiting" {
		t.Errorf("%+v", got)
	}
	_, err := agent().Register(me, control.Registration{})
	r.must(err)
	if shown := slices.Collect(agent().Jobs(me)); len(shown) != 1 || shown[0].Title != logTitle || shown[0].User != logUser {
		t.Fatalf("the owner is shown %+v", shown)
	}
	if len(agent().People(root)) != 1 {
		t.Error("no account has registered")
	}
	agent().Status(me)

	if got := order(waiting); got.State != wire.Delivered {
		t.Errorf("%+v", got)
	}
	release(r.parkMarked(spooler.FromKernel, ""), "")
	order(r.parkMarked(spooler.FromSpooler, ""))
	hers := r.newOrder(r.parkMarked(spooler.FromKernel, ""))
	hers.User = logUser // a name where a tag belongs
	r.Order(t.Context(), hers)
	locked := r.parkMarked(spooler.FromKernel, "4711")
	for range 6 {
		release(locked, "0000")
	}

	canceled := r.parkMarked(spooler.FromKernel, "")
	_, err = agent().Cancel(t.Context(), me, canceled.String())
	r.must(err)
	r.must(intake{r.Scout}.Drop(r.uuidOf(r.parkMarked(spooler.FromKernel, ""))))
	if _, err := agent().Release(me, control.Release{Jobs: []string{logTitle}, Printer: "lobby"}); err == nil {
		t.Error("a title stands for a job")
	}

	big, err := r.beginMarked(spooler.FromKernel, "")
	r.must(err)
	_, err = big.Write(make([]byte, 2<<20))
	wantOver(t, "a job of 2 MB", err)
	big.Abort()
	intake{r.Scout}.Refused(spooler.Refused{Title: logTitle, User: logUser, Source: spooler.FromKernel, Message: "It is larger than 1 MB."})
	refused := slices.DeleteFunc(refusedOf(r, logUser), func(j control.Job) bool { return j.State != control.Refused })
	if len(refused) != 1 {
		t.Fatalf("refused: %+v", refused)
	}
	_, err = agent().Cancel(t.Context(), me, refused[0].ID)
	r.must(err)

	for _, said := range []string{control.Printed, control.PrintAgain} {
		id := r.parkMarked(spooler.FromKernel, "")
		r.must(r.table.claimJob(id, "lobby", "o", nil))
		r.must(r.table.setState(id, Uncertain, func(n *note) { n.Evidence = []string{"The printer said nothing."} }))
		_, err := agent().Resolve(me, id.String(), control.Resolution{Said: said})
		r.must(err)
	}

	damaged := r.parkMarked(spooler.FromKernel, "")
	name := filepath.Join(r.dir, "state", VaultDir, damaged.String()+".job")
	raw, err := os.ReadFile(name)
	r.must(err)
	raw[len(raw)-20] ^= 1
	r.must(os.WriteFile(name, raw, 0o600))
	order(damaged)
	cut := r.parkMarked(spooler.FromKernel, "")
	r.must(r.table.claimJob(cut, "lobby", "o", nil))
	r.reopenWith(func(*Config) {}) // in the middle of a release

	_, err = agent().Unregister(root, logUser)
	r.must(err)
	if _, err := agent().Unregister(root, logUser); codeOf(err) != control.CodeNotFound {
		t.Errorf("twice: %v", err)
	}
	if len(slices.Collect(agent().Jobs(me))) == 0 {
		t.Error("no job is left to expire")
	}
	for range 30 {
		r.clock = r.clock.Add(9 * time.Minute)
		r.expireDueJobs()
	}
	if left := slices.Collect(agent().Jobs(me)); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}

	for _, want := range []string{"job parked", "release ended", "job canceled", "job canceled in the print queue", "order of the server was refused",
		"uncertain job was resolved", "damaged", "person has registered", "registration was removed", "job expired"} {
		if log.countText(want) == 0 {
			t.Errorf("the log does not have %q: the test does not go everywhere", want)
		}
	}
	for line := range strings.Lines(log.text()) {
		for _, marker := range []string{logTitle, logUser, strings.TrimSuffix(logTitle, ".pdf")} {
			if strings.Contains(strings.ToLower(line), strings.ToLower(marker)) {
				t.Errorf("the log has %s", line)
			}
		}
	}
}

func (p *page) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.String()
}
