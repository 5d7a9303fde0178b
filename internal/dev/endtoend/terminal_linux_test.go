package endtoend

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/printscout/printscout/internal/dev/peers"
)

// terminal is a pseudo terminal: what a program shows there, and what a
// person types.
type terminal struct {
	*os.File
	mu    sync.Mutex
	shown strings.Builder
}

// onTerminal runs a program at a terminal.
func onTerminal(t testing.TB, c *exec.Cmd) (*terminal, *exec.Cmd) {
	t.Helper()
	ptmx, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ptmx.Close() })
	if err := unix.IoctlSetPointerInt(int(ptmx.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(ptmx.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	tty, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	c.Stdin, c.Stdout, c.Stderr = tty, tty, tty
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	term := &terminal{File: ptmx}
	go term.watch()
	return term, c
}

// watch reads until the program, and with it the terminal, is gone.
func (t *terminal) watch() {
	b := make([]byte, 4096)
	for {
		n, err := t.Read(b)
		t.mu.Lock()
		t.shown.Write(b[:n])
		t.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// echoes reports whether the terminal shows what is typed.
func (t *terminal) echoes() bool {
	mode, err := unix.IoctlGetTermios(int(t.Fd()), unix.TCGETS)
	return err != nil || mode.Lflag&unix.ECHO != 0
}

func (t *terminal) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.shown.String()
}

// TestPINIsAskedAtATerminal types a PIN where the command asks for it; it is
// not shown.
func TestPINIsAskedAtATerminal(t *testing.T) {
	const pin = "typed-4711"
	s := newSite(t).up()
	j := s.printPIN(pdf(5_000), pin)
	term, c := onTerminal(t, exec.Command(printscout, "--control", s.control, "job", "release", j.ID[:30], "--printer", "lobby", "--wait"))
	peers.Await(t, "it asks", func() bool { return strings.Contains(term.text(), "PIN of job "+j.ID+": ") })
	peers.Await(t, "it shows nothing of what is typed", func() bool { return !term.echoes() })
	if _, err := term.WriteString(pin + "\r"); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, term.text())
	}
	peers.Await(t, "it says what became of it", func() bool { return strings.Contains(term.text(), "delivered at lobby") })
	if strings.Contains(term.text(), pin) {
		t.Errorf("the PIN is shown: %s", term.text())
	}
	if got := files(t, s.out); len(got) != 1 {
		t.Errorf("it printed %v", got)
	}
}
