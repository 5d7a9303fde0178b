package simprinter

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/gosnmp/gosnmp"
)

// AgentUser is a user of SNMPv3. The words are gosnmp's: Auth is NoAuth, MD5,
// SHA, SHA224 … SHA512, Priv is NoPriv, DES, AES, AES192 … AES256C; 0 is none.
type AgentUser struct {
	Name    string
	Auth    gosnmp.SnmpV3AuthProtocol
	AuthKey string
	Priv    gosnmp.SnmpV3PrivProtocol
	PrivKey string
}

// What an engine says of itself. Its id is that of RFC 3411, 5, with text.
const (
	agentEngineID    = "\x80\x00\x1f\x88\x04softprinter"
	agentEngineBoots = 7
	timeWindow       = 150 // seconds, RFC 3414, 2.2.3
	minKey           = 8   // bytes, RFC 3414, 11.2
)

// Counters of RFC 3414, 5, that reports name.
const (
	unsupportedLevels = ".1.3.6.1.6.3.15.1.1.1.0"
	notInTimeWindows  = ".1.3.6.1.6.3.15.1.1.2.0"
	unknownUsers      = ".1.3.6.1.6.3.15.1.1.3.0"
	unknownEngines    = ".1.3.6.1.6.3.15.1.1.4.0"
	wrongDigests      = ".1.3.6.1.6.3.15.1.1.5.0"
)

// agentUser is a user with its keys at this engine.
type agentUser struct {
	name  string
	flags gosnmp.SnmpV3MsgFlags
	usm   *gosnmp.UsmSecurityParameters
}

func newAgentUser(u AgentUser) (*agentUser, error) {
	a := &agentUser{name: u.Name, flags: gosnmp.NoAuthNoPriv}
	a.usm = &gosnmp.UsmSecurityParameters{
		UserName: u.Name, AuthoritativeEngineID: agentEngineID, AuthoritativeEngineBoots: agentEngineBoots,
		AuthenticationProtocol: max(u.Auth, gosnmp.NoAuth), AuthenticationPassphrase: u.AuthKey,
		PrivacyProtocol: max(u.Priv, gosnmp.NoPriv), PrivacyPassphrase: u.PrivKey,
	}
	switch {
	case u.Priv > gosnmp.NoPriv:
		a.flags = gosnmp.AuthPriv
	case u.Auth > gosnmp.NoAuth:
		a.flags = gosnmp.AuthNoPriv
	}
	if u.Auth > gosnmp.NoAuth && len(u.AuthKey) < minKey || u.Priv > gosnmp.NoPriv && len(u.PrivKey) < minKey {
		return nil, fmt.Errorf("making the keys of the SNMP user %s: a key has fewer than %d bytes", u.Name, minKey)
	}
	if err := a.usm.InitSecurityKeys(); err != nil {
		return nil, fmt.Errorf("making the keys of the SNMP user %s: %w", u.Name, err)
	}
	return a, nil
}

// answerV3 follows RFC 3414, 3.2; head is what could be read without keys.
func (a *Agent) answerV3(b []byte, head *gosnmp.SnmpPacket) []byte {
	said, ok := head.SecurityParameters.(*gosnmp.UsmSecurityParameters)
	if !ok || len(a.users) == 0 {
		return nil
	}
	if said.AuthoritativeEngineID != agentEngineID {
		return a.reportCounter(head, nil, unknownEngines)
	}
	for _, u := range a.users {
		if u.name == said.UserName {
			return a.answerUser(b, head, u)
		}
	}
	return a.reportCounter(head, nil, unknownUsers)
}

func (a *Agent) answerUser(b []byte, head *gosnmp.SnmpPacket, u *agentUser) []byte {
	if head.MsgFlags&gosnmp.AuthPriv != u.flags {
		return a.reportCounter(head, nil, unsupportedLevels)
	}
	g := &gosnmp.GoSNMP{Version: gosnmp.Version3, SecurityModel: gosnmp.UserSecurityModel, MsgFlags: u.flags, SecurityParameters: u.usm}
	in, err := g.UnmarshalTrap(bytes.Clone(b), false) // despite its name it reads any message, and checks its keys
	if err != nil {
		if strings.Contains(err.Error(), "not authentic") {
			return a.reportCounter(head, nil, wrongDigests)
		}
		return nil // sealed with another key: what cannot be parsed is dropped
	}
	said := in.SecurityParameters.(*gosnmp.UsmSecurityParameters)
	now := a.engineTime()
	if u.flags != gosnmp.NoAuthNoPriv && (said.AuthoritativeEngineBoots != agentEngineBoots || timeDistance(said.AuthoritativeEngineTime, now) > timeWindow) {
		return a.reportCounter(in, u, notInTimeWindows)
	}
	if a.config.Context != "" && in.ContextName != a.config.Context {
		return a.encodeAnswer(a.sealAnswer(absentContext(in), in, u), in)
	}
	return a.encodeAnswer(a.sealAnswer(a.carryOut(in), in, u), in)
}

// absentContext returns the answer of a context without objects.
func absentContext(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
	out := &gosnmp.SnmpPacket{Version: in.Version, PDUType: gosnmp.GetResponse}
	for _, v := range in.Variables {
		out.Variables = append(out.Variables, gosnmp.SnmpPDU{Name: v.Name, Type: gosnmp.NoSuchObject})
	}
	return out
}

// sealAnswer turns an answer into one of version 3, protected as the user's
// is.
func (a *Agent) sealAnswer(out, in *gosnmp.SnmpPacket, u *agentUser) *gosnmp.SnmpPacket {
	if out == nil {
		return nil
	}
	usm := u.usm.Copy().(*gosnmp.UsmSecurityParameters)
	usm.AuthoritativeEngineTime = a.engineTime()
	out.Version, out.MsgFlags, out.SecurityModel, out.SecurityParameters = gosnmp.Version3, u.flags, gosnmp.UserSecurityModel, usm
	out.ContextEngineID, out.ContextName = agentEngineID, in.ContextName
	if err := u.usm.InitPacket(out); err != nil {
		return nil
	}
	return out
}

// reportCounter returns a report of the counter that went up, signed if there
// is a user.
func (a *Agent) reportCounter(in *gosnmp.SnmpPacket, u *agentUser, counter string) []byte {
	if u == nil {
		u = &agentUser{flags: gosnmp.NoAuthNoPriv, usm: &gosnmp.UsmSecurityParameters{
			AuthoritativeEngineID: agentEngineID, AuthoritativeEngineBoots: agentEngineBoots,
		}}
	}
	out := &gosnmp.SnmpPacket{PDUType: gosnmp.Report, Variables: []gosnmp.SnmpPDU{{Name: counter, Type: gosnmp.Counter32, Value: uint32(1)}}}
	return a.encodeAnswer(a.sealAnswer(out, in, u), in)
}

func (a *Agent) engineTime() uint32 { return uint32(time.Since(a.started)/time.Second) + 1 }

func timeDistance(a, b uint32) uint32 { return max(a, b) - min(a, b) }
