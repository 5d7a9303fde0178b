package snmp

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"net"
	"os"
	"slices"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gosnmp/gosnmp"
)

// datagrams is a connection on which each read brings the next datagram of
// some bytes: two bytes of length before each.
type datagrams struct {
	net.Conn
	left []byte
}

func (d *datagrams) Write(b []byte) (int, error)      { return len(b), nil }
func (d *datagrams) SetDeadline(time.Time) error      { return nil }
func (d *datagrams) SetReadDeadline(time.Time) error  { return nil }
func (d *datagrams) SetWriteDeadline(time.Time) error { return nil }

func (d *datagrams) Read(b []byte) (int, error) {
	if len(d.left) < 2 {
		return 0, os.ErrDeadlineExceeded
	}
	n := min(int(binary.BigEndian.Uint16(d.left)), len(d.left)-2)
	got := copy(b, d.left[2:2+n])
	d.left = d.left[2+n:]
	return got, nil
}

// answerDatagram returns an answer for the fuzzer. Its request id is 0, which
// gosnmp takes for any.
func answerDatagram(f *testing.F, v gosnmp.SnmpVersion, e gosnmp.SNMPError, index uint8, vars ...gosnmp.SnmpPDU) []byte {
	f.Helper()
	p := gosnmp.SnmpPacket{Version: v, Community: "public", PDUType: gosnmp.GetResponse, Error: e, ErrorIndex: index, Variables: vars}
	b, err := p.MarshalMsg()
	if err != nil {
		f.Fatal(err)
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...)
}

func pduOf(name string, value any) gosnmp.SnmpPDU {
	p := gosnmp.SnmpPDU{Name: "." + name, Type: gosnmp.Integer, Value: value}
	if _, ok := value.([]byte); ok {
		p.Type = gosnmp.OctetString
	}
	return p
}

// FuzzReport gives a lookup whatever datagrams there are, and holds it to the
// bounds that a report has.
func FuzzReport(f *testing.F) {
	status := []gosnmp.SnmpPDU{
		pduOf(hrDeviceStatus+".1", 5), pduOf(hrStatus+".1", 1), pduOf(hrErrorState+".1", []byte{0x04, 0xff}),
		pduOf(prtSerial+".1", []byte("S\x00\x1b\xff")), pduOf(markerLifeCount+".1.1", 7), pduOf(hrDeviceDescr+".1", []byte("Model")),
	}
	alerts := []gosnmp.SnmpPDU{pduOf(alertSeverity+".1.1", 3), pduOf(alertCode+".1.1", 8), pduOf(alertText+".1.1", []byte("Jam"))}
	levels := []gosnmp.SnmpPDU{pduOf(supplyLevel+".1.1", 3), pduOf(supplyLevel+".1.2", -3), pduOf("1.3.6.1.2.1.43.12.1.1.1.1", 1)}
	names := []gosnmp.SnmpPDU{
		pduOf(supplyType+".1.1", 4), pduOf(supplyName+".1.1", []byte("Waste")), pduOf(supplyUnit+".1.1", 19), pduOf(supplyMax+".1.1", -2),
	}
	for v, version := range map[byte]gosnmp.SnmpVersion{1: gosnmp.Version1, 2: gosnmp.Version2c} {
		whole := answerDatagram(f, version, 0, 0, status...)
		for _, part := range [][]gosnmp.SnmpPDU{alerts, levels, names} {
			whole = append(whole, answerDatagram(f, version, 0, 0, part...)...)
		}
		f.Add(v, true, whole)
		f.Add(v, false, whole[:len(whole)/2])
		f.Add(v, true, slices.Concat(answerDatagram(f, version, gosnmp.NoSuchName, 3, status...), whole))
		f.Add(v, true, slices.Concat(answerDatagram(f, version, gosnmp.TooBig, 0), whole))
		f.Add(v, true, slices.Concat(answerDatagram(f, version, gosnmp.GenErr, 1), whole))
		f.Add(v, true, slices.Concat(answerDatagram(f, version, 0, 0, status...), answerDatagram(f, version, 0, 0, levels...),
			answerDatagram(f, version, 0, 0, names[1], names[1], names[2], names[3], pduOf(supplyName+".1.2", []byte("Black")), pduOf(supplyName+".1.2", []byte("Black")))))
	}
	f.Add(byte(3), true, []byte("\x00\x05\x30\x03\x02\x01\x03"))
	f.Fuzz(func(t *testing.T, version byte, full bool, b []byte) { lookAtFuzzed(t, version, full, b) })
}

func lookAtFuzzed(t *testing.T, version byte, full bool, b []byte) {
	a := Access{Port: 9}
	switch version {
	case 1:
		a.Version = "1"
	case 3:
		a.Version, a.User, a.Auth = "3", "scout", none
	}
	s, err := openSession(t.Context(), host, a.withDefaults(), Engine{}, patient)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	s.conn.Conn.Close()
	s.conn.Conn = &datagrams{left: b}
	l := &lookup{source: s, known: &Known{}, v1: version == 1, v3: version == 3, spent: s.byteCount}
	if full {
		l.want = Full
	}
	err = l.askAll()
	if err != nil && !slices.ContainsFunc([]error{ErrSilent, ErrRefused, ErrGarbled, ErrNoPrinter}, func(k error) bool { return errors.Is(err, k) }) {
		t.Errorf("an error of no kind: %v", err)
	}
	if err != nil {
		checkText(t, err.Error(), 400)
	}
	checkReport(t, &l.report)
	checkKnown(t, l.known)
}

func checkReport(t *testing.T, r *Report) {
	t.Helper()
	for _, s := range []string{r.Model, r.Name, r.Serial, r.Firmware, r.MAC, r.Location, r.Console} {
		checkText(t, s, maxText)
	}
	checkText(t, r.ID1284, maxID1284)
	if len(r.Supplies) > maxSupplies || len(r.Alerts) > maxAlerts || len(r.Languages) > 32 || r.UpTime < 0 || r.LifeCount != nil && *r.LifeCount < 0 {
		t.Errorf("out of bounds: %+v", r)
	}
	for _, s := range r.Supplies {
		checkText(t, s.Name, maxText)
		if s.Percent != nil && (*s.Percent < 0 || *s.Percent > 100) {
			t.Errorf("%+v: %d percent", s, *s.Percent)
		}
	}
	for _, s := range []IPP{{}, {Answered: true}, {Answered: true, Stopped: true}} {
		v := r.Verdict(s)
		if v.Kind != Proceed && len(v.Sentences) == 0 {
			t.Errorf("a verdict without a sentence: %+v of %+v", v, r)
		}
		for _, sentence := range v.Sentences {
			checkText(t, sentence, maxText+100)
		}
	}
}

func checkText(t *testing.T, s string, limit int) {
	t.Helper()
	if len(s) > limit || !utf8.ValidString(s) || slices.ContainsFunc([]rune(s), unicode.IsControl) {
		t.Errorf("a text that may not be shown, or too long: %q", s)
	}
}

// checkKnown: what is handed out is of use the next time.
func checkKnown(t *testing.T, k *Known) {
	t.Helper()
	b, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	var again Known
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if u := again.usableCopy(time.Now()); len(u.Supplies) != len(k.Supplies) || u.Serial != k.Serial {
		t.Errorf("%+v is not used as %+v", k, u)
	}
}
