package peers

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// SNMPUser is a user of SNMPv3, in the words of net-snmp: Auth is MD5, SHA or
// SHA-256, Priv is DES or AES; either may be empty.
type SNMPUser struct {
	Name, Auth, AuthKey, Priv, PrivKey string
}

// StartSNMPSim starts snmpsimd on loopback, which ends with the test, and returns its
// port. Each file NAME.snmprec of the folder is a printer's answers to community
// NAME, and to the users in context NAME.
func StartSNMPSim(tb testing.TB, records string, users ...SNMPUser) (port int) {
	tb.Helper()
	program := Need(tb, "snmpsimd")
	dir := openFolder(tb)
	data, cache := filepath.Join(dir, "data"), filepath.Join(dir, "cache")
	// A copy: snmpsimd runs as user nobody, who may not enter every folder.
	if err := os.CopyFS(data, os.DirFS(records)); err != nil {
		tb.Fatal(err)
	}
	if err := openTree(data); err != nil {
		tb.Fatal(err)
	}
	if err := os.Mkdir(cache, 0o777); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chmod(cache, 0o777); err != nil {
		tb.Fatal(err)
	}
	port = freeUDP(tb)
	args := []string{
		"--data-dir=" + data, "--cache-dir=" + cache, "--agent-udpv4-endpoint=127.0.0.1:" + strconv.Itoa(port),
		"--logging-method=stderr",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--process-user=nobody", "--process-group=nogroup")
	}
	for _, u := range users {
		args = append(args, u.simulatorArgs()...)
	}
	startSaying(tb, exec.Command(program, args...), dir, "Listening at UDP/IPv4 endpoint")
	return port
}

func (u SNMPUser) simulatorArgs() []string {
	args := []string{"--v3-user=" + u.Name}
	if u.Auth != "" {
		args = append(args, "--v3-auth-key="+u.AuthKey, "--v3-auth-proto="+strings.ReplaceAll(u.Auth, "-", ""))
	}
	if u.Priv != "" {
		args = append(args, "--v3-priv-key="+u.PrivKey, "--v3-priv-proto="+u.Priv)
	}
	return args
}

// StartSNMPD starts net-snmp's snmpd on loopback, which ends with the test, and
// returns its port. conf is its snmpd.conf; the users may read all of it.
func StartSNMPD(tb testing.TB, conf string, users ...SNMPUser) (port int) {
	tb.Helper()
	program := Need(tb, "snmpd")
	dir := openFolder(tb)
	for _, u := range users {
		level := map[bool]string{true: "priv", false: "auth"}[u.Priv != ""]
		create := []string{"createUser", u.Name, u.Auth, u.AuthKey, u.Priv, u.PrivKey}
		conf += fmt.Sprintf("\n%s\nrouser %s %s\n", strings.TrimSpace(strings.Join(create, " ")), u.Name, level)
	}
	file := filepath.Join(dir, "snmpd.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		tb.Fatal(err)
	}
	port = freeUDP(tb)
	cmd := exec.Command(program, "-f", "-Le", "-C", "-c", file, "udp:127.0.0.1:"+strconv.Itoa(port))
	cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+dir, "SNMPCONFPATH="+dir)
	startSaying(tb, cmd, dir, "NET-SNMP version")
	return port
}

// startSaying starts a program and waits until its standard error has the text ready.
func startSaying(tb testing.TB, cmd *exec.Cmd, dir, ready string) {
	tb.Helper()
	name := filepath.Join(dir, "stderr")
	said, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer said.Close()
	cmd.Stderr, cmd.Dir = said, dir
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	tb.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
		if text, _ := os.ReadFile(name); tb.Failed() {
			tb.Logf("%s said:\n%s", cmd.Path, text[max(0, len(text)-4000):])
		}
	})
	Await(tb, cmd.Path+" listens", func() bool {
		select {
		case <-ended:
			tb.Fatalf("%s has ended", cmd.Path)
		default:
		}
		text, _ := os.ReadFile(name)
		return bytes.Contains(text, []byte(ready))
	})
}

// openFolder returns a new folder that every account may enter, unlike tb.TempDir.
func openFolder(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "snmp")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	return dir
}

// openTree lets every account read a folder and the files in it.
func openTree(dir string) error {
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		if err := os.Chmod(name, 0o644); err != nil {
			return err
		}
	}
	return err
}

// freeUDP returns a UDP port of loopback that was free a moment ago: the programs
// cannot choose a free port themselves.
func freeUDP(tb testing.TB) int {
	tb.Helper()
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatal(err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).Port
}
