package delivery

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/printscout/printscout/internal/ipp"
)

// probePlan is what is tried of a target.
type probePlan struct {
	host string // that SNMP is asked at
	// groups are tried side by side, the endpoints of one group one after the
	// other until a printer answers.
	groups    [][]probeEnd
	raw       string // HOST:PORT of a bare stream; empty for none
	rawWanted bool   // it is tried even if there may be a better way
	ask       bool   // by PJL
}

// probeEnd is one port, asked in one way.
type probeEnd struct {
	endpoint
	unnamed bool // the directory does not name it
}

// planOf reads a target, or takes the addresses of the directory's entry.
func planOf(target string, o ProbeOptions) (probePlan, error) {
	if o.Entry != nil {
		return planOfEntry(o)
	}
	u, err := targetURL(target)
	if err != nil {
		return probePlan{}, err
	}
	plan := probePlan{host: u.Hostname(), ask: o.Raw || u.Scheme == schemeRaw, rawWanted: o.Raw || u.Scheme == schemeRaw}
	if u.Scheme != schemeRaw || u.Port() == "" {
		plan.groups = groupsOf(u)
	}
	switch {
	case u.Scheme == schemeRaw && u.Port() != "":
		plan.raw = u.Host
	case u.Port() == "" || o.Raw:
		plan.raw = net.JoinHostPort(u.Hostname(), rawPort)
	}
	return plan, nil
}

// targetURL returns a target as an address; a bare HOST[:PORT] has no scheme.
func targetURL(target string) (*url.URL, error) {
	text := target
	if !strings.Contains(text, "://") {
		if strings.Count(text, ":") > 1 && !strings.HasPrefix(text, "[") {
			text = "[" + text + "]" // an IPv6 address
		}
		text = "//" + text
	}
	u, err := url.Parse(text)
	wrong := fmt.Errorf("%w: %.200q should be a host, or look like ipps://printer.example/ipp/print or socket://printer.example", ipp.ErrURI, target)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Hostname(), " \t") || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, wrong
	}
	if !slices.Contains([]string{"", schemeIPPS, schemeIPP, schemeRaw}, u.Scheme) || u.Scheme == schemeRaw && strings.Trim(u.Path, "/") != "" {
		return nil, wrong
	}
	u.Host = strings.TrimSuffix(u.Host, ":")
	return u, nil
}

// groupsOf returns the ports of a target: both ways at the port that it names,
// or all usual ones.
func groupsOf(u *url.URL) [][]probeEnd {
	path := u.Path
	if u.Scheme == schemeRaw {
		path = ""
	}
	at := func(scheme, port string) probeEnd {
		host := net.JoinHostPort(u.Hostname(), port)
		return probeEnd{endpoint: endpoint{host: host, paths: withPaths(scheme + "://" + host + path)}}
	}
	if port := u.Port(); port != "" {
		return [][]probeEnd{{at(schemeIPPS, port), at(schemeIPP, port)}}
	}
	var groups [][]probeEnd
	for _, port := range tlsPorts {
		groups = append(groups, []probeEnd{at(schemeIPPS, port)})
	}
	return append(groups, []probeEnd{at(schemeIPP, "631")})
}

// planOfEntry plans the addresses of a printer of the directory. If it names
// none by TLS, the usual ones are tried too, to show what is missed.
func planOfEntry(o ProbeOptions) (probePlan, error) {
	p := *o.Entry
	plan := probePlan{ask: o.Raw}
	for _, scheme := range []string{schemeIPPS, schemeIPP} {
		for _, e := range endpointsOf(p.URIs, scheme) {
			plan.groups = append(plan.groups, []probeEnd{{endpoint: e}})
		}
	}
	for _, uri := range p.URIs {
		if host, err := rawHost(uri); err == nil && plan.raw == "" {
			plan.raw, plan.rawWanted = host, true
		}
	}
	first, err := url.Parse(slices.Concat(p.URIs, []string{""})[0])
	if err != nil || first.Hostname() == "" {
		return plan, fmt.Errorf("%w: printer %s has none that can be used", ipp.ErrURI, p.Name)
	}
	plan.host = first.Hostname()
	if plan.raw == "" && o.Raw {
		plan.raw, plan.rawWanted = net.JoinHostPort(plan.host, rawPort), true
	}
	if len(endpointsOf(p.URIs, schemeIPPS)) == 0 {
		plan.groups = append(plan.groups, unnamedGroups(p.URIs, plan.host)...)
	}
	return plan, nil
}

// unnamedGroups returns the stronger addresses at the host of a printer that
// the directory knows only by weaker ones.
func unnamedGroups(uris []string, host string) [][]probeEnd {
	ports := slices.Clone(tlsPorts)
	for _, e := range endpointsOf(uris, schemeIPP) {
		if u, err := url.Parse(e.paths[0].uri); err == nil && u.Port() != "" {
			ports = []string{u.Port()}
		}
	}
	var groups [][]probeEnd
	add := func(scheme, port string) {
		at := net.JoinHostPort(host, port)
		groups = append(groups, []probeEnd{{endpoint{host: at, paths: withPaths(scheme + "://" + at)}, true}})
	}
	for _, port := range ports {
		add(schemeIPPS, port)
	}
	if len(endpointsOf(uris, schemeIPP)) == 0 {
		add(schemeIPP, "631")
	}
	return groups
}
