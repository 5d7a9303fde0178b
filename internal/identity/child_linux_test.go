package identity

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// dialEnv makes the test binary a client: lines of its input make it connect, listen
// at an address, or close all connections; it reports each connection, and closes
// them when its input ends.
const dialEnv = "IDENTITY_TEST_DIAL"

func TestMain(m *testing.M) {
	if os.Getenv(dialEnv) != "" {
		if err := dialAndWait(os.Getenv(dialEnv)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func dialAndWait(addr string) error {
	var open []net.Conn
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		word, at, _ := strings.Cut(in.Text(), " ")
		switch word {
		case "listen":
			l, err := net.Listen("tcp", at)
			if err != nil {
				return err
			}
			defer l.Close()
		case "dial":
			c, err := net.Dial("tcp", addr)
			if err != nil {
				return err
			}
			open = append(open, c)
		case "close":
			for _, c := range open {
				c.Close()
			}
		}
		fmt.Println("done")
	}
	return nil
}

// clientProcess is a client that runs as another user.
type clientProcess struct {
	in  io.WriteCloser
	out *bufio.Reader
	l   net.Listener
}

// startAs starts a client as another user, who must be able to read our program.
func startAs(t *testing.T, program, account string, l net.Listener) *clientProcess {
	t.Helper()
	u, err := user.Lookup(account)
	if err != nil {
		peers.Missing(t, "account "+account)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	cmd := exec.Command(program)
	cmd.Dir = "/"
	// Without the second the race detector makes each client end a second late.
	cmd.Env = []string{dialEnv + "=" + l.Addr().String(), "GORACE=atexit_sleep_ms=0"}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	return &clientProcess{in: in, out: bufio.NewReader(out), l: l}
}

// copyOfTestBinary returns a copy of the test binary that every user may run.
func copyOfTestBinary(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "identity")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "client")
	if err := os.WriteFile(path, self, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func (c *clientProcess) tell(t *testing.T, word string) {
	t.Helper()
	if _, err := fmt.Fprintln(c.in, word); err != nil {
		t.Fatal(err)
	}
	if line, err := c.out.ReadString('\n'); strings.TrimSpace(line) != "done" {
		t.Fatalf("the client said %q, %v", line, err)
	}
}

// connect has the client connect and returns the server's end.
func (c *clientProcess) connect(t *testing.T) net.Conn {
	t.Helper()
	c.tell(t, "dial")
	s := acceptOne(t, c.l)
	t.Cleanup(func() { s.Close() })
	return s
}
