package local

import (
	"bufio"
	"bytes"
	"net/url"
	"strings"
)

// queueName is what the print queue is called that the wizard makes.
const queueName = "PrintScout"

// systemQueues are the Queues of this computer; queue_unix.go and
// queue_windows.go say how.
type systemQueues struct{}

// sameAddress reports whether two addresses are of one printer on loopback,
// whatever they call that.
func sameAddress(a, b string) bool {
	x, errA := url.Parse(a)
	y, errB := url.Parse(b)
	if errA != nil || errB != nil || x.Port() == "" || !isLoopback(x.Hostname()) || !isLoopback(y.Hostname()) {
		return false
	}
	return isIPP(x.Scheme) && isIPP(y.Scheme) && x.Port() == y.Port() && strings.TrimSuffix(x.Path, "/") == strings.TrimSuffix(y.Path, "/")
}

func isIPP(scheme string) bool { return scheme == "ipp" || scheme == "http" }

func isLoopback(host string) bool {
	switch strings.TrimSuffix(strings.ToLower(host), ".") {
	case "localhost", "127.0.0.1", "::1":
		return true
	}
	return false
}

// findQueue returns the queue in a listing that leads to one of the addresses.
// Each line of it is a name and the address, apart by what divide does.
func findQueue(listing []byte, addresses []string, divide func(line string) (name, address string, ok bool)) string {
	lines := bufio.NewScanner(bytes.NewReader(listing))
	for lines.Scan() {
		name, address, ok := divide(lines.Text())
		if !ok {
			continue
		}
		for _, ours := range addresses {
			if sameAddress(address, ours) {
				return name
			}
		}
	}
	return ""
}

// divideLPStat reads a line of lpstat -v in the C locale.
func divideLPStat(line string) (name, address string, ok bool) {
	rest, ok := strings.CutPrefix(line, "device for ")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ": ")
}

// divideTab reads a line of a name and an address with a tab between.
func divideTab(line string) (name, address string, ok bool) {
	return strings.Cut(strings.TrimSuffix(line, "\r"), "\t")
}

// shortError is what a program said, in one line that fits a page.
func shortError(said []byte, err error) string {
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(said), "")), " ")
	if text == "" {
		return err.Error()
	}
	return cut(text, 300)
}
