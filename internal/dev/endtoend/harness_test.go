//go:build unix

package endtoend

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var printscout, scoutcloud string

// roles are what a run of the test binary is, by the variable that is set for it.
var roles = map[string]func(task string) int{listenVariable: listenUntilEOF}

// TestMain builds the binaries once, as make build does.
func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	for variable, role := range roles {
		if task := os.Getenv(variable); task != "" {
			return role(task)
		}
	}
	if flag.Parse(); testing.Short() {
		fmt.Println("left out of a short run: the binaries")
		return 0
	}
	dir, err := os.MkdirTemp("", "ps")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	// Other users run the binaries too.
	os.Chmod(dir, 0o755)
	for name, path := range map[string]*string{"printscout": &printscout, "scoutcloud": &scoutcloud} {
		*path = filepath.Join(dir, name)
		build := exec.Command("go", "build", "-o", *path, "../../../cmd/"+name)
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "building %s: %v\n%s", name, err, out)
			return 1
		}
	}
	_ = flag.Set("test.parallel", "4") // those that run side by side wait more than they compute
	return m.Run()
}

// patience bounds every wait; nothing that works takes a tenth of it.
const patience = 60 * time.Second

// folder is a short path: sockets have room for about a hundred characters.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ps")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// result is how a command went.
type result struct {
	code           int
	stdout, stderr string
}

// command runs a program to its end.
func command(t testing.TB, name string, args ...string) result {
	t.Helper()
	return commandIn(t, "", name, args...)
}

func commandIn(t testing.TB, stdin, name string, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	return finish(t, exec.CommandContext(ctx, name, args...), stdin)
}

func finish(t testing.TB, c *exec.Cmd, stdin string) (r result) {
	t.Helper()
	var out, errs bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &errs
	err := c.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatalf("running %s: %v", c, err)
	}
	return result{c.ProcessState.ExitCode(), out.String(), errs.String()}
}

// must runs a program that has to succeed.
func must(t testing.TB, name string, args ...string) string {
	t.Helper()
	r := command(t, name, args...)
	if r.code != 0 {
		t.Fatalf("%s %s: exit %d\n%s%s", filepath.Base(name), strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

func decode[T any](t testing.TB, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("reading %q: %v", text, err)
	}
	return v
}

// process is a program that goes on running.
type process struct {
	*exec.Cmd
	ended chan struct{}
	mu    sync.Mutex
	log   bytes.Buffer
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// start runs a program in the background until the test ends.
func start(t testing.TB, c *exec.Cmd) *process {
	t.Helper()
	p := &process{Cmd: c, ended: make(chan struct{})}
	if c.Stdout == nil {
		c.Stdout = p
	}
	c.Stderr = p
	if err := c.Start(); err != nil {
		t.Fatalf("starting %s: %v", c, err)
	}
	go func() {
		defer close(p.ended)
		c.Wait()
	}()
	t.Cleanup(func() {
		p.stop(syscall.SIGTERM)
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(c.Path), tail(p.output(), 4000))
		}
	})
	return p
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

// stop signals a process, waits for its end and says how it ended.
func (p *process) stop(sig syscall.Signal) int {
	p.Process.Signal(sig)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.Process.Kill()
		<-p.ended
	}
	return p.ProcessState.ExitCode()
}

// demo is a running scoutcloud demo and what its demo.json says.
type demo struct {
	*process
	IPPURL     string `json:"ipp_url"`
	CloudURL   string `json:"cloud_url"`
	CloudCA    string `json:"cloud_ca"`
	APIToken   string `json:"api_token"`
	Control    string `json:"control"`
	LocalURL   string `json:"local_url"`
	PrinterURL string `json:"printer_url"`
	PrinterOut string `json:"printer_out"`
	VaultDir   string `json:"vault_dir"`
	ServerDir  string `json:"server_dir"`
	ScoutPID   int    `json:"scout_pid"`
}

// startDemo starts a demo that prints nothing by itself.
func startDemo(t testing.TB, dir string, args ...string) *demo {
	t.Helper()
	return startDemoBy(t, exec.Command(scoutcloud, append([]string{"demo", "--document", "none", "--json", "--data", dir}, args...)...))
}

// startDemoBy starts one by a command that becomes it.
func startDemoBy(t testing.TB, c *exec.Cmd) *demo {
	t.Helper()
	out, in := io.Pipe()
	c.Stdout = in
	d := &demo{process: start(t, c)}
	go func() {
		<-d.ended
		in.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the demo did not come up: %v\n%s", err, d.output())
	}
	go io.Copy(io.Discard, out)
	if err := json.Unmarshal([]byte(line), d); err != nil {
		t.Fatalf("the demo said %q: %v", line, err)
	}
	return d
}

// scout runs a command against the demo's scout.
func (d *demo) scout(t testing.TB, args ...string) result {
	t.Helper()
	return command(t, printscout, append([]string{"--control", d.Control}, args...)...)
}

// job is what job list --json promises.
type job struct {
	ID             string `json:"id"`
	Title          string `json:"title"`
	User           string `json:"user"`
	UserSource     string `json:"user_source"`
	State          string `json:"state"`
	Documents      int    `json:"documents"`
	Format         string `json:"format"`
	Pages          *int   `json:"pages"`
	PagesCertainty string `json:"pages_certainty"`
	Copies         int    `json:"copies"`
	Sides          string `json:"sides"`
	Bytes          int64  `json:"bytes"`
	Reason         string `json:"reason"`
}

// released is what job release --wait --json promises.
type released struct {
	Job           string   `json:"job"`
	Printer       string   `json:"printer"`
	State         string   `json:"state"`
	Reason        string   `json:"reason"`
	Message       string   `json:"message"`
	Protocol      string   `json:"protocol"`
	Grade         string   `json:"grade"`
	EvidenceLevel string   `json:"evidence_level"`
	Evidence      []string `json:"evidence"`
	PagesPrinted  *int     `json:"pages_printed"`
}

func (d *demo) jobs(t testing.TB) []job {
	t.Helper()
	r := d.scout(t, "job", "list", "--json")
	if r.code != 0 {
		t.Fatalf("job list: exit %d: %s", r.code, r.stderr)
	}
	return decode[[]job](t, r.stdout)
}

// release releases everything and says how that went.
func (d *demo) release(t testing.TB) (results []released, code int) {
	t.Helper()
	r := d.scout(t, "job", "release", "--all", "--printer", "demo", "--wait", "--json")
	if r.stdout == "" {
		t.Fatalf("job release: exit %d: %s", r.code, r.stderr)
	}
	return decode[[]released](t, r.stdout), r.code
}

// write makes a document of the test's own.
func write(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(folder(t), name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// files are the regular files under a folder.
func files(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil && d.Type().IsRegular() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// noTrace fails if any 16 bytes of the document are in a file under a folder.
func noTrace(t testing.TB, doc []byte, dirs ...string) {
	t.Helper()
	const run = 16
	pieces := map[string]bool{}
	for i := 0; i+run <= len(doc); i++ {
		pieces[string(doc[i:i+run])] = true
	}
	for _, dir := range dirs {
		for _, name := range files(t, dir) {
			b, err := os.ReadFile(name)
			if err != nil {
				continue // gone meanwhile
			}
			for i := 0; i+run <= len(b); i++ {
				if pieces[string(b[i:i+run])] {
					t.Fatalf("16 bytes of the document are in %s at %d: %q", name, i, b[i:i+run])
				}
			}
		}
	}
}

// sameFile fails unless the folder holds one file and that is the document.
func sameFile(t testing.TB, dir string, doc []byte) {
	t.Helper()
	names := files(t, dir)
	if len(names) != 1 {
		t.Fatalf("the printer got %d files: %v", len(names), names)
	}
	b, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, doc) {
		t.Fatalf("the printer got %d bytes that are not the %d printed", len(b), len(doc))
	}
}

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
