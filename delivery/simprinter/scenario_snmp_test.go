package simprinter_test

import (
	"bytes"
	"encoding/hex"
	"net"
	"strconv"
	"time"

	"github.com/printscout/printscout/delivery/simprinter"
)

// question is a GET of version 2c for hrDeviceStatus, as it is on the wire
// (RFC 3416 §3), request 1.
var question, _ = hex.DecodeString("3029" + "020101" + "0406" + "7075626c6963" + "a01c" + "020101" + "020100" + "020100" +
	"3011" + "300f" + "060b" + "2b060102011903020105" + "01" + "0500")

// status is what answers to it say at their end: hrDeviceStatus.
func (w *world) status() (status byte, whole []byte) {
	w.Helper()
	config, err := w.s.SNMP.Agent("")
	if err != nil {
		w.Fatal(err)
	}
	a, err := simprinter.StartAgent(config)
	if err != nil {
		w.Fatal(err)
	}
	defer a.Close()
	c, err := net.Dial("udp", net.JoinHostPort("127.0.0.1", strconv.Itoa(a.Port())))
	if err != nil {
		w.Fatal(err)
	}
	defer c.Close()
	patience := 10 * time.Second
	if config.Temper == simprinter.TemperSilent {
		patience = 50 * time.Millisecond
	}
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := c.Write(question); err != nil {
		w.Fatal(err)
	}
	buf := make([]byte, 2048)
	n, _ := c.Read(buf)
	if n == 0 {
		return 0, nil
	}
	return buf[n-1], buf[:n]
}

// says checks hrDeviceStatus.
func says(status byte) func(w *world) {
	return func(w *world) {
		if got, answer := w.status(); got != status || !bytes.HasPrefix(answer, []byte{0x30}) {
			w.Errorf("the status is %d, want %d: %x", got, status, answer)
		}
	}
}

// otherThan checks that the answer is not the one that a printer gives that is
// well.
func otherThan(w *world) {
	well := *w
	well.s.SNMP = simprinter.SNMP{}
	_, want := well.status()
	if _, got := w.status(); len(want) == 0 || bytes.Equal(got, want) {
		w.Errorf("it answers %x", got)
	}
}

var snmpChecks = map[string]func(w *world){
	"snmp-silent":       otherThan,
	"snmp-slow":         says(2),
	"snmp-refuses":      otherThan,
	"snmp-garbage":      otherThan,
	"snmp-too-big":      says(2), // one object has room
	"snmp-truncated":    otherThan,
	"snmp-wrong-id":     otherThan,
	"snmp-jam":          says(5),
	"snmp-toner-low":    says(3),
	"snmp-offline":      says(2),
	"snmp-standby":      says(2),
	"snmp-generr":       says(2),
	"snmp-gaps":         says(3),
	"snmp-maker-levels": says(3),
	"snmp-down":         says(5),
	"snmp-unknown":      says(1),
	"snmp-device-3":     says(2),
	"raw-jam":           says(5),
}
