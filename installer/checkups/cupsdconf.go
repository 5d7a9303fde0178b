package checkups

import (
	"bufio"
	"bytes"
	"errors"
	"slices"
	"strings"
)

// maxCUPSConf is the maximum size of a cupsd.conf.
const maxCUPSConf = 1 << 20

// createQueue is the operation by which anyone makes a queue, in lower case.
const createQueue = "cups-create-local-printer"

var errCUPSConf = errors.New("cupsd.conf has lines that are too long to be read")

// confLimit is a <Limit> of a policy.
type confLimit struct {
	operations []string
	auth       string // value of AuthType
	require    string
	any        bool // Satisfy any
}

// administratorsOnly reports whether only administrators get past it.
func (l confLimit) administratorsOnly() bool {
	return l.auth != "" && l.auth != "none" && l.require == "user @system" && !l.any
}

// parseCUPSConf reads who may make queues and where cupsd listens. Names and
// values are compared without case, as cupsd does.
func parseCUPSConf(raw []byte) (cupsdConf, error) {
	var conf cupsdConf
	policies := map[string][]confLimit{}
	policy, inLimit, inPolicy, defaultPolicy := "", false, false, "default"
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(make([]byte, 4<<10), 64<<10)
	for lines.Scan() {
		name, value := directive(lines.Text())
		lower := strings.ToLower(value)
		switch {
		case name == "<policy":
			policy, inPolicy = strings.TrimSuffix(lower, ">"), true
		case name == "</policy>":
			inPolicy, inLimit = false, false
		case name == "<limit" && inPolicy:
			policies[policy] = append(policies[policy], confLimit{operations: strings.Fields(strings.TrimSuffix(lower, ">"))})
			inLimit = true
		case name == "</limit>":
			inLimit = false
		case inLimit && inPolicy:
			policies[policy][len(policies[policy])-1].set(name, lower)
		case name == "defaultpolicy":
			defaultPolicy = lower
		case (name == "listen" || name == "ssllisten" || name == "port" || name == "sslport") && isBeyond(value):
			conf.Beyond = append(conf.Beyond, printable(value))
		}
	}
	if lines.Err() != nil {
		return conf, errCUPSConf
	}
	conf.Limited = limited(policies[defaultPolicy])
	return conf, nil
}

// limited reports whether all limits that concern making a queue let only
// administrators in; without one of its own, that for all operations counts.
func limited(all []confLimit) bool {
	for _, operation := range []string{createQueue, "all"} {
		found := slices.DeleteFunc(slices.Clone(all), func(l confLimit) bool { return !slices.Contains(l.operations, operation) })
		if len(found) > 0 {
			return !slices.ContainsFunc(found, func(l confLimit) bool { return !l.administratorsOnly() })
		}
	}
	return false
}

func (l *confLimit) set(name, value string) {
	switch name {
	case "authtype":
		l.auth = value
	case "require":
		l.require = value
	case "satisfy":
		l.any = value == "any"
	}
}

// directive divides a line into its first word, in lower case, and the rest,
// without a comment.
func directive(line string) (name, value string) {
	line, _, _ = strings.Cut(line, "#")
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return "", ""
	}
	return strings.ToLower(fields[0]), strings.Join(fields[1:], " ")
}
