package simprinter

import (
	"slices"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// Bounds of what an agent answers: about as many bytes of values as a datagram
// without fragments has room for, and what is too much for TemperTooBig.
const (
	maxAnswer  = 1300
	tooBigFrom = 5
)

// answerDatagram returns the answer to a datagram, nil if there is none, as
// for another community.
func (a *Agent) answerDatagram(b []byte) []byte {
	p, err := new(gosnmp.GoSNMP).SnmpDecodePacket(b)
	if p != nil && p.Version == gosnmp.Version3 {
		return a.answerV3(b, p)
	}
	spoken := p != nil && (p.Version == gosnmp.Version1 && a.config.V1 || p.Version == gosnmp.Version2c && a.config.V2c)
	if err != nil || !spoken || p.Community != a.config.Community {
		return nil
	}
	return a.encodeAnswer(a.carryOut(p), p)
}

// encodeAnswer returns the datagram of an answer.
func (a *Agent) encodeAnswer(out, in *gosnmp.SnmpPacket) []byte {
	if out == nil {
		return nil
	}
	out.RequestID, out.MsgID = in.RequestID, in.MsgID
	if a.temper == TemperWrongID {
		out.RequestID += 1000
	}
	b, err := out.MarshalMsg()
	if err != nil {
		return nil
	}
	return b
}

// carryOut answers a question that may be asked (RFC 3416, 4.2; RFC 1157,
// 4.1).
func (a *Agent) carryOut(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
	out := &gosnmp.SnmpPacket{Version: in.Version, Community: in.Community, PDUType: gosnmp.GetResponse}
	asked := len(in.Variables)
	if in.PDUType == gosnmp.GetBulkRequest {
		asked *= int(min(in.MaxRepetitions, 100))
	}
	broken := slices.IndexFunc(in.Variables, func(v gosnmp.SnmpPDU) bool { return failsGenErr(v.Name) })
	switch {
	case a.temper == TemperGenErr && broken >= 0:
		return errorAnswer(out, in, gosnmp.GenErr, broken+1)
	case a.temper == TemperRefuse:
		return errorAnswer(out, in, gosnmp.AuthorizationError, 0)
	case a.temper == TemperTooBig && asked >= tooBigFrom:
		return errorAnswer(out, in, gosnmp.TooBig, 0)
	case in.PDUType == gosnmp.GetRequest:
		return answerEach(out, in, a.objects.getObject)
	case in.PDUType == gosnmp.GetNextRequest:
		return answerEach(out, in, a.objects.nextObject)
	case in.PDUType == gosnmp.GetBulkRequest && in.Version != gosnmp.Version1:
		return a.answerBulk(out, in)
	}
	return nil
}

// failsGenErr reports whether an object is one that TemperGenErr fails at.
func failsGenErr(name string) bool {
	name = strings.TrimPrefix(name, ".") + "."
	return strings.HasPrefix(name, "1.3.6.1.2.1.43.16.") || strings.HasPrefix(name, "1.3.6.1.2.1.43.11.1.1.7.")
}

func errorAnswer(out, in *gosnmp.SnmpPacket, e gosnmp.SNMPError, index int) *gosnmp.SnmpPacket {
	out.Error, out.ErrorIndex = e, uint8(index)
	if e != gosnmp.TooBig {
		for _, v := range in.Variables {
			out.Variables = append(out.Variables, gosnmp.SnmpPDU{Name: v.Name, Type: gosnmp.Null})
		}
	}
	return out
}

func answerEach(out, in *gosnmp.SnmpPacket, find func(string) (gosnmp.SnmpPDU, bool)) *gosnmp.SnmpPacket {
	for i, v := range in.Variables {
		pdu, ok := find(v.Name)
		if !ok && in.Version == gosnmp.Version1 {
			out.Variables = nil
			return errorAnswer(out, in, gosnmp.NoSuchName, i+1)
		}
		out.Variables = append(out.Variables, pdu)
	}
	return out
}

// answerBulk answers with whole repetitions only, fewer than asked if they get
// too long.
func (a *Agent) answerBulk(out, in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
	names := make([]string, len(in.Variables))
	for i, v := range in.Variables {
		names[i] = v.Name
	}
	once := min(int(in.NonRepeaters), len(names))
	size := 0
	add := func(i int) {
		pdu, _ := a.objects.nextObject(names[i])
		names[i] = pdu.Name
		out.Variables = append(out.Variables, pdu)
		size += sizeOf(pdu)
	}
	for i := range once {
		add(i)
	}
	for n := uint32(0); n < min(in.MaxRepetitions, 100) && len(names) > once && size < maxAnswer; n++ {
		for i := once; i < len(names); i++ {
			add(i)
		}
	}
	return out
}

// sizeOf returns about how many bytes an object takes in a datagram.
func sizeOf(pdu gosnmp.SnmpPDU) int {
	const frame = 22
	if b, ok := pdu.Value.([]byte); ok {
		return frame + len(b)
	}
	return frame
}
