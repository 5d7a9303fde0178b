//go:build unix

package scout

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
)

// ownFiles are those of the state folder, besides the keys and the vault.
var ownFiles = []string{enrollmentFile, directoryFile, peopleFile, printerFile, printersFile, ordersFile}

// filledRig is a rig whose files are all there, with a job that waits for its
// owner in the vault.
func filledRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	if got := r.Order(t.Context(), r.newOrder(r.parkJob(alice, doc))); got.State != wire.Delivered {
		t.Fatalf("%+v", got)
	}
	_, err := r.people.register(person{Name: alice, Registered: r.clock, By: "self"})
	r.must(err)
	r.must(r.printerID.setPaused(false))
	for _, name := range ownFiles {
		if !fileExists(filepath.Join(r.dir, "state", name)) {
			t.Fatalf("there is no %s", name)
		}
	}
	return r
}

// startAgain is New on what is in the folder; the rig's own agent is closed.
func (r *rig) startAgain() error {
	r.t.Helper()
	r.close()
	s, err := New(Config{Settings: r.cfg.Settings, Log: r.log, Now: r.now})
	if err == nil {
		s.close()
	}
	return err
}

func wantInsecure(t *testing.T, what string, err error) {
	t.Helper()
	if e, ok := errors.AsType[*insecureError](err); !ok || e.hint == "" {
		t.Errorf("%s: %v", what, err)
	}
}

// TestStateFolderIsTheAgentsOwn refuses a folder that others lead it to, own or
// may write to, and leaves it as it is.
func TestStateFolderIsTheAgentsOwn(t *testing.T) {
	peers.Short(t, "many starts")
	for name, make := range map[string]func(dir string) (string, error){
		"a link":               func(dir string) (string, error) { return dir + "-link", os.Symlink(dir, dir+"-link") },
		"a link with a slash":  func(dir string) (string, error) { return dir + "-link/", os.Symlink(dir, dir+"-link") },
		"a link to nowhere":    func(dir string) (string, error) { return dir + "-link", os.Symlink(dir+"-gone", dir+"-link") },
		"writable by everyone": func(dir string) (string, error) { return dir, os.Chmod(dir, 0o777) },
		"sticky":               func(dir string) (string, error) { return dir, os.Chmod(dir, 0o777|os.ModeSticky) },
		"its jobs are a link": func(dir string) (string, error) {
			path := filepath.Join(dir, VaultDir)
			return dir, errors.Join(os.Rename(path, path+".away"), os.Symlink(path+".away", path))
		},
		"its keys are a link": func(dir string) (string, error) {
			path := filepath.Join(dir, keysDir)
			return dir, errors.Join(os.Rename(path, path+".away"), os.Symlink(path+".away", path))
		},
		"its jobs are writable": func(dir string) (string, error) { return dir, os.Chmod(filepath.Join(dir, VaultDir), 0o777) },
		"writable by a group":   func(dir string) (string, error) { return dir, os.Chmod(dir, 0o770) },
	} {
		r := newRig(t)
		var err error
		r.cfg.Settings.StateDir, err = make(filepath.Join(r.dir, "state"))
		r.must(err)
		before := r.stateFile(enrollmentFile)
		wantInsecure(t, name, r.startAgain())
		if !bytes.Equal(before, r.stateFile(enrollmentFile)) || fileExists(filepath.Join(r.dir, "state-gone")) {
			t.Errorf("%s: it was changed", name)
		}
		for _, sub := range []string{keysDir, VaultDir} {
			path := filepath.Join(r.dir, "state", sub)
			os.Remove(path) // a link
			if fileExists(path + ".away") {
				r.must(os.Rename(path+".away", path))
			}
			r.must(os.Chmod(path, 0o700))
		}
		r.must(os.Chmod(filepath.Join(r.dir, "state"), 0o755)) // readable does no harm
		r.cfg.Settings.StateDir = filepath.Join(r.dir, "state")
		r.must(r.startAgain())
	}
}

// TestFilesAreTheAgentsOwn puts a link, a pipe and files of others in the place
// of each file.
func TestFilesAreTheAgentsOwn(t *testing.T) {
	peers.Short(t, "many starts")
	for _, name := range ownFiles {
		r := filledRig(t)
		file := filepath.Join(r.dir, "state", name)
		r.must(os.Rename(file, file+".away"))
		r.must(os.Symlink(file+".away", file))
		wantInsecure(t, name+" is a link", r.startOrWarn(name))
		r.must(os.Remove(file))
		r.must(syscall.Mkfifo(file, 0o600))
		wantInsecure(t, name+" is a pipe", r.startOrWarn(name))
		r.must(os.Remove(file))
		r.must(os.Rename(file+".away", file))
		r.must(os.Chmod(file, 0o622))
		wantInsecure(t, name+" is writable by others", r.startOrWarn(name))
		r.must(os.Chmod(file, 0o600))
		r.must(r.startAgain())
	}
}

// startOrWarn is startAgain, or the warning if a file is only a memory.
func (r *rig) startOrWarn(name string) error {
	if name == printersFile {
		_, err := readOwn(filepath.Join(r.dir, "state", name))
		return errors.Join(err, r.startAgain())
	}
	return r.startAgain()
}

// TestFilesOfAnotherAccount gives each file, and the folder, to another account.
func TestFilesOfAnotherAccount(t *testing.T) {
	peers.NeedRoot(t)
	r := filledRig(t)
	for _, name := range append([]string{""}, ownFiles...) {
		path := filepath.Join(r.dir, "state", name)
		r.must(os.Chown(path, 65534, 65534))
		wantInsecure(t, path, r.startOrWarn(name))
		r.must(os.Chown(path, 0, 0))
	}
	r.must(r.startAgain())
}

// TestBrokenFiles starts with each file broken in many ways: it is set aside,
// that is said, and the parked job is unharmed.
func TestBrokenFiles(t *testing.T) {
	peers.Short(t, "many starts")
	for _, name := range []string{enrollmentFile, directoryFile, peopleFile, printerFile, printersFile} {
		r := filledRig(t)
		id := r.parkJob(alice, doc)
		file := filepath.Join(r.dir, "state", name)
		whole := r.stateFile(name)
		texts := [][]byte{nil, whole[:len(whole)/2], []byte("null"), []byte("[]"), []byte(`"x"`), make([]byte, len(whole)), append(bytes.Clone(whole), '{')}
		if name != printersFile {
			texts = append(texts, []byte("{}"))
		}
		for i, text := range texts {
			r.must(os.WriteFile(file, text, 0o600))
			r.reopenScout()
			aside := fmt.Sprintf("%s%s%d", file, brokenInfix, i+1)
			if got, err := os.ReadFile(aside); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s of %.20q: set aside is %.20q, %v", name, text, got, err)
			}
			if w := r.status().Warnings; len(w) != i+1 || !strings.Contains(w[i], filepath.Base(aside)) {
				t.Errorf("%s of %.20q: status warns %q", name, text, w)
			}
			if got := r.stateOf(id); got != Parked {
				t.Errorf("%s of %.20q: the job is %s", name, text, got)
			}
		}
		for range 3 * mostBroken {
			r.must(os.WriteFile(file, nil, 0o600))
			r.reopenScout()
		}
		if all, _ := filepath.Glob(file + brokenInfix + "*"); len(all) != mostBroken {
			t.Errorf("%d of %s are kept", len(all), name)
		}
		r.wantMended(name)
	}
}

// wantMended is what each file's loss leads to.
func (r *rig) wantMended(name string) {
	r.t.Helper()
	e, _ := r.membership.current()
	switch name {
	case enrollmentFile:
		if e != nil || (intake{r.Scout}).Condition().Accepting {
			r.t.Error("it continues without its enrollment")
		}
		r.joinSite()
	case directoryFile:
		if r.DirectoryEdition() != (wire.Edition{}) {
			r.t.Error("it has a directory")
		}
		r.offerNewDirectory()
	case peopleFile:
		if r.people.isRegistered(alice) {
			r.t.Error("an account is registered")
		}
	case printerFile:
		if n, err := r.printerID.nextJobID(); err != nil || n <= 1 {
			r.t.Errorf("the next job gets the number %d, %v", n, err)
		}
	}
	if got := r.Order(r.t.Context(), r.newOrder(r.parkJob(alice, doc))); got.State != wire.Delivered {
		r.t.Errorf("%s: afterwards %+v", name, got)
	}
}

// TestNumbersGoOnWithoutTheFile loses printer.json while jobs with high numbers
// are parked.
func TestNumbersGoOnWithoutTheFile(t *testing.T) {
	for highest, parked := range map[int]bool{1: true, 700: true, 5000: true, 1000: false} {
		p, err := openPrinterID(filepath.Join(t.TempDir(), printerFile))
		if err != nil {
			t.Fatal(err)
		}
		p.skipIDsUpTo(highest)
		seen := map[int]bool{}
		for range 2*idBlock + 1 {
			n, err := p.nextJobID()
			if err != nil || n <= highest || seen[n] {
				t.Fatalf("beyond %d (%t): %d, %v", highest, parked, n, err)
			}
			seen[n] = true
		}
		again, err := openPrinterID(p.file)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := again.nextJobID(); err != nil || seen[n] || n <= highest {
			t.Errorf("after a restart: %d, %v", n, err)
		}
	}
}

// TestEnrollmentIsBound changes the file as somebody can who can write it, and
// nothing else.
func TestEnrollmentIsBound(t *testing.T) {
	r := newRig(t)
	file := filepath.Join(r.dir, "state", enrollmentFile)
	good := r.stateFile(enrollmentFile)
	object, mac := splitMAC(good)
	if mac == "" || !json.Valid(good) || !json.Valid(object) {
		t.Fatalf("%s", good)
	}
	rival, _, err := directory.CreateSite(filepath.Join(r.dir, "rival"), "rival", r.clock)
	r.must(err)
	e := enrollment{Scout: "scout-1", Server: "https://evil.example", Site: rival.Public()}
	own, err := json.Marshal(e)
	r.must(err)
	for name, text := range map[string][]byte{
		"another server":       bytes.Replace(good, []byte("localhost:1"), []byte("localhost:2"), 1),
		"without its MAC":      object,
		"one of their own":     own,
		"with another's MAC":   withMAC(randomKey(), own),
		"with the MAC of this": append(append(append(bytes.Clone(own[:len(own)-1]), macField...), mac...), macEnd...),
		"a field after it":     append(bytes.Clone(good[:len(good)-1]), `,"server":"https://evil.example"}`...),
		"a field before it":    bytes.Replace(good, []byte(macField), []byte(`,"server":"https://evil.example"`+macField), 1),
		"a short MAC":          bytes.Replace(good, []byte(mac), []byte(mac[:62]), 1),
	} {
		r.must(os.WriteFile(file, text, 0o600))
		r.reopenScout()
		if e, _ := r.membership.current(); e != nil || fileExists(file) {
			t.Errorf("%s was taken: %+v", name, e)
		}
		r.must(os.Remove(file + brokenInfix + "1"))
	}
	r.must(os.WriteFile(file, good, 0o600))
	r.reopenScout()
	if e, _ := r.membership.current(); e == nil || e.Server != "https://localhost:1" {
		t.Errorf("its own: %+v", e)
	}
}

// TestEnrollmentOfAnOlderVersion is taken once, and bound, also where that was
// cut short.
func TestEnrollmentOfAnOlderVersion(t *testing.T) {
	r := newRig(t)
	object, _ := splitMAC(r.stateFile(enrollmentFile))
	file := filepath.Join(r.dir, "state", enrollmentFile)
	for name, text := range map[string][]byte{
		"an older version's":   object,
		"cut before its key":   withMAC(randomKey(), object),
		"its fields are apart": bytes.ReplaceAll(object, []byte(`,"`), []byte(", \n\"")),
	} {
		r.must(r.keys.Remove(bindingKey))
		r.must(os.WriteFile(file, text, 0o600))
		for range 2 {
			r.reopenScout()
			if e, _ := r.membership.current(); e == nil || e.Scout != "scout-1" {
				t.Errorf("%s was not taken", name)
			}
			if _, mac := splitMAC(r.stateFile(enrollmentFile)); mac == "" {
				t.Errorf("%s was not bound", name)
			}
		}
	}
	r.must(os.WriteFile(file, object, 0o600))
	r.reopenScout()
	if e, _ := r.membership.current(); e != nil {
		t.Error("it was taken twice")
	}
}

func FuzzEnrollment(f *testing.F) {
	key := make([]byte, bindingKeySize)
	f.Add([]byte(`{"scout":"s"}`))
	f.Add(withMAC(key, []byte(`{"scout":"s"}`)))
	f.Fuzz(func(t *testing.T, file []byte) {
		object, mac := splitMAC(file)
		if mac != "" && !bytes.Equal(append(append(append(bytes.Clone(object[:len(object)-1]), macField...), mac...), macEnd...), file) {
			t.Errorf("%q is not %q and %q", file, object, mac)
		}
		if e, err := readEnrollment(file, key); err == nil && !bytes.Equal(withMAC(key, object), file) {
			t.Errorf("%+v was taken from %q", e, file)
		}
	})
}

// TestKeysOfNoLength empties and cuts each key: no other takes its place.
func TestKeysOfNoLength(t *testing.T) {
	r := newRig(t)
	for _, name := range []string{wrapKey, "tag", bindingKey, signKey} {
		file := filepath.Join(r.dir, "state", "keys", name)
		whole, err := os.ReadFile(file)
		r.must(err)
		for _, size := range []int{0, 1, len(whole) - 1} {
			r.must(os.WriteFile(file, whole[:size], 0o600))
			err := r.startAgain()
			if name == signKey { // looked at when the server is
				_, err = r.membership.signingKey()
			}
			if err == nil || size == 0 && !errors.Is(err, errKeySize) {
				t.Errorf("%s of %d bytes: %v", name, size, err)
			}
			if after, _ := os.ReadFile(file); len(after) != size {
				t.Errorf("%s of %d bytes was replaced", name, size)
			}
		}
		r.must(os.WriteFile(file, whole, 0o600))
	}
	r.openScout()
	if e, _ := r.membership.current(); e == nil {
		t.Error("with its keys back it has no site")
	}
	if got, err := r.listJobs(root); err != nil || len(got) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func (r *rig) listJobs(c control.Caller) (all []control.Job, err error) {
	for j := range (localAPI{r.Scout}).Jobs(c) {
		all = append(all, j)
	}
	return all, nil
}
