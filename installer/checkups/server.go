package checkups

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/printscout/printscout/cloudlink"
	"github.com/printscout/printscout/internal/checkup"
)

// server returns the server's host and port; the Finding says why there are
// none.
func (c *computer) server(ctx context.Context) (host, port string, none *checkup.Finding) {
	s, err := c.agentStatus(ctx)
	if err != nil {
		f := notAsked()
		return "", "", &f
	}
	u, err := url.Parse(s.Server)
	if !s.Enrolled || s.Server == "" || err != nil {
		f := checkup.Found(checkup.Info, "There is no server before this computer has joined a site.", "")
		return "", "", &f
	}
	port = u.Port()
	if port == "" {
		port = "443"
	}
	return u.Hostname(), port, nil
}

// examine connects to the server, once.
func (c *computer) examine(ctx context.Context) (cloudlink.Examination, error) {
	return c.examination.get(ctx, func(ctx context.Context) (cloudlink.Examination, error) {
		s, err := c.agentStatus(ctx)
		if err != nil {
			return cloudlink.Examination{}, err
		}
		return cloudlink.Examine(ctx, s.Server, s.ServerPin, c.Roots)
	})
}

func (c *computer) lookAtServerName(ctx context.Context) checkup.Finding {
	host, _, none := c.server(ctx)
	if none != nil {
		return *none
	}
	if net.ParseIP(host) != nil {
		return checkup.Found(checkup.Pass, fmt.Sprintf("The server is known by its address, %s.", host), "")
	}
	addresses, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		if x, _ := c.examine(ctx); x.Via != "" {
			return checkup.Found(checkup.Info, fmt.Sprintf("This computer does not find the name %s; the proxy %s looks it up.", host, x.Via), "")
		}
		return checkup.Found(checkup.Fail, fmt.Sprintf("The name of the server, %s, is not found: %s", host, checkup.Sentence(err.Error())), "check the network and its name servers")
	}
	return checkup.Found(checkup.Pass, fmt.Sprintf("The name of the server, %s, leads to %s.", host, strings.Join(addresses[:min(4, len(addresses))], ", ")), "")
}

func (c *computer) lookAtServerTCP(ctx context.Context) checkup.Finding {
	host, port, none := c.server(ctx)
	if none != nil {
		return *none
	}
	at, what := net.JoinHostPort(host, port), "the server"
	x, _ := c.examine(ctx)
	if x.Via != "" {
		at, what = x.Via, "the proxy"
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", at)
	if err != nil {
		return checkup.Found(checkup.Fail, fmt.Sprintf("Nothing answers at %s of %s: %s", at, what, checkup.Sentence(err.Error())), "check the network and its firewalls; is the server running?")
	}
	conn.Close()
	return checkup.Found(checkup.Pass, fmt.Sprintf("The port %s of %s is reached.", at, what), "")
}

func (c *computer) lookAtServerTLS(ctx context.Context) checkup.Finding {
	if _, _, none := c.server(ctx); none != nil {
		return *none
	}
	x, err := c.examine(ctx)
	if err != nil {
		return checkup.Found(checkup.Fail, "The server was not reached by TLS: "+checkup.Sentence(err.Error()), "see the checkups server-name and server-tcp")
	}
	s, err := c.agentStatus(ctx)
	if err != nil {
		return notAsked()
	}
	return judgeChain(x, s.ServerPin != "")
}

// judgeChain says what the certificates mean. A chain that is not the pinned one
// but that this computer's roots vouch for is of a program that inspects TLS.
func judgeChain(x cloudlink.Examination, pinned bool) checkup.Finding {
	issuer := issuerOf(x.Chain)
	switch {
	case x.Untrusted == nil && pinned:
		return checkup.Found(checkup.Pass, "The server showed the certificate that the bundle named.", "")
	case x.Untrusted == nil:
		return checkup.Found(checkup.Pass, fmt.Sprintf("The roots of this computer vouch for the server's certificate; its issuer is %s. Without a pin in the bundle an inspected connection looks the same.", issuer), "")
	case pinned && x.SystemTrusts:
		return checkup.Found(checkup.Fail, fmt.Sprintf("The connection is inspected: in place of the server's certificate there was one by %s, which this computer trusts but the agent does not.", issuer),
			"exempt the server from TLS inspection in that program or firewall; the agent does not connect before")
	case pinned:
		return checkup.Found(checkup.Fail, fmt.Sprintf("Something else answers in the server's place: its certificate is by %s, and neither the bundle nor this computer vouches for it.", issuer),
			"check the network; if the server has a new CA, join anew: printscout enroll FILE")
	}
	return checkup.Found(checkup.Fail, fmt.Sprintf("The roots of this computer do not vouch for the server's certificate, by %s: %s", issuer, checkup.Sentence(x.Untrusted.Error())),
		"check the certificate of the server, and this computer's clock and roots")
}

// issuerOf returns the name of who issued the first certificate, quoted.
func issuerOf(chain []*x509.Certificate) string {
	if len(chain) == 0 {
		return "nobody"
	}
	issuer := chain[0].Issuer
	parts := slices.DeleteFunc(append([]string{issuer.CommonName}, issuer.Organization...), func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return "an issuer without a name"
	}
	return fmt.Sprintf("%q", printable(strings.Join(parts, ", ")))
}

// An order is refused if it was issued more than 90 s from the scout's clock
// (docs/protocol.md).
const (
	clockWarn = 30 * time.Second
	clockFail = 90 * time.Second
)

func (c *computer) lookAtClock(ctx context.Context) checkup.Finding {
	if _, _, none := c.server(ctx); none == nil {
		if x, err := c.examine(ctx); err == nil && !x.Date.IsZero() {
			return judgeClock(x.Date.Sub(x.Asked))
		}
	}
	switch yes, known := checkup.ClockIsSynchronized(); {
	case known && yes:
		return checkup.Found(checkup.Pass, "The kernel says that a program keeps the clock right. There was no server to compare it with.", "")
	case known:
		return checkup.Found(checkup.Info, "There was no server to compare the clock with, and no program keeps it right.", "turn on time synchronization: sudo timedatectl set-ntp true")
	}
	return checkup.Found(checkup.Info, "There was no server to compare the clock with.", "")
}

// judgeClock judges by how much the server's clock is ahead of ours. Its answer
// has whole seconds.
func judgeClock(ahead time.Duration) checkup.Finding {
	word := "behind"
	if ahead < 0 {
		ahead, word = -ahead, "ahead of"
	}
	off := ahead.Round(time.Second)
	switch {
	case ahead > clockFail:
		return checkup.Found(checkup.Fail, fmt.Sprintf("This computer's clock is %s %s the server's: release orders of the server are refused.", off, word), "set the clock, and turn on time synchronization")
	case ahead > clockWarn:
		return checkup.Found(checkup.Warn, fmt.Sprintf("This computer's clock is %s %s the server's; beyond 90 s release orders are refused.", off, word), "set the clock, and turn on time synchronization")
	}
	return checkup.Found(checkup.Pass, "The clock agrees with the server's.", "")
}

// proxyVariables are the variables of the environment that name a proxy.
var proxyVariables = []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"}

func (c *computer) lookAtProxy(context.Context) checkup.Finding {
	var f checkup.Findings
	var set []string
	for _, name := range proxyVariables {
		value := c.Env(name)
		if value == "" {
			continue
		}
		set = append(set, name)
		if u, err := url.Parse(value); err == nil && u.User != nil {
			f.Add(checkup.Warn, fmt.Sprintf("%s has a name or password in it, which other programs of this account can read.", name), "use a proxy that knows this computer otherwise")
		}
	}
	if len(set) > 0 {
		f.Add(checkup.Info, fmt.Sprintf("This command's environment has %s. The service has an environment of its own.", strings.Join(set, ", ")), "")
	}
	return f.Finding("This command's environment names no proxy. The service has an environment of its own.")
}
