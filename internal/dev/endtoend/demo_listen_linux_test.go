package endtoend

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// TestDemoListensOnLoopback looks at every socket of the demo and its child
// processes, before and after it has printed.
func TestDemoListensOnLoopback(t *testing.T) {
	d := startDemo(t, folder(t), "--printer-scenario", "snmp-jam") // a printer that has an SNMP agent too
	wantLoopback(t, d)
	must(t, peers.Need(t, "ipptool"), "-tf", write(t, "d.pdf", pdf(10_000)), d.IPPURL, "print-job.test")
	if results, code := d.release(t); code != 0 {
		t.Fatalf("exit %d: %+v", code, results)
	}
	wantLoopback(t, d)
}

func wantLoopback(t *testing.T, d *demo) {
	t.Helper()
	pids := family(t, d.Process.Pid)
	if !slices.Contains(pids, d.ScoutPID) {
		t.Fatalf("the scout is not among the processes %v", pids)
	}
	ports, udp := map[string]bool{}, 0
	for _, pid := range pids {
		for _, s := range listeners(t, pid) {
			if !s.at.Addr().Unmap().IsLoopback() {
				t.Errorf("process %d listens at %s %s", pid, s.protocol, s.at)
			}
			ports[fmt.Sprint(s.at.Port())] = true
			if strings.HasPrefix(s.protocol, "udp") {
				udp++
			}
		}
	}
	for _, url := range []string{d.IPPURL, d.CloudURL, d.PrinterURL} {
		_, rest, _ := strings.Cut(url, "://")
		address, _, _ := strings.Cut(rest, "/")
		if port := address[strings.LastIndex(address, ":")+1:]; !ports[port] {
			t.Errorf("nothing listens at %s: the search does not find everything", url)
		}
	}
	if udp == 0 {
		t.Error("the SNMP agent is not found")
	}
}

// family returns a process and all that descend from it.
func family(t *testing.T, pid int) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	children := map[int][]int{}
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // gone meanwhile
		}
		f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:])) // proc(5): state, ppid
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if parent, err := strconv.Atoi(f[1]); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// socket is one that anybody may send to.
type socket struct {
	protocol string
	at       netip.AddrPort
}

// listeners returns the sockets of a process that wait for others.
func listeners(t *testing.T, pid int) (all []socket) {
	t.Helper()
	proc := "/proc/" + strconv.Itoa(pid)
	mine := inodes(t, proc+"/fd")
	for protocol, state := range map[string]string{"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"} { // TCP_LISTEN, and UDP without a peer
		for line := range strings.Lines(string(read(t, proc+"/net/"+protocol))) {
			f := strings.Fields(line)
			if len(f) < 10 || f[3] != state || !mine[f[9]] {
				continue
			}
			all = append(all, socket{protocol, procAddress(t, f[1])})
		}
	}
	return all
}

// inodes of the sockets that a process has open.
func inodes(t *testing.T, dir string) map[string]bool {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, e := range entries {
		to, err := os.Readlink(filepath.Join(dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // closed meanwhile
		}
		if err != nil {
			t.Fatal(err)
		}
		if inode, ok := strings.CutPrefix(to, "socket:["); ok {
			all[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return all
}

// procAddress reads an address of /proc/net: words of 32 bits in the order of
// a little-endian processor, and the port.
func procAddress(t *testing.T, text string) netip.AddrPort {
	t.Helper()
	host, port, _ := strings.Cut(text, ":")
	b, err := hex.DecodeString(host)
	if err != nil {
		t.Fatal(err)
	}
	for word := range slices.Chunk(b, 4) {
		slices.Reverse(word)
	}
	addr, ok := netip.AddrFromSlice(b)
	n, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil {
		t.Fatalf("reading %q: %v", text, err)
	}
	return netip.AddrPortFrom(addr, uint16(n))
}
