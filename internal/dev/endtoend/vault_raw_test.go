//go:build linux

package endtoend

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/vault"
	"github.com/printscout/printscout/vault/keystore"
)

// TestRawImage keeps the agent's state on a file system of its own, prints,
// releases, cancels, lets expire and kills, and then reads the medium itself:
// no marker of a document, title, name or PIN is on it, and nothing that is
// left of a destroyed job opens with the keys that are left.
func TestRawImage(t *testing.T) {
	for _, c := range []struct {
		name      string
		megabytes int
		options   string
		inPlace   bool // an overwrite reaches the old bytes, and no journal has them
		mkfs      []string
	}{
		{"ext4", 64, "loop", true, []string{"mkfs.ext4", "-q", "-m", "0"}},
		{"ext4 with its data in the journal", 64, "loop,data=journal", false, []string{"mkfs.ext4", "-q", "-m", "0"}},
		{"xfs", 320, "loop", true, []string{"mkfs.xfs", "-q"}},
		{"btrfs", 256, "loop", false, []string{"mkfs.btrfs", "-q"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, ok := peers.Find(c.mkfs[0]); !ok && !strings.HasPrefix(c.mkfs[0], "mkfs.ext") {
				t.Logf("%s is not here: ext4 alone is looked at", c.mkfs[0])
				return
			}
			r := &rawImage{t: t, disk: mountImage(t, c.megabytes, c.options, c.mkfs...), marks: newMarks(), inPlace: c.inPlace}
			r.live()
			r.rotate()
			r.disk.unmount()
			r.readMedium()
		})
	}
}

// marks are what must not be found anywhere. All but the document's are text.
type marks struct{ document, title, user, pin, control string }

func newMarks() marks {
	return marks{document: random(256), title: random(26), user: random(26), pin: random(10), control: random(26)}
}

// random is 16 bytes: any, or so many letters or digits.
func random(kinds int) string {
	first := map[int]int{256: 0, 26: 'a', 10: '0'}[kinds]
	b := make([]byte, 16)
	for i := range b {
		b[i] = byte(first + rand.IntN(kinds))
	}
	return string(b)
}

// forms are the ways that text may lie on a disk.
func forms(s string) map[string][]byte {
	var wide []byte
	for _, u := range utf16.Encode([]rune(s)) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	f := map[string][]byte{
		"as it is": []byte(s), "UTF-16LE": wide,
		"hex": []byte(hex.EncodeToString([]byte(s))), "HEX": []byte(strings.ToUpper(hex.EncodeToString([]byte(s)))),
	}
	for shift := range 3 {
		// What of base64 does not hang on what stands before and behind.
		text := base64.StdEncoding.EncodeToString(append(make([]byte, shift), s...))
		f[fmt.Sprintf("base64, %d bytes on", shift)] = []byte(text[4 : len(text)-4])
	}
	return f
}

// rawImage is an agent whose state lies on a file system of its own.
type rawImage struct {
	*site
	t       *testing.T
	disk    *fileSystem
	marks   marks
	inPlace bool

	rested  map[string][]byte // files of jobs that are destroyed, as they were while they rested
	coming  map[string]bool   // those of them that never came to rest: they are removed, not overwritten
	shreds  []byte            // vault.shred at that time
	key     *vault.PrivateKey
	kept    job // is never destroyed
	keptDoc []byte
}

func (r *rawImage) folder() string { return filepath.Join(r.state, "vault") }

// live is what happens to the jobs.
func (r *rawImage) live() {
	r.site, r.rested, r.coming = newSite(r.t), map[string][]byte{}, map[string]bool{}
	r.state = filepath.Join(r.disk.at, "state")
	r.configure(map[string]any{"MinFreeMB": 1})
	if err := os.WriteFile(filepath.Join(r.disk.at, "control"), r.control(), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.up()
	released, text, several := r.send(r.marked(70_000)), r.send(r.text(2_000_000)), r.send(r.marked(300_000), r.text(9_000))
	locked := r.printPIN(r.marked(40_000), r.marks.pin)
	r.keptDoc = r.marked(90_000)
	r.kept = r.send(r.keptDoc)
	r.copyAll()

	for _, j := range []job{released, text} {
		r.delivered(r.release(j.ID, ""))
	}
	r.delivered(r.release(locked.ID, r.marks.pin))
	must(r.t, printscout, "--control", r.site.control, "job", "cancel", several.ID)
	r.breakOff(func(stop func()) { stop() })
	r.breakOff(func(func()) { r.agent.stop(syscall.SIGKILL) })
	r.expire()
	r.agent.stop(syscall.SIGKILL)
	r.run()
	if left := r.jobs(); len(left) != 1 || left[0].ID != r.kept.ID {
		r.t.Fatalf("left are %+v", left)
	}
	r.agent.stop(syscall.SIGTERM)
}

// control is what the search has to find.
func (r *rawImage) control() (b []byte) {
	for _, f := range forms(r.marks.control) {
		b = append(append(b, f...), '\n')
	}
	return b
}

func (r *rawImage) delivered(got released, code int) {
	r.t.Helper()
	if code != 0 || got.State != "delivered" {
		r.t.Fatalf("exit %d: %+v", code, got)
	}
}

// marked is a document that does not compress, text one that does.
func (r *rawImage) marked(size int) []byte {
	b := pdf(size)
	for at := 1000; at+16 < size; at += 5000 {
		copy(b[at:], r.marks.document)
	}
	return b
}

func (r *rawImage) text(size int) []byte {
	line := fmt.Sprintf("BT (%s %x) Tj ET\n", r.marks.document, r.marks.document)
	return []byte(("%PDF-1.7\n" + strings.Repeat(line, size/len(line)+1))[:size])
}

// send prints documents with the marked title and name as one job.
func (r *rawImage) send(docs ...[]byte) job {
	r.t.Helper()
	known := map[string]bool{}
	for _, j := range r.jobs() {
		known[j.ID] = true
	}
	if err := printDocuments(r.t.Context(), r.client(), r.marks.title, docs); err != nil {
		r.t.Fatal(err)
	}
	for _, j := range r.jobs() {
		if !known[j.ID] {
			return j
		}
	}
	r.t.Fatal("not parked")
	return job{}
}

func (r *rawImage) client() *ipp.Client {
	return &ipp.Client{HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, URI: r.ippURL()}
}

// copyAll keeps the files of the vault as they are now, but for those of the
// job that stays, and sees that they open.
func (r *rawImage) copyAll() {
	r.t.Helper()
	r.shreds = read(r.t, filepath.Join(r.folder(), "vault.shred"))
	keys, err := keystore.Open(filepath.Join(r.state, "keys"))
	if err != nil {
		r.t.Fatal(err)
	}
	raw, err := keys.Load("wrap")
	if err != nil {
		r.t.Fatal(err)
	}
	if r.key, err = vault.ParsePrivateKey(raw); err != nil {
		r.t.Fatal(err)
	}
	for _, name := range files(r.t, r.folder()) {
		base := filepath.Base(name)
		if id, suffix, _ := strings.Cut(base, "."); id != r.kept.ID && (suffix == "job" || suffix == "tmp") {
			r.rested[id], r.coming[id] = read(r.t, name), suffix == "tmp"
		}
	}
	if opened := r.open(r.rested, r.shreds); len(opened) != len(r.rested) {
		r.t.Fatalf("of %d files that rest in the vault, %d open: the test cannot tell one that does from one that does not", len(r.rested), len(opened))
	}
}

// breakOff prints a document of which the end does not come.
func (r *rawImage) breakOff(how func(stop func())) {
	r.t.Helper()
	ctx, stop := context.WithCancel(r.t.Context())
	defer stop()
	body, feed := io.Pipe()
	var client sync.WaitGroup
	client.Go(func() {
		r.client().Print(ctx, ipp.PrintJob{Title: r.marks.title, User: r.marks.user, Format: "application/pdf"}, ipp.Document{Reader: body, Size: 10 << 20})
	})
	client.Go(func() { feed.Write(r.marked(3 << 20)) })
	var tmp []string
	peers.Await(r.t, "a good part of the document has come", func() bool {
		tmp, _ = filepath.Glob(filepath.Join(r.folder(), "*.tmp"))
		if len(tmp) == 0 {
			return false
		}
		info, err := os.Stat(tmp[0])
		return err == nil && info.Size() > 2<<20
	})
	r.copyAll()
	how(stop)
	stop()
	feed.Close()
	client.Wait()
	if r.agent.ProcessState != nil {
		r.run()
	}
	peers.Await(r.t, "nothing is left of it", func() bool {
		_, err := os.Stat(tmp[0])
		return os.IsNotExist(err)
	})
}

// expire puts a job into the vault whose time is over, since a retention has
// a minute at least; the agent finds it when it starts.
func (r *rawImage) expire() {
	r.t.Helper()
	r.agent.stop(syscall.SIGKILL)
	v, err := vault.Open(r.folder(), vault.Options{Key: r.key})
	if err != nil {
		r.t.Fatal(err)
	}
	ticket, _ := json.Marshal(map[string]any{"title": r.marks.title, "user": r.marks.user, "pin": base64.StdEncoding.EncodeToString([]byte(r.marks.pin)),
		"created": time.Now().Add(-2 * time.Hour), "expires": time.Now().Add(-time.Hour), "job_id": 1})
	w, err := v.Create(ticket)
	if err == nil {
		_, err = w.Write(r.marked(60_000))
	}
	if err == nil {
		_, err = w.Commit([]byte(`{"documents":[{"format":"application/pdf","info":{}}]}`))
	}
	if err != nil {
		r.t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.copyAll()
	r.run()
	peers.Await(r.t, "it is expired", func() bool { return len(r.jobs()) == 1 })
}

// rotate replaces the shred key, which the agent does every hour: in this
// process, since the clock cannot be set from here.
func (r *rawImage) rotate() {
	r.t.Helper()
	r.shreds = read(r.t, filepath.Join(r.folder(), "vault.shred"))
	v, err := vault.Open(r.folder(), vault.Options{Key: r.key})
	if err != nil {
		r.t.Fatal(err)
	}
	defer v.Close()
	if err := v.RotateShredKey(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	job := v.Jobs()
	if len(job) != 1 || job[0].ID.String() != r.kept.ID {
		r.t.Fatalf("after the rotation there are %+v", job)
	}
	d, err := v.Document(job[0].ID, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	defer d.Close()
	if b, err := io.ReadAll(d); err != nil || !bytes.Equal(b, r.keptDoc) {
		r.t.Errorf("the job that stays is not whole: %v", err)
	}
}

// open gives the jobs among files that a vault with these shred keys opens,
// those that are cut short included: it has their keys.
func (r *rawImage) open(jobs map[string][]byte, shreds []byte) (opened []string) {
	r.t.Helper()
	dir := filepath.Join(folder(r.t), "vault")
	if err := os.Mkdir(dir, 0o700); err != nil {
		r.t.Fatal(err)
	}
	jobs["vault"] = nil
	for id, b := range jobs {
		name := id + ".job"
		if id == "vault" {
			name, b = "vault.shred", shreds
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
	delete(jobs, "vault")
	v, err := vault.Open(dir, vault.Options{Key: r.key})
	if err != nil {
		r.t.Fatal(err)
	}
	defer v.Close()
	for _, j := range v.Jobs() {
		opened = append(opened, j.ID.String())
	}
	for _, d := range v.Damaged() {
		if isCut(d.Err) {
			opened = append(opened, d.ID.String())
		}
	}
	return opened
}
