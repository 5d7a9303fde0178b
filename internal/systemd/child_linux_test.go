package systemd

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The tests of this file run the test binary again as a service that systemd has
// started: as the same process, since LISTEN_PID names it.
const childVariable = "SYSTEMD_TEST_CHILD"

// runChild prints what the service was given, and what a child of it would find.
func runChild() int {
	files, err := Sockets()
	for _, f := range files {
		l, err := net.FileListener(f)
		if err != nil {
			fmt.Println(f.Name(), err)
			return 1
		}
		fmt.Println(f.Name(), l.Addr())
	}
	again, againErr := Sockets()
	fmt.Println(len(files), err, len(again), againErr)
	n := NewNotifier()
	fmt.Println(n.Ready(), n.Stopping())
	out, err := exec.Command("/bin/sh", "-c", "env | grep -c -E '^(LISTEN|NOTIFY|WATCHDOG)'; ls -l /proc/self/fd | grep -c socket").CombinedOutput()
	fmt.Printf("%s%v\n", out, err)
	return 0
}

// service returns the test binary as a service, with the file as the socket that
// it inherits. The shell, which has the process id that the service will have,
// stands for systemd.
func service(t *testing.T, f *os.File, environ ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("/bin/sh", "-c", "export LISTEN_PID=$$; exec "+self)
	c.Env = append(environ, childVariable+"=1", "LISTEN_FDS=1", "PATH="+os.Getenv("PATH"))
	c.ExtraFiles = []*os.File{f}
	return c
}

func TestService(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, socket := range []string{filepath.Join(t.TempDir(), "notify"), "@printscout-test-" + filepath.Base(t.TempDir())} {
		told, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
		if err != nil {
			t.Fatal(err)
		}
		out, err := service(t, f, "LISTEN_FDNAMES=ipp", "NOTIFY_SOCKET="+socket).CombinedOutput()
		want := fmt.Sprintf("ipp %s\n1 <nil> 0 <nil>\n<nil> <nil>\n0\n0\nexit status 1\n", l.Addr())
		if err != nil || string(out) != want {
			t.Errorf("%v, said:\n%s\nwant:\n%s", err, out, want)
		}
		var states []string
		for range 2 {
			b := make([]byte, 100)
			n, err := told.Read(b)
			if err != nil {
				t.Fatal(err)
			}
			states = append(states, string(b[:n]))
		}
		told.Close()
		if got := strings.Join(states, " "); got != "READY=1 STOPPING=1" {
			t.Errorf("told %s", got)
		}
	}
}

func TestServiceWhoseSystemdIsGone(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out, err := service(t, f, "LISTEN_FDNAMES=a:b", "NOTIFY_SOCKET="+filepath.Join(t.TempDir(), "absent")).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "2 names for 1 sockets") || strings.Count(string(out), "telling systemd: ") != 2 {
		t.Errorf("%v, said:\n%s", err, out)
	}
}
