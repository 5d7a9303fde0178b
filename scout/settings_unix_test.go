//go:build unix

package scout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/settings"
)

// settingsRig is a rig whose settings come from a policy that the test writes.
func settingsRig(t *testing.T, policy string) (*rig, *policyFolder) {
	t.Helper()
	r := newRig(t)
	p := newPolicyFolder(t, r)
	p.write(t, policy)
	r.close()
	r.reconfigure(p)
	return r, p
}

// reconfigure starts the agent anew on what the sources say.
func (r *rig) reconfigure(p *policyFolder) {
	r.t.Helper()
	first, err := p.load()
	r.must(err)
	cfg := r.cfg
	cfg.Settings, cfg.Configured, cfg.Reread = first.Values, first, p.load
	s, err := New(cfg)
	r.must(err)
	r.Scout = s
}

func (r *rig) settingByName(c control.Caller, name string) control.Setting {
	r.t.Helper()
	for _, one := range (localAPI{r.Scout}).Settings(c).Settings {
		if one.Name == name {
			return one
		}
	}
	r.t.Fatalf("there is no setting %s", name)
	return control.Setting{}
}

// TestLiveSettings changes live settings while the agent runs.
func TestLiveSettings(t *testing.T) {
	r, p := settingsRig(t, `{}`)
	id := r.parkJob(alice, doc)
	level := ""
	r.cfg.SetLogLevel = func(name string) { level = name }
	p.write(t, `{"UserJobs": 1, "JobRetention": "2h", "Registration": "self", "LogLevel": "debug", "ManagedBy": "Example", "MinFreeMB": 1048576}`)
	r.clock = r.clock.Add(time.Minute)
	r.rereadSettings()
	if _, err := r.beginJob(alice); err == nil {
		t.Error("a second job was taken")
	}
	if r.stateOf(id) != Waiting || level != "debug" {
		t.Errorf("the job is %s, the level %q", r.stateOf(id), level)
	}
	st := r.status()
	if c := st.SettingsChanged; c == nil || len(c.Changed) != 6 || len(c.Pending) != 0 || len(c.Policy) != 6 || !c.At.Equal(r.clock) {
		t.Errorf("%+v", c)
	}
	if st.ManagedBy != "Example" || st.Pinned != 6 || len(st.PendingRestart) > 0 || st.Registration != "self" {
		t.Errorf("%+v", st)
	}
	if free := r.vault.CheckSpace(); free == nil {
		t.Error("a disk with a terabyte free is asked for and found")
	}
	if one := r.settingByName(root, "UserJobs"); one.Value != 1 || one.Origin != "policy" || !one.Pinned || one.PendingRestart || one.Default != 20_000 {
		t.Errorf("%+v", one)
	}
	p.write(t, `{}`)
	r.rereadSettings()
	if r.stateOf(id) != Parked || r.vault.CheckSpace() != nil || r.settingByName(root, "UserJobs").Origin != "default" || r.status().Pinned != 0 {
		t.Errorf("without policy: the job is %s, %+v", r.stateOf(id), r.settingByName(root, "UserJobs"))
	}
}

// TestSettingsForTheNextStart changes settings that need a restart.
func TestSettingsForTheNextStart(t *testing.T) {
	r, p := settingsRig(t, `{"Port": 9001}`)
	p.write(t, `{"Port": 9002, "PrinterName": "Example"}`)
	r.rereadSettings()
	if one := r.settingByName(root, "Port"); one.Value != 9001 || one.Pending != 9002 || !one.PendingRestart || !one.Pinned {
		t.Errorf("%+v", one)
	}
	if got := r.status().PendingRestart; !slices.Equal(got, []string{"Port", "PrinterName"}) {
		t.Errorf("pending %q", got)
	}
	change := r.status().SettingsChanged
	r.rereadSettings()
	if r.status().SettingsChanged != change {
		t.Error("the same change is told twice")
	}
	p.write(t, `{"Port": 9001}`)
	r.rereadSettings()
	if one := r.settingByName(root, "Port"); one.PendingRestart || one.Pending != nil || len(r.status().PendingRestart) > 0 {
		t.Errorf("taken back: %+v", one)
	}
	p.write(t, `{"Port": 9002}`)
	r.rereadSettings()
	r.close()
	r.reconfigure(p)
	if one := r.settingByName(root, "Port"); one.Value != 9002 || one.PendingRestart {
		t.Errorf("after a restart: %+v", one)
	}
}

// TestPolicyThatIsBeingWritten wants a reading with an unreadable policy to
// change nothing.
func TestPolicyThatIsBeingWritten(t *testing.T) {
	r, p := settingsRig(t, `{"UserJobs": 5}`)
	log := &page{}
	r.log = slog.New(slog.NewTextHandler(log, nil))
	p.write(t, `{"UserJobs": `)
	for range 3 {
		r.rereadSettings()
	}
	if r.liveSettings().UserJobs != 5 || !r.settingByName(root, "UserJobs").Pinned {
		t.Error("a half-written policy has unpinned what it pinned")
	}
	all := (localAPI{r.Scout}).Settings(root)
	if !strings.Contains(all.Failure, "it is not a JSON object") || len(all.Problems) != 1 || all.Problems[0].Origin != "policy" {
		t.Errorf("%+v", all)
	}
	if w := r.status().Warnings; !slices.ContainsFunc(w, func(s string) bool { return strings.Contains(s, "stay as they are") }) {
		t.Errorf("warnings %q", w)
	}
	if n := log.countText("the settings cannot be read again"); n != 1 {
		t.Errorf("logged %d times", n)
	}
	p.err = errors.New("reading the configuration: no")
	r.rereadSettings()
	if f := (localAPI{r.Scout}).Settings(root).Failure; f != p.err.Error() {
		t.Errorf("failure %q", f)
	}
	p.err = nil
	p.write(t, `{"UserJobs": 6}`)
	r.rereadSettings()
	if r.liveSettings().UserJobs != 6 || (localAPI{r.Scout}).Settings(root).Failure != "" || len(r.status().Warnings) > 0 {
		t.Errorf("mended: %d, %q", r.liveSettings().UserJobs, r.status().Warnings)
	}
}

// TestMistakesAreToldOnce wants a problem to be logged once for as long as it
// lasts, and shown all the time.
func TestMistakesAreToldOnce(t *testing.T) {
	r, p := settingsRig(t, `{}`)
	log := &page{}
	r.log = slog.New(slog.NewTextHandler(log, nil))
	p.write(t, `{"Port": "x", "Prot": 1}`)
	for range 3 {
		r.rereadSettings()
	}
	if n := log.countText("a setting is not used"); n != 2 {
		t.Errorf("logged %d times", n)
	}
	if one := r.settingByName(root, "Port"); one.Error == "" || one.Value != 8631 || one.Origin != "default" || !one.Pinned {
		t.Errorf("%+v", one)
	}
	if len(r.status().Warnings) != 2 {
		t.Errorf("warnings %q", r.status().Warnings)
	}
}

// TestPrivateSettingsAreForAdministrators wants files with secrets to be named
// to administrators only.
func TestPrivateSettingsAreForAdministrators(t *testing.T) {
	r, p := settingsRig(t, `{}`)
	p.write(t, `{"BundleFile": "/secret/bundle", "SNMPKeysFile": "/secret/keys"}`)
	r.rereadSettings()
	if one := r.settingByName(aliceHerself, "SNMPKeysFile"); one.Pending != nil || !one.PendingRestart {
		t.Errorf("%+v", one)
	}
	if one := r.settingByName(aliceHerself, "BundleFile"); one.Value != nil || !one.Hidden || one.Pending != nil {
		t.Errorf("%+v", one)
	}
	if one := r.settingByName(root, "BundleFile"); one.Value != "/secret/bundle" || one.Hidden {
		t.Errorf("%+v", one)
	}
}

// TestWatchSettings rereads at the pace of the clock and when it is asked to.
func TestWatchSettings(t *testing.T) {
	r, p := settingsRig(t, `{}`)
	pace, reload := &pacer{asked: make(chan time.Duration), ends: make(chan time.Time)}, make(chan struct{})
	r.cfg.After, r.cfg.Reload = pace.after, reload
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.watchSettings(ctx) }()
	for i, wake := range []func(){func() { pace.ends <- r.clock }, func() { reload <- struct{}{} }} {
		if d := pace.nextWait(t); d != time.Minute {
			t.Errorf("it waits %s", d)
		}
		p.write(t, `{"UserJobs": `+string(rune('1'+i))+`}`)
		wake()
		if d := pace.nextWait(t); r.liveSettings().UserJobs != 1+i {
			t.Errorf("after %s: %d", d, r.liveSettings().UserJobs)
		}
		wake()
	}
	pace.nextWait(t)
	cancel()
	r.must(<-ended)
}

// TestSiteIsPinned wants the settings to decide which site may be joined.
func TestSiteIsPinned(t *testing.T) {
	const other, third = "psf1:5zzjwufgeypnjomvlg27a4g6ueofohhtop44kwrnn6qoyv5un25q", "psf1:dgj22dttqorgwlzg2yoybcejfxkilgqn3mmpjwgtx7n7hqjzxgya"
	r, p := settingsRig(t, `{}`)
	ours := r.site.Public().Fingerprint()
	for policy, want := range map[string]map[string]bool{
		`{}`:                                            {ours: true, other: true, third: true},
		`{"Site": "` + ours + `"}`:                      {ours: true, other: false, third: false},
		`{"Site": "` + other + `"}`:                     {ours: false, other: true, third: false},
		`{"Site": "none"}`:                              {ours: false, other: false},
		`{"Site": "psf1:x"}`:                            {ours: false, other: false},
		`{"LeaveSite": false}`:                          {ours: true, other: false},
		`{"LeaveSite": "no"}`:                           {ours: true, other: false},
		`{"Site": "", "LeaveSite": false}`:              {ours: true, other: false},
		`{"Site": "` + other + `", "LeaveSite": false}`: {ours: false, other: false},
	} {
		p.write(t, policy)
		r.rereadSettings()
		for site, may := range want {
			err := r.mayJoin(site)
			if (err == nil) != may {
				t.Errorf("%s: %s: %v", policy, site, err)
			}
			if e, ok := errors.AsType[*control.Error](err); err != nil && (!ok || e.Code != control.CodeForbidden || !strings.Contains(e.Message, "policy, "+p.file()) || e.Hint == "") {
				t.Errorf("%s: %s: %v", policy, site, err)
			}
		}
		if err := r.mayLeave(); (err == nil) != !strings.Contains(policy, "LeaveSite") {
			t.Errorf("%s: leaves: %v", policy, err)
		}
		warned := slices.ContainsFunc(r.status().Warnings, func(w string) bool { return strings.Contains(w, "belongs to the site") })
		if elsewhere := strings.Contains(policy, `"Site"`) && !want[ours]; warned != elsewhere {
			t.Errorf("%s: warned %v", policy, warned)
		}
	}
}

// TestPinnedSiteIsFollowed wants a computer to stay in the pinned site when its
// keys are succeeded.
func TestPinnedSiteIsFollowed(t *testing.T) {
	r, p := settingsRig(t, `{}`)
	all := r.makeEpochs(3)
	first := all[0].site.Public().Fingerprint()
	p.write(t, `{"Site": "`+first+`", "LeaveSite": false}`)
	r.rereadSettings()
	r.joinEpoch(all[0])
	r.must(r.OfferDirectory(all[2].envelope))
	if err := r.mayJoin(all[2].site.Public().Fingerprint()); err != nil || len(r.status().Warnings) > 0 {
		t.Errorf("the successor: %v, %q", err, r.status().Warnings)
	}
	if err := r.mayJoin(all[1].site.Public().Fingerprint()); codeOf(err) != control.CodeForbidden {
		t.Errorf("a former epoch: %v", err)
	}
}

// TestAnotherSiteIsNotAsked wants a forbidden bundle to be refused before its
// server hears of it.
func TestAnotherSiteIsNotAsked(t *testing.T) {
	r, _ := settingsRig(t, `{"Site": "none"}`)
	p := r.site.Public()
	raw, err := json.Marshal(wire.Bundle{Server: "https://localhost:1", Expires: r.clock, Site: p, Fingerprint: p.Fingerprint(), Token: strings.Repeat("t", 40)})
	r.must(err)
	_, err = localAPI{r.Scout}.Enroll(t.Context(), control.Enrollment{Bundle: raw})
	if codeOf(err) != control.CodeForbidden {
		t.Errorf("%v", err)
	}
}

func TestSettingsWithoutSources(t *testing.T) {
	r := newRig(t)
	if err := r.watchSettings(t.Context()); err != nil {
		t.Error(err)
	}
	if all := (localAPI{r.Scout}).Settings(root); len(all.Settings) != len(settings.Table()) || all.Problems == nil {
		t.Errorf("%+v", all)
	}
}

// TestPolicyIsNotCopied wants nothing that only policy says to be in the state
// folder, however often it changes.
func TestPolicyIsNotCopied(t *testing.T) {
	r, p := settingsRig(t, `{"ManagedBy": "planted-1", "PrinterLocation": "planted-2"}`)
	r.parkJob(alice, doc)
	p.write(t, `{"ManagedBy": "planted-3", "QueueName": "planted-4", "PrinterName": "planted-5"}`)
	r.rereadSettings()
	r.parkJob(alice, doc)
	r.close()
	err := filepath.WalkDir(filepath.Join(r.dir, "state"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if bytes.Contains(raw, []byte("planted-")) {
			t.Errorf("%s has what policy says", path)
		}
		return err
	})
	r.must(err)
	r.must(os.Remove(p.file()))
	r.reconfigure(p)
	if v := r.liveSettings(); v.ManagedBy != "" || v.QueueName != "printscout" || v.PrinterName != "Print Scout" {
		t.Errorf("policy outlives its file: %+v", v)
	}
}
