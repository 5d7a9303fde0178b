//go:build unix

package endtoend

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// listenVariable makes a run of the test binary a program that listens at an
// address until its input ends.
const listenVariable = "ENDTOEND_LISTEN"

func listenUntilEOF(at string) int {
	l, err := net.Listen("tcp", at)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer l.Close()
	fmt.Println("listening")
	io.Copy(io.Discard, os.Stdin)
	return 0
}

// listener starts that program by a command before it.
func listener(t *testing.T, at string, before ...string) (stop func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	words := append(before, self)
	c := exec.Command(words[0], words[1:]...)
	c.Env = append(os.Environ(), listenVariable+"="+at)
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stop = func() { in.Close(); c.Wait() }
	t.Cleanup(stop)
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "listening\n" {
		t.Fatalf("the other program says %q, %v", line, err)
	}
	return stop
}

// TestThePortIsTaken has another program hold the agent's port before it
// starts: the agent says who it is and ends, and status warns of it.
func TestThePortIsTaken(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1"} {
		t.Run(host, func(t *testing.T) {
			if l, err := net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
				peers.Missing(t, "IPv6")
			} else {
				l.Close()
			}
			dir, port := folder(t), strconv.Itoa(peers.Port(t))
			at := net.JoinHostPort(host, port)
			config := write(t, "config.json", fmt.Appendf(nil, `{"Port": %s, "StateDir": %q, "ControlPath": %q}`, port, filepath.Join(dir, "state"), filepath.Join(dir, "sock")))
			if r := command(t, printscout, "--config", config, "status"); r.code != 11 || strings.Contains(r.stderr, "another program") {
				t.Errorf("status before: exit %d: %s", r.code, r.stderr)
			}
			stop := listener(t, at)

			r := command(t, printscout, "--config", config, "service")
			wants(t, "service", r, 1, "port "+port+" is used by another program, at "+at, "hint: stop that program, or set another Port")
			s := command(t, printscout, "--config", config, "status")
			wants(t, "status", s, 11, "yet at "+at+", where apps print, another program answers", "It is not Print Scout", "hint: print nothing")
			if _, err := os.Stat("/proc/self/net/tcp"); err == nil {
				who := fmt.Sprintf("%q of the user ", "endtoend.test")
				wants(t, "service", r, 1, who)
				wants(t, "status", s, 11, who)
			}
			stop()
			if r := command(t, printscout, "--config", config, "status"); r.code != 11 || strings.Contains(r.stderr, "another program") {
				t.Errorf("status afterwards: exit %d: %s", r.code, r.stderr)
			}
		})
	}
}

func wants(t *testing.T, what string, r result, code int, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if r.code != code || !strings.Contains(r.stderr, text) {
			t.Errorf("%s: exit %d, without %q: %s", what, r.code, text, r.stderr)
		}
	}
}

// TestIPv6AppearsAfterTheStart has the demo in a network of its own that gets
// its ::1 only later, and then another program there.
func TestIPv6AppearsAfterTheStart(t *testing.T) {
	peers.NeedRoot(t)
	for _, name := range []string{"unshare", "nsenter", "ip"} {
		peers.Need(t, name)
	}
	const ipv6 = "/proc/sys/net/ipv6/conf/lo/disable_ipv6"
	if exec.Command("unshare", "-n", "sh", "-c", "ip link set lo up && echo 1 >"+ipv6+" && echo 0 >"+ipv6).Run() != nil {
		peers.Missing(t, "a network namespace with IPv6")
	}
	dir := folder(t)
	d := startDemoBy(t, exec.Command("unshare", "-n", "sh", "-c", "ip link set lo up && echo 1 >"+ipv6+` && exec "$0" "$@"`,
		scoutcloud, "demo", "--document", "none", "--json", "--data", dir))
	within := []string{"nsenter", "-t", strconv.Itoa(d.ScoutPID), "-n"}
	u, err := url.Parse(d.IPPURL)
	if err != nil {
		t.Fatal(err)
	}
	at := net.JoinHostPort("::1", u.Port())

	d.answered(t, 0, map[string]string{"127.0.0.1:" + u.Port(): "us"})
	must(t, within[0], append(within[1:], "sh", "-c", "echo 0 >"+ipv6)...)
	peers.Await(t, "the new address is noticed", func() bool { return d.scout(t, "status").code == 3 })
	d.answered(t, 3, map[string]string{"127.0.0.1:" + u.Port(): "us", at: "nobody"})

	stop := listener(t, at, within...)
	peers.Await(t, "the other program is noticed", func() bool { return strings.Contains(d.scout(t, "status").stdout, "another program answers") })
	d.answered(t, 3, map[string]string{"127.0.0.1:" + u.Port(): "us", at: "somebody"})
	r := d.scout(t, "status")
	if !strings.Contains(r.stdout, "At "+at+" another program answers: ") || !strings.Contains(r.stdout, "goes to it and not to Print Scout") || !strings.Contains(r.stderr, "hint: stop whatever else listens there") {
		t.Errorf("%s%s", r.stdout, r.stderr)
	}
	for _, word := range []string{"does not answer on its own port", "answers=nobody", "answers=somebody"} {
		if log := string(read(t, filepath.Join(dir, "scout.log"))); !strings.Contains(log, word) {
			t.Errorf("the log does not say %q:\n%s", word, log)
		}
	}
	stop()
	must(t, within[0], append(within[1:], "sh", "-c", "echo 1 >"+ipv6)...)
	peers.Await(t, "all is well again", func() bool { return d.scout(t, "status").code == 0 })
}

// answered compares what status --json says of who answers.
func (d *demo) answered(t *testing.T, code int, want map[string]string) {
	t.Helper()
	r := d.scout(t, "status", "--json")
	s := decode[struct {
		Answers []struct{ Address, Who string }
	}](t, r.stdout)
	got := map[string]string{}
	for _, a := range s.Answers {
		got[a.Address] = a.Who
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || r.code != code {
		t.Errorf("exit %d: %v, want %v", r.code, got, want)
	}
}
