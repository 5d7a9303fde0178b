//go:build unix

package endtoend

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/printscout/printscout/cloud"
	"github.com/printscout/printscout/delivery"
	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
	"github.com/printscout/printscout/internal/ipp"
	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/internal/settings"
	"github.com/printscout/printscout/scout"
)

// What a print client calls the document and its sender, and what printers say
// in every text of theirs.
const (
	wordsTitle = "Quxolorp"
	wordsUser  = "wibblefrotz"
	wordsEcho  = `Printed "` + wordsTitle + `" for ` + wordsUser
)

// TestWordsOfPrintersStayWithTheOwner prints a job at every printer of
// docs/simprinter.md, each of which repeats title and name in all that it
// says, by order of the server. Neither is then in a file of the server, in one
// of the scout, in what the server answers or in a log; and the owner is shown
// what the printers said.
func TestWordsOfPrintersStayWithTheOwner(t *testing.T) {
	t.Parallel()
	w := newWords(t)
	w.printAll()
	w.releaseAll()
	heard := w.heard()
	w.search()
	w.stop()
	w.search()
	if heard < 12 {
		t.Errorf("the owner is shown what %d printers said: the search may have had nothing to find", heard)
	}
}

// words is a server, a scout and a printer for each scenario, in this process.
type words struct {
	*testing.T
	dir     string
	log     lockedBuffer
	names   []string // of the printers: those of their scenarios
	agent   *control.Client
	api     *http.Client
	address string // of the server
	token   string
	said    bytes.Buffer // by the API
	stop    func()
}

// lockedBuffer takes what many goroutines log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.b.Bytes())
}

func (w *words) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func newWords(t *testing.T) *words {
	w := &words{T: t, dir: folder(t)}
	log := slog.New(slog.NewTextHandler(&w.log, nil))
	site, _, err := directory.CreateSite(filepath.Join(w.dir, "site"), "test", time.Now())
	w.must(err)
	for _, s := range simprinter.Scenarios() {
		w.must(site.AddPrinter(w.printer(s), time.Now()))
		w.names = append(w.names, s.Name)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	w.stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	t.Cleanup(w.stop)
	server := w.serve(ctx, &running, site.Public(), log)
	w.runScout(ctx, &running, log)
	bundle, err := server.Bundle(ctx, w.address, time.Hour)
	w.must(err)
	raw, err := json.Marshal(bundle)
	w.must(err)
	_, err = w.agent.Enroll(ctx, control.Enrollment{Bundle: raw})
	w.must(err)
	peers.Await(t, "the scout is connected and has the directory", func() bool {
		st, err := w.agent.Status(ctx)
		return err == nil && st.Connected && st.Printers == len(w.names)
	})
	return w
}

// printer starts one, and its agent, and makes the entry of the directory for
// it. What it does by the clock it does a hundred times faster.
func (w *words) printer(s simprinter.Scenario) directory.Printer {
	w.Helper()
	c := s.Config
	c.Echo = wordsEcho
	c.Dir = filepath.Join(w.dir, "out", s.Name)
	c.After = func(d time.Duration) <-chan time.Time { return time.After(d / 100) }
	p, err := simprinter.Start(c)
	w.must(err)
	w.Cleanup(func() { p.Close() })
	of, err := s.SNMP.Agent(p.Serial())
	w.must(err)
	of.Printer.Console, of.Printer.Name, of.Printer.Location, of.Printer.Model = wordsEcho, wordsEcho, wordsEcho, wordsEcho
	of.Printer.ID1284 = "MFG:Software;MDL:Printer;CMD:PDF,PS,PCL,PJL;"
	for i := range of.Printer.Alerts {
		of.Printer.Alerts[i].Text += " " + wordsEcho
	}
	agent, err := simprinter.StartAgent(of)
	w.must(err)
	w.Cleanup(func() { agent.Close() })
	return entryFor(s.Name, p, agent)
}

// entryFor has every way to a printer, and its pin where it has a key.
func entryFor(name string, p *simprinter.Printer, agent *simprinter.Agent) directory.Printer {
	uris := slices.DeleteFunc([]string{p.URI(), p.PlainURI(), p.RawURI()}, func(uri string) bool { return uri == "" })
	pin := ""
	if p.URI() != "" {
		pin = directory.PinOf(p.Certificate().RawSubjectPublicKeyInfo)
	}
	e := directory.NewPrinter(name, uris, pin, "")
	e.Floor = directory.GradeRaw
	if p.URI() == "" && p.PlainURI() == "" {
		e.Formats, e.PJL = []string{"application/pdf"}, true
	}
	e.SNMP = &directory.SNMP{Version: "2c", Port: agent.Port()}
	return e
}

func (w *words) serve(ctx context.Context, running *sync.WaitGroup, site directory.Public, log *slog.Logger) *cloud.Server {
	w.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	w.address = "https://" + l.Addr().String()
	server, err := cloud.New(cloud.Config{DataDir: w.data(), Site: site, SiteDir: filepath.Join(w.dir, "site"), Log: log})
	w.must(err)
	running.Go(func() {
		if err := server.Serve(ctx, l); err != nil {
			w.Errorf("the server: %v", err)
		}
		if err := server.Close(); err != nil {
			w.Errorf("the server: %v", err)
		}
	})
	w.token, err = server.APIToken(ctx, "test")
	w.must(err)
	w.api = &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	w.Cleanup(w.api.CloseIdleConnections)
	return server
}

func (w *words) runScout(ctx context.Context, running *sync.WaitGroup, log *slog.Logger) {
	w.Helper()
	v := settings.Defaults()
	v.StateDir, v.ControlPath, v.Port, v.MinFreeMB = w.state(), filepath.Join(w.dir, "s"), 0, 0
	agent, err := scout.New(scout.Config{Settings: v, Version: "test", Log: log, Delivery: delivery.Config{Timeouts: delivery.Timeouts{
		Connect: 2 * time.Second, Wake: time.Second, Ready: time.Second, Answer: 2 * time.Second, Body: 2 * time.Second, Settle: time.Second,
		Lost: 2 * time.Second, Unchanged: 2 * time.Second, Follow: 5 * time.Second,
	}}})
	w.must(err)
	running.Go(func() {
		if err := agent.Run(ctx); err != nil {
			w.Errorf("the scout: %v", err)
		}
	})
	w.agent = control.NewClient(v.ControlPath)
	w.Cleanup(w.agent.Close)
	peers.Await(w, "the scout answers", func() bool {
		_, err := w.agent.Status(ctx)
		return err == nil
	})
}

func (w *words) data() string  { return filepath.Join(w.dir, "data") }
func (w *words) state() string { return filepath.Join(w.dir, "state") }

// printAll prints a job for each printer, named after it.
func (w *words) printAll() {
	w.Helper()
	st, err := w.agent.Status(w.Context())
	w.must(err)
	c := &ipp.Client{HTTP: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, URI: st.PrinterURI}
	doc := pdf(300 << 10) // more than the 64 and 96 KiB behind which scenarios fail
	for _, name := range w.names {
		_, err := c.Print(w.Context(), ipp.PrintJob{Title: wordsTitle + " " + name, User: wordsUser, Format: "application/pdf"},
			ipp.Document{Reader: bytes.NewReader(doc), Size: int64(len(doc))})
		w.must(err)
	}
}

// releaseAll has the server order each job at its printer, and waits for all
// results.
func (w *words) releaseAll() {
	w.Helper()
	all, err := w.agent.Jobs(w.Context())
	w.must(err)
	if len(all) != len(w.names) {
		w.Fatalf("%d of %d jobs are parked", len(all), len(w.names))
	}
	peers.Await(w, "the server knows of all jobs", func() bool {
		var known []json.RawMessage
		w.ask("GET", "/v1/jobs", nil, &known)
		return len(known) == len(all)
	})
	for _, j := range all {
		w.ask("POST", "/v1/releases", map[string]any{"jobs": []string{j.ID}, "printer": strings.TrimPrefix(j.Title, wordsTitle+" ")}, nil)
	}
	var ended []struct {
		State  string
		Result *released
	}
	peers.Await(w, "every order has a result", func() bool {
		w.ask("GET", "/v1/releases?limit=1000", nil, &ended)
		for _, o := range ended {
			if o.State != "done" {
				return false
			}
		}
		return len(ended) == len(all)
	})
	states := map[string]int{}
	for _, o := range ended {
		states[string(o.Result.State)]++
		if !outcome.IsReason(o.Result.Reason) && o.Result.Reason != "" || o.Result.Reason == outcome.ReasonOther || len(o.Result.Evidence) == 0 {
			w.Errorf("%+v", o.Result)
		}
	}
	w.Logf("%v", states)
	if states["delivered"] < 40 || states["uncertain"] < 8 || states["not_sent"] < 10 {
		w.Errorf("the printers do not behave as they should: %v", states)
	}
}

// ask asks the API and keeps what it says.
func (w *words) ask(method, path string, body, to any) {
	w.Helper()
	raw, err := json.Marshal(body)
	w.must(err)
	q, err := http.NewRequestWithContext(w.Context(), method, w.address+path, bytes.NewReader(raw))
	w.must(err)
	q.Header.Set("Authorization", "Bearer "+w.token)
	a, err := w.api.Do(q)
	w.must(err)
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	w.must(err)
	w.said.Write(b)
	if a.StatusCode >= 300 {
		w.Fatalf("%s %s: %d %s", method, path, a.StatusCode, b)
	}
	if to != nil {
		w.must(json.Unmarshal(b, to))
	}
}

// heard is of how many jobs the owner is shown what a printer said.
func (w *words) heard() (n int) {
	w.Helper()
	all, err := w.agent.Jobs(w.Context())
	w.must(err)
	for _, j := range all {
		if strings.Contains(strings.Join(append(j.Evidence, j.Reason), " "), wordsUser) {
			n++
		}
	}
	w.Logf("of %d jobs that rest, the owner is shown the printer's words of %d", len(all), n)
	return n
}

// search looks for both markers everywhere but where the printers keep what
// they got.
func (w *words) search() {
	w.Helper()
	places := map[string][]byte{"a log": w.log.bytes(), "an answer of the server": w.said.Bytes()}
	for _, dir := range []string{w.data(), w.state()} {
		all := files(w, dir)
		if len(all) == 0 {
			w.Errorf("%s is empty", dir)
		}
		for _, name := range all {
			b, err := os.ReadFile(name)
			if errors.Is(err, fs.ErrNotExist) {
				continue // gone meanwhile
			}
			w.must(err)
			places[strings.TrimPrefix(name, w.dir)] = b
		}
	}
	for _, name := range []string{"/state/orders.log", "/state/printers.json"} {
		if len(places[name]) == 0 {
			w.Errorf("there is no %s", name)
		}
	}
	for place, b := range places {
		b = bytes.ToLower(b)
		for _, marker := range []string{wordsTitle, wordsUser} {
			for form, mark := range spelled(strings.ToLower(marker)) {
				if at := bytes.Index(b, mark); at >= 0 {
					w.Errorf("%s has %q (%s): %q", place, marker, form, b[max(0, at-100):min(len(b), at+100)])
				}
			}
		}
	}
}

// spelled are the bytes of a text as UTF-8 and as UTF-16 of either order.
func spelled(s string) map[string][]byte {
	var little, big []byte
	for _, u := range utf16.Encode([]rune(s)) {
		little, big = binary.LittleEndian.AppendUint16(little, u), binary.BigEndian.AppendUint16(big, u)
	}
	return map[string][]byte{"UTF-8": []byte(s), "UTF-16LE": little, "UTF-16BE": big}
}
