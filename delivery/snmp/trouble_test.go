package snmp

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
)

// TestAnswersThatComeTwiceOrLate are each the answer to one question.
func TestAnswersThatComeTwiceOrLate(t *testing.T) {
	for name, of := range map[string]func(r *relayed, answer []byte) [][]byte{
		"twice": func(_ *relayed, answer []byte) [][]byte { return [][]byte{answer, answer} },
		"behind the one before": func(r *relayed, answer []byte) [][]byte {
			defer func() { r.kept = [][]byte{answer} }()
			return append(r.kept, answer)
		},
		"on the second try": func(r *relayed, answer []byte) [][]byte {
			if r.kept == nil {
				r.kept = [][]byte{answer}
				return nil
			}
			defer func() { r.kept = nil }()
			return append(r.kept, answer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := Access{Version: "2c", Port: startRelay(t, startAgentOK(t).Port(), of)}
			quick := timeLimits{try: 200 * time.Millisecond, retries: 100, total: time.Minute}
			r, _, err := lookWithin(t.Context(), host, a, nil, Full, quick)
			if err != nil || r.Serial == "" || len(r.Supplies) != 9 || r.Supplies[8].Level != 73 {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

// relayed stands between a lookup and an agent.
type relayed struct{ kept [][]byte }

// startRelay hands questions on to an agent, and what becomes of its answers
// back.
func startRelay(t *testing.T, port int, of func(*relayed, []byte) [][]byte) int {
	t.Helper()
	front, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	back, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { front.Close(); back.Close(); <-done })
	go func() {
		defer close(done)
		r, b := &relayed{}, make([]byte, 64<<10)
		for {
			n, from, err := front.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			if _, err := back.Write(b[:n]); err != nil {
				return
			}
			if n, err = back.Read(b); err != nil {
				return
			}
			for _, answer := range of(r, slices.Clone(b[:n])) {
				_, _ = front.WriteToUDPAddrPort(answer, from)
			}
		}
	}()
	return front.LocalAddr().(*net.UDPAddr).Port
}

// scriptedSession returns a session whose printer answers by a function.
func scriptedSession(t *testing.T, version string, answer func(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket) *session {
	t.Helper()
	s, err := openSession(t.Context(), host, Access{Version: version, Port: 9}.withDefaults(), Engine{}, patient)
	if err != nil {
		t.Fatal(err)
	}
	s.conn.Conn.Close()
	s.conn.Conn = &scriptedConn{t: t, answer: answer}
	t.Cleanup(s.close)
	return s
}

// scriptedConn is a connection to a printer that answers by a function.
type scriptedConn struct {
	datagrams
	t      *testing.T
	answer func(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket
	next   []byte
}

func (s *scriptedConn) Write(b []byte) (int, error) {
	in, err := new(gosnmp.GoSNMP).SnmpDecodePacket(b)
	if err != nil {
		s.t.Error(err)
		return len(b), nil
	}
	out := s.answer(in)
	out.Version, out.Community, out.RequestID, out.PDUType = in.Version, in.Community, in.RequestID, gosnmp.GetResponse
	if s.next, err = out.MarshalMsg(); err != nil {
		s.t.Error(err)
	}
	return len(b), nil
}

func (s *scriptedConn) Read(b []byte) (int, error) { return copy(b, s.next), nil }

func (s *scriptedConn) Close() error { return nil }

// numberAnswer answers a question with 1 for each object.
func numberAnswer(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
	out := &gosnmp.SnmpPacket{}
	for _, v := range in.Variables {
		out.Variables = append(out.Variables, gosnmp.SnmpPDU{Name: v.Name, Type: gosnmp.Integer, Value: 1})
	}
	return out
}

// TestErrorsAreNarrowedDown to the object that they are about.
func TestErrorsAreNarrowedDown(t *testing.T) {
	names := []string{"1.3.6.1.2.1.1", "1.3.6.1.2.1.2", "1.3.6.1.2.1.3", "1.3.6.1.2.1.4", "1.3.6.1.2.1.5"}
	bad := func(in *gosnmp.SnmpPacket) int {
		return slices.IndexFunc(in.Variables, func(v gosnmp.SnmpPDU) bool { return strings.TrimPrefix(v.Name, ".") == names[2] })
	}
	for name, c := range map[string]struct {
		e     gosnmp.SNMPError
		index bool
	}{
		"noSuchName": {gosnmp.NoSuchName, true}, "genErr": {gosnmp.GenErr, true}, "genErr of none": {gosnmp.GenErr, false},
		"badValue": {gosnmp.BadValue, true}, "tooBig": {gosnmp.TooBig, false}, "noAccess": {gosnmp.NoAccess, true},
		"resourceUnavailable of none": {gosnmp.ResourceUnavailable, false},
	} {
		for _, version := range []string{"1", "2c"} {
			s := scriptedSession(t, version, func(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
				i := bad(in)
				if i < 0 {
					return numberAnswer(in)
				}
				out := numberAnswer(in)
				if out.Error = c.e; c.index {
					out.ErrorIndex = uint8(i + 1)
				}
				return out
			})
			v, err := s.getObjects(names...)
			if err != nil || len(v) != 4 || v.hasAny(names[2]) || s.conn.asked > 9 {
				t.Errorf("%s, version %s: %v, %v after %d questions", name, version, v, err, s.conn.asked)
			}
		}
	}
}

// TestATableThatIsRefusedInPieces is asked for in smaller ones.
func TestATableThatIsRefusedInPieces(t *testing.T) {
	columns := []string{"1.3.6.1.2.1", "1.3.6.1.2.2", "1.3.6.1.2.3"}
	cell := func(name string) (gosnmp.SnmpPDU, bool) { // of three rows
		name = strings.TrimPrefix(name, ".")
		for i, index := range []string{"", ".1", ".2", ".3"} {
			if name == columns[0]+index || name == columns[1]+index || name == columns[2]+index {
				return gosnmp.SnmpPDU{Name: name[:len(columns[0])] + "." + string(rune('1'+i)), Type: gosnmp.Integer, Value: 1}, i < 3
			}
		}
		return gosnmp.SnmpPDU{}, false
	}
	next := func(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
		out := &gosnmp.SnmpPacket{}
		for _, v := range in.Variables {
			pdu, ok := cell(v.Name)
			if !ok {
				pdu = gosnmp.SnmpPDU{Name: v.Name, Type: gosnmp.EndOfMibView}
			}
			out.Variables = append(out.Variables, pdu)
		}
		return out
	}
	for name, refuse := range map[string]func(in *gosnmp.SnmpPacket) gosnmp.SNMPError{
		"more than one cell is too big": func(in *gosnmp.SnmpPacket) gosnmp.SNMPError {
			if len(in.Variables) > 1 || in.MaxRepetitions > 1 {
				return gosnmp.TooBig
			}
			return gosnmp.NoError
		},
		"no getbulk": func(in *gosnmp.SnmpPacket) gosnmp.SNMPError {
			if in.PDUType == gosnmp.GetBulkRequest {
				return gosnmp.GenErr
			}
			return gosnmp.NoError
		},
	} {
		s := scriptedSession(t, "2c", func(in *gosnmp.SnmpPacket) *gosnmp.SnmpPacket {
			if e := refuse(in); e != gosnmp.NoError {
				return &gosnmp.SnmpPacket{Error: e}
			}
			return next(in)
		})
		var all []int
		for after, end := fromStart, false; !end && len(all) < 9; {
			var found []row
			var err error
			if found, end, err = s.getRows(5, after, columns...); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, r := range found {
				if after = r.index; slices.ContainsFunc(r.cells, func(p gosnmp.SnmpPDU) bool { return !isUsable(p) }) {
					t.Errorf("%s: row %+v", name, r)
				}
				all = append(all, r.index)
			}
		}
		if !slices.Equal(all, []int{1, 2, 3}) {
			t.Errorf("%s: rows %v", name, all)
		}
	}
}
