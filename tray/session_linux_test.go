package tray

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/printscout/printscout/internal/control"
	"github.com/printscout/printscout/internal/dev/peers"
)

// socketEnv makes the test binary a tray of the agent at that socket, which
// writes the pages that it would open to the file that pagesEnv names.
const (
	socketEnv = "PRINTSCOUT_TEST_TRAY"
	pagesEnv  = "PRINTSCOUT_TEST_PAGES"
)

func init() { roles[socketEnv] = beTray }

func beTray() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	err := Run(ctx, Config{
		Agent: control.NewClient(os.Getenv(socketEnv)), Pages: pagesFile(os.Getenv(pagesEnv)), Preferences: new(lately), Texts: inEnglish, Log: log,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// pagesFile is a file that pages are written to.
type pagesFile string

func (p pagesFile) Open(page string) error {
	f, err := os.OpenFile(string(p), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = fmt.Fprintln(f, page)
	return err
}

// lately are preferences that last as long as the tray.
type lately struct{ ids []string }

func (l *lately) Recent() []string    { return l.ids }
func (l *lately) Favorites() []string { return nil }
func (l *lately) Used(id string) error {
	l.ids = append([]string{id}, l.ids...)
	return nil
}

// session is a desktop session of a test: a folder and a bus.
type session struct {
	t   *testing.T
	dir string
	env []string
	as  *syscall.Credential // nil for whoever tests
	bus *running
}

// newSession starts a bus of its own.
func newSession(t *testing.T) *session { return newSessionOf(t, nil) }

// newSessionOf starts the session of an account.
func newSessionOf(t *testing.T, as *syscall.Credential) *session {
	t.Helper()
	daemon := peers.Need(t, "dbus-daemon")
	dir, err := os.MkdirTemp("", "ps")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	address := "unix:path=" + filepath.Join(dir, "bus")
	s := &session{t: t, dir: dir, as: as, env: append(os.Environ(), "XDG_RUNTIME_DIR="+dir, busVariable+"="+address, "HOME="+dir)}
	c := exec.Command(daemon, "--session", "--nofork", "--nopidfile", "--address="+address, "--print-address=1")
	c.Env = s.env
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.bus = s.start(c)
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatalf("starting a session bus: %v", err)
	}
	return s
}

// start runs a program until the test ends.
func (s *session) start(c *exec.Cmd) *running {
	s.t.Helper()
	p := &running{Cmd: c, over: make(chan struct{})}
	if c.Env == nil {
		c.Env = s.env
	}
	if s.as != nil {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	}
	if c.Stdout == nil {
		c.Stdout = p
	}
	c.Stderr = p
	if err := c.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() { defer close(p.over); c.Wait() }()
	s.t.Cleanup(func() {
		p.end()
		if s.t.Failed() {
			s.t.Logf("%s said:\n%s", filepath.Base(c.Path), p.said())
		}
	})
	return p
}

// running is a program of a session.
type running struct {
	*exec.Cmd
	over chan struct{}
	mu   sync.Mutex
	log  bytes.Buffer
}

func (p *running) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

func (p *running) said() string { p.mu.Lock(); defer p.mu.Unlock(); return p.log.String() }

func (p *running) end() {
	p.Process.Signal(syscall.SIGTERM)
	<-p.over
}

// tray starts one for the agent at a socket.
func (s *session) tray(path string) *running {
	s.t.Helper()
	c := exec.Command(os.Args[0])
	// systray asks for its menu's version without its lock, which the race
	// detector sees; it is no end of the tray.
	c.Env = append(s.env, "GORACE=exitcode=0", socketEnv+"="+path, pagesEnv+"="+filepath.Join(s.dir, "pages"))
	return s.start(c)
}

// pages returns those that the tray has opened.
func (s *session) pages() []string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "pages"))
	return strings.Fields(string(text))
}

// dial connects to the session's bus.
func (s *session) dial() *dbus.Conn {
	s.t.Helper()
	if s.as != nil { // a bus is for the one account alone, and asks the kernel
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		become(s.as.Uid)
		defer become(0)
	}
	conn, err := dbus.Connect("unix:path=" + filepath.Join(s.dir, "bus"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// become makes the thread, not the process, one of an account.
func become(uid uint32) {
	const same = ^uintptr(0)
	syscall.RawSyscall(syscall.SYS_SETRESUID, same, uintptr(uid), same)
}
