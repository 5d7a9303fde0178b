package simprinter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gosnmp/gosnmp"
)

// Types of objects for which Go has no type.
type (
	Counter  uint32 // Counter32
	Ticks    uint32 // TimeTicks, hundredths of a second
	ObjectID string // OBJECT IDENTIFIER
)

// agentObject is one object of the agent.
type agentObject struct {
	key []uint32
	pdu gosnmp.SnmpPDU
}

// agentObjects are sorted by name.
type agentObjects []agentObject

func parseOID(name string) ([]uint32, error) {
	var key []uint32
	for _, part := range strings.Split(strings.TrimPrefix(name, "."), ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("reading the object's name %q: %w", name, err)
		}
		key = append(key, uint32(n))
	}
	return key, nil
}

func (o *agentObjects) setObject(name string, value any) error {
	key, err := parseOID(name)
	if err != nil {
		return err
	}
	at, found := o.findKey(key)
	if value == nil {
		if found {
			*o = slices.Delete(*o, at, at+1)
		}
		return nil
	}
	pdu := gosnmp.SnmpPDU{Name: "." + strings.TrimPrefix(name, ".")}
	switch v := value.(type) {
	case int:
		pdu.Type, pdu.Value = gosnmp.Integer, v
	case string:
		pdu.Type, pdu.Value = gosnmp.OctetString, []byte(v)
	case []byte:
		pdu.Type, pdu.Value = gosnmp.OctetString, v
	case Counter:
		pdu.Type, pdu.Value = gosnmp.Counter32, uint32(v)
	case Ticks:
		pdu.Type, pdu.Value = gosnmp.TimeTicks, uint32(v)
	case ObjectID:
		pdu.Type, pdu.Value = gosnmp.ObjectIdentifier, string(v)
	default:
		return fmt.Errorf("setting the object %s: %T is not a type of SNMP", name, value)
	}
	if found {
		(*o)[at].pdu = pdu
	} else {
		*o = slices.Insert(*o, at, agentObject{key, pdu})
	}
	return nil
}

func (o agentObjects) findKey(key []uint32) (at int, found bool) {
	return slices.BinarySearchFunc(o, key, func(e agentObject, k []uint32) int { return slices.Compare(e.key, k) })
}

func (o agentObjects) getObject(name string) (gosnmp.SnmpPDU, bool) {
	key, err := parseOID(name)
	if err != nil {
		return gosnmp.SnmpPDU{}, false
	}
	at, found := o.findKey(key)
	if !found {
		return gosnmp.SnmpPDU{Name: name, Type: gosnmp.NoSuchInstance}, false
	}
	return o[at].pdu, true
}

// nextObject returns the object after a name.
func (o agentObjects) nextObject(name string) (gosnmp.SnmpPDU, bool) {
	key, err := parseOID(name)
	if err != nil {
		return gosnmp.SnmpPDU{}, false
	}
	at, found := o.findKey(key)
	if found {
		at++
	}
	if at >= len(o) {
		return gosnmp.SnmpPDU{Name: name, Type: gosnmp.EndOfMibView}, false
	}
	return o[at].pdu, true
}
