package checkups

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"strings"

	"github.com/printscout/printscout/installer/cupsdconf"
	"github.com/printscout/printscout/internal/checkup"
)

// cupsdConf is what the checkups take from cupsd.conf.
type cupsdConf struct {
	Limited bool     // only administrators make queues
	Beyond  []string // where it listens beyond loopback, in lower case
}

// readCUPSConf reads cupsd.conf, once.
func (c *computer) readCUPSConf(ctx context.Context) (cupsdConf, error) {
	return c.cupsd.get(ctx, func(context.Context) (cupsdConf, error) {
		path := c.path(cupsConf)
		if root := c.Env("CUPS_SERVERROOT"); root != "" {
			path = root + "/cupsd.conf"
		}
		raw, err := readSmall(path, cupsdconf.MaxSize)
		if err != nil {
			return cupsdConf{}, fmt.Errorf("reading cupsd.conf: %w", err)
		}
		return parseCUPSConf(raw)
	})
}

func unreadable(err error) checkup.Finding {
	if errors.Is(err, fs.ErrPermission) {
		return checkup.Found(checkup.Info, "Only an administrator may read cupsd.conf.", "run it again as root")
	}
	return checkup.Found(checkup.Error, checkup.Sentence(err.Error()), "look at cupsd.conf")
}

// lookAtNames compares QueueChecksUsers with what CUPS lets people do.
func (c *computer) lookAtNames(ctx context.Context) checkup.Finding {
	s, err := c.sortQueues(ctx)
	if err != nil {
		return notFound(err)
	}
	conf, err := c.readCUPSConf(ctx)
	if err != nil {
		return unreadable(err)
	}
	checks := conf.Limited && s.ours != nil && s.ours.opPolicy == policyAuthenticated
	for _, q := range s.beside {
		checks = checks && q.opPolicy == policyAuthenticated
	}
	believed := c.Settings.QueueChecksUsers
	switch {
	case believed && !conf.Limited:
		return checkup.Found(checkup.Fail, "The setting QueueChecksUsers believes the names that the print queue gives, but cupsd.conf lets any user make a queue and print in any name.",
			"sudo printscout install --trust-queue-names, or set QueueChecksUsers to false (docs/identity.md)")
	case believed && !checks:
		return checkup.Found(checkup.Fail, "The setting QueueChecksUsers believes the names that print queues give, but not all queues that lead to the agent check them.",
			"see the checkups queue-policy and queues-beside")
	case believed:
		return checkup.Found(checkup.Pass, "The agent believes the names that the print queue gives, and CUPS checks them.", "")
	case checks:
		return checkup.Found(checkup.Info, "CUPS checks names, but QueueChecksUsers is false, so only an administrator may release jobs that came through the queue.",
			"set QueueChecksUsers to true (docs/identity.md)")
	}
	return checkup.Found(checkup.Info, "CUPS does not check names, and QueueChecksUsers is false: only an administrator may release jobs that came through the queue.",
		"sudo printscout install --trust-queue-names (docs/identity.md)")
}

func (c *computer) lookAtSharing(ctx context.Context) checkup.Finding {
	conf, err := c.readCUPSConf(ctx)
	if err != nil {
		return unreadable(err)
	}
	var f checkup.Findings
	for _, at := range conf.Beyond {
		f.Add(checkup.Warn, fmt.Sprintf("cupsd listens beyond this computer: %s.", at), "if nobody prints here from elsewhere: sudo cupsctl --no-share-printers --no-remote-any")
	}
	s, err := c.sortQueues(ctx)
	if err == nil && s.ours != nil && s.ours.shared && len(conf.Beyond) > 0 {
		q := *s.ours
		f.Add(checkup.Fail, fmt.Sprintf("The queue %s is shared: other computers can print here, under names that nobody checks.", q.name),
			"sudo lpadmin -p "+q.name+" -o printer-is-shared=false",
			c.lpadmin(q, "stop sharing the print queue "+q.name, "-o", "printer-is-shared=false"))
	}
	return f.Finding("cupsd listens on this computer only.")
}

// firstSafe is the first CUPS without the holes that are known today: 2.4.17
// closed eight, among them a way from the network to root through a shared queue
// (CVE-2026-34980, CVE-2026-34990).
var firstSafe = [3]int{2, 4, 17}

func (c *computer) lookAtCUPSVersion(ctx context.Context) checkup.Finding {
	text := ""
	if all, err := c.cupsQueues(ctx); err == nil && len(all) > 0 {
		text = all[0].version
	}
	if text == "" {
		out, _ := c.Run(ctx, "cups-config", "--version")
		text = strings.TrimSpace(printable(string(out)))
	}
	v, ok := parseVersion(text)
	switch {
	case !ok:
		return checkup.Found(checkup.Info, "The version of CUPS is not known: it says it only where there is a queue.", "")
	case less(v, firstSafe):
		return checkup.Found(checkup.Warn, fmt.Sprintf("CUPS %s is older than 2.4.17, which closed known holes. A distribution may have closed them in its own build of %s: this checkup cannot see that.", text, text),
			"install the updates of your distribution, and keep queues unshared (checkup cups-shared)")
	}
	return checkup.Found(checkup.Pass, fmt.Sprintf("CUPS %s has no holes that this version of Print Scout knows of.", text), "")
}

// parseVersion reads the numbers that a version begins with: 2.4.2, 2.5b1.
func parseVersion(text string) (v [3]int, ok bool) {
	parts := strings.SplitN(text, ".", 4)
	if len(parts) < 2 {
		return v, false
	}
	for i, part := range parts[:min(3, len(parts))] {
		end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(part)
		}
		n, err := strconv.Atoi(part[:end])
		if err != nil {
			return v, false
		}
		v[i] = n
	}
	return v, true
}

func less(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// isBeyond reports whether an address of Listen or Port in cupsd.conf is reached
// from other computers.
func isBeyond(address string) bool {
	if strings.HasPrefix(address, "/") {
		return false
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	if _, err := strconv.Atoi(address); err == nil {
		return true // a port alone: on every address
	}
	return !isLoopback(strings.Trim(host, "[]"))
}
