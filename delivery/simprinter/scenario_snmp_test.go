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

// snmpStatus returns what the answer to it has at its end: hrDeviceStatus.
func (w *scenarioWorld) snmpStatus() (status byte, whole []byte) {
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

// wantsStatus checks hrDeviceStatus.
func wantsStatus(status byte) func(w *scenarioWorld) {
	return func(w *scenarioWorld) {
		if got, answer := w.snmpStatus(); got != status || !bytes.HasPrefix(answer, []byte{0x30}) {
			w.Errorf("the status is %d, want %d: %x", got, status, answer)
		}
	}
}

// otherThan checks that the answer is not the one that a printer gives that is
// well.
func otherThan(w *scenarioWorld) {
	well := *w
	well.s.SNMP = simprinter.SNMP{}
	_, want := well.snmpStatus()
	if _, got := w.snmpStatus(); len(want) == 0 || bytes.Equal(got, want) {
		w.Errorf("it answers %x", got)
	}
}

var snmpChecks = map[string]func(w *scenarioWorld){
	"snmp-silent":       otherThan,
	"snmp-slow":         wantsStatus(2),
	"snmp-refuses":      otherThan,
	"snmp-garbage":      otherThan,
	"snmp-too-big":      wantsStatus(2), // one object has room
	"snmp-truncated":    otherThan,
	"snmp-wrong-id":     otherThan,
	"snmp-jam":          wantsStatus(5),
	"snmp-toner-low":    wantsStatus(3),
	"snmp-offline":      wantsStatus(2),
	"snmp-standby":      wantsStatus(2),
	"snmp-generr":       wantsStatus(2),
	"snmp-gaps":         wantsStatus(3),
	"snmp-maker-levels": wantsStatus(3),
	"snmp-down":         wantsStatus(5),
	"snmp-unknown":      wantsStatus(1),
	"snmp-device-3":     wantsStatus(2),
	"raw-jam":           wantsStatus(5),
}
