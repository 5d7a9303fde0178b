//go:build linux

package endtoend

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// names prints by the queue whose policy has CUPS ask the kernel who prints.
func (q *queue) names(t *testing.T) {
	const mallory, victim = "nobody", "daemon"
	doc := shared(t, "document", leaflet(1))
	for _, claim := range []string{victim, "root"} {
		refused(t, asUser(t, q.cups, mallory, "lp", "-U", claim, "-d", "checked", "-t", "forged", doc))
	}
	for _, name := range []string{mallory, victim} {
		if r := asUser(t, q.cups, name, "lp", "-d", "checked", "-t", "of "+name, doc); r.code != 0 {
			t.Fatalf("%s prints: exit %d: %s", name, r.code, r.stderr)
		}
		j := q.parked(t, "of "+name)
		if j.User != name || j.UserSource != "spooler" {
			t.Errorf("the job of %s is %+v", name, j)
		}
		q.release(t, j)
	}
	q.empty(t, "checked")
	if left := q.jobs(); len(left) != 0 {
		t.Errorf("parked although it was refused: %+v", left)
	}
}

// refused fails unless lp was told that it may not.
func refused(t *testing.T, r result) {
	t.Helper()
	if r.code == 0 || !strings.Contains(r.stderr, "Unauthorized") {
		t.Errorf("lp: exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
}

// ownQueue has a user make a queue of his own that leads to the scout.
func ownQueue(t *testing.T, c *peers.CUPS, user, uri string) result {
	t.Helper()
	test := shared(t, "queue.test", []byte(`{
	NAME "a queue of one's own"
	OPERATION CUPS-Create-Local-Printer
	GROUP operation-attributes-tag
	ATTR charset attributes-charset utf-8
	ATTR naturalLanguage attributes-natural-language en
	ATTR uri printer-uri $uri
	GROUP printer-attributes-tag
	ATTR name printer-name own
	ATTR uri device-uri $device
	STATUS successful-ok
}
`))
	return finish(t, as(t, user, exec.Command(peers.Need(t, "ipptool"), "-tv", "-d", "device="+uri, c.URI(), test)), "")
}

// checking is CUPS' own configuration with the second of the steps of
// docs/identity.md: nobody but an administrator makes queues.
func checking(conf string) string {
	return strings.Replace(conf, "  <Limit All>", `  <Limit CUPS-Create-Local-Printer>
    AuthType Default
    Require user @SYSTEM
    Order deny,allow
  </Limit>
  <Limit All>`, 1)
}

// TestQueueOfOnesOwn is the attack of docs/identity.md: our queue checks names
// and the scout believes it, but a local user makes another queue to the same
// printer. CUPS as it ships lets him, and he prints as whomever he likes; with
// all steps of that page he cannot.
func TestQueueOfOnesOwn(t *testing.T) {
	peers.NeedRoot(t)
	const mallory, victim = "nobody", "daemon"
	s := newSite(t)
	s.configure(map[string]any{"QueueChecksUsers": true})
	q := &queue{site: s.up()}
	doc := shared(t, "document", leaflet(1))
	stock := peers.StockConf(t)
	start := func(t *testing.T, conf string) {
		q.cups = peers.StartCUPSWith(t, peers.CUPSSetup{Conf: conf})
		q.cups.AddQueue(t, "scout", q.ippURL())
		q.cups.Run(t, "lpadmin", "-p", "scout", "-o", "printer-op-policy=authenticated")
		refused(t, asUser(t, q.cups, mallory, "lp", "-U", victim, "-d", "scout", "-t", "forged", doc))
	}

	t.Run("as CUPS ships", func(t *testing.T) {
		start(t, stock)
		if r := ownQueue(t, q.cups, mallory, q.ippURL()); r.code != 0 {
			t.Fatalf("CUPS no longer lets everybody make queues; docs/identity.md says it does: %s%s", r.stdout, r.stderr)
		}
		q.cups.AwaitQueue(t, "own")
		if r := asUser(t, q.cups, mallory, "lp", "-U", victim, "-d", "own", "-t", "forged", doc); r.code != 0 {
			t.Fatalf("lp: exit %d: %s", r.code, r.stderr)
		}
		j := q.parked(t, "forged")
		if j.User != victim || j.UserSource != "spooler" {
			t.Errorf("the job is %+v", j)
		}
		if r := q.as(victim, "job", "release", j.ID, "--printer", "lobby", "--wait"); r.code != 0 {
			t.Errorf("%s releases it: exit %d: %s", victim, r.code, r.stderr)
		}
	})
	t.Run("with the three steps", func(t *testing.T) {
		conf := checking(stock)
		if conf == stock {
			t.Fatal("there is no <Limit All> in CUPS' own cupsd.conf")
		}
		start(t, conf)
		if r := ownQueue(t, q.cups, mallory, q.ippURL()); r.code == 0 || !strings.Contains(r.stdout, "client-error-forbidden") && !strings.Contains(r.stdout, "client-error-not-authenticated") {
			t.Errorf("a queue of his own: exit %d: %s%s", r.code, r.stdout, r.stderr)
		}
		if r := asUser(t, q.cups, mallory, "lp", "-U", victim, "-d", "own", "-t", "forged", doc); r.code == 0 {
			t.Errorf("he prints by it: %s", r.stdout)
		}
		if r := asUser(t, q.cups, mallory, "lp", "-d", "scout", "-t", "honest", doc); r.code != 0 {
			t.Fatalf("lp: exit %d: %s", r.code, r.stderr)
		}
		j := q.parked(t, "honest")
		if j.User != mallory {
			t.Errorf("the job is %+v", j)
		}
		if r := q.as(mallory, "job", "release", j.ID, "--printer", "lobby", "--wait"); r.code != 0 {
			t.Errorf("%s releases his own: exit %d: %s", mallory, r.code, r.stderr)
		}
		if left := q.jobs(); len(left) != 0 {
			t.Errorf("left: %+v", left)
		}
	})
}
