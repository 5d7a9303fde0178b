package identity

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func readVector(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func endsOf(own, other string) connectionEnds {
	return connectionEnds{netip.MustParseAddrPort(own), netip.MustParseAddrPort(other)}
}

var (
	captured4 = endsOf("127.0.0.1:48001", "127.0.0.1:48631")
	captured6 = endsOf("[::1]:48001", "[::1]:48631")
	capturedM = endsOf("127.0.0.1:48012", "127.0.0.1:48641")
)

// The vectors are what a Linux kernel answered to requests of number 7 from
// port 4711; the client ran as uid 65534.
const vectorSeq, vectorPort = 7, 4711

var sockDiagVectors = []struct {
	name string
	ends connectionEnds
	uid  uint32
	err  error
}{
	{"sockdiag4-established.bin", captured4, 65534, nil},
	{"sockdiag6-established.bin", captured6, 65534, nil},
	{"sockdiag4-finwait2.bin", captured4, 65534, nil},
	{"sockdiag6-finwait2.bin", captured6, 65534, nil},
	{"sockdiag4-mapped.bin", capturedM, 0, nil},
	{"sockdiag4-orphan.bin", captured4, 65534, nil},
	{"sockdiag6-orphan.bin", captured6, 65534, nil},
	{"sockdiag4-timewait.bin", captured4, 0, errGone},
	{"sockdiag6-timewait.bin", captured6, 0, errGone},
	{"sockdiag4-none.bin", captured4, 0, syscall.ENOENT},
	{"sockdiag6-none.bin", captured6, 0, syscall.ENOENT},
	{"sockdiag4-listener.bin", connectionEnds{captured4.other, captured4.own}, 0, errGone},
	{"sockdiag6-listener.bin", connectionEnds{captured6.other, captured6.own}, 0, errGone},
}

func TestSockDiagRequest(t *testing.T) {
	for _, v := range []struct {
		ends connectionEnds
		want string
	}{
		{captured4, "48000000 1400 0100 07000000 00000000" + "02 06 00 00 32010000 bb81 bdf7" +
			"7f000001 000000000000000000000000 7f000001 000000000000000000000000 00000000 ffffffffffffffff"},
		{captured6, "48000000 1400 0100 07000000 00000000" + "0a 06 00 00 32010000 bb81 bdf7" +
			"00000000000000000000000000000001 00000000000000000000000000000001 00000000 ffffffffffffffff"},
	} {
		if got := hex.EncodeToString(sockDiagRequest(v.ends, vectorSeq)); got != strings.ReplaceAll(v.want, " ", "") {
			t.Errorf("%v: %s", v.ends, got)
		}
	}
}

func TestSockDiagVectors(t *testing.T) {
	for _, v := range sockDiagVectors {
		b := readVector(t, v.name)
		s, err := parseSockDiag(b, v.ends, vectorSeq, vectorPort)
		if s.uid != v.uid || !errors.Is(err, v.err) || (err == nil) != (s.inode != 0 || s.uid != 0) {
			t.Errorf("%s: %+v, %v", v.name, s, err)
		}
		other := connectionEnds{v.ends.own, netip.AddrPortFrom(v.ends.other.Addr(), 1)}
		for what, ask := range map[string]func() (socket, error){
			"another connection": func() (socket, error) { return parseSockDiag(b, other, vectorSeq, vectorPort) },
			"roles not swapped":  func() (socket, error) { return parseSockDiag(b, connectionEnds{v.ends.other, v.ends.own}, 7, 4711) },
			"another number":     func() (socket, error) { return parseSockDiag(b, v.ends, vectorSeq+1, vectorPort) },
			"another's port":     func() (socket, error) { return parseSockDiag(b, v.ends, vectorSeq, vectorPort+1) },
			"cut off":            func() (socket, error) { return parseSockDiag(b[:len(b)-8], v.ends, vectorSeq, vectorPort) },
			"more behind it":     func() (socket, error) { return parseSockDiag(append(bytes.Clone(b), b...), v.ends, 7, 4711) },
		} {
			if s, err := ask(); err == nil {
				t.Errorf("%s: %s: believed %+v", v.name, what, s)
			}
		}
	}
}

// TestSockDiagBelievesNoState walks all states, with and without an owner.
func TestSockDiagBelievesNoState(t *testing.T) {
	b := readVector(t, "sockdiag4-established.bin")
	for state := range 256 {
		b[nlHeaderSize+1] = byte(state)
		_, err := parseSockDiag(b, captured4, vectorSeq, vectorPort)
		live := state == 1 || state == 4 || state == 5 || state == 8
		if (err == nil) != live {
			t.Errorf("state %d: %v", state, err)
		}
	}
}

func TestProcNetVectors(t *testing.T) {
	for _, v := range []struct {
		name string
		ends connectionEnds
		want socket
		err  error
	}{
		{"procnet4.txt", captured4, socket{65534, 519506}, nil},
		{"procnet6.txt", captured6, socket{65534, 519517}, nil},
		{"procnet6-mapped.txt", capturedM, socket{0, 524629}, nil},
		{"procnet4-orphan.txt", captured4, socket{65534, 0}, nil},
		{"procnet4-timewait.txt", captured4, socket{}, errGone},
		{"procnet4.txt", captured6, socket{}, errGone},
	} {
		text := string(readVector(t, v.name))
		s, err := parseProcNet(t.Context(), strings.NewReader(text), v.ends)
		if s != v.want || !errors.Is(err, v.err) {
			t.Errorf("%s: %+v, %v", v.name, s, err)
		}
		if v.err != nil {
			continue
		}
		if s, err := parseProcNet(t.Context(), strings.NewReader(text+text), v.ends); err == nil {
			t.Errorf("%s twice over: believed %+v", v.name, s)
		}
	}
}

func TestProcNetIsBounded(t *testing.T) {
	long := strings.NewReader(strings.Repeat("x", 1<<20))
	if _, err := parseProcNet(t.Context(), long, captured4); err == nil {
		t.Error("took a line of 1 MiB")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := parseProcNet(ctx, bytes.NewReader(readVector(t, "procnet4.txt")), captured4); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of ctx: %v", err)
	}
}

func TestTCPTableVectors(t *testing.T) {
	const made = 133000000000000000
	table4, table6 := readVector(t, "windows-tcp4.bin"), readVector(t, "windows-tcp6.bin")
	server := "127.0.0.1:8631"
	for _, v := range []struct {
		what  string
		table []byte
		l     tableLayout
		ends  connectionEnds
		want  tcpRow
		err   error
	}{
		{"established", table4, tcpRow4, endsOf("127.0.0.1:50001", server), tcpRow{2000, made + 9}, nil},
		{"close wait, no time", table4, tcpRow4, endsOf("127.0.0.1:50002", server), tcpRow{2001, 0}, nil},
		{"time wait", table4, tcpRow4, endsOf("127.0.0.1:50003", server), tcpRow{}, errGone},
		{"no process", table4, tcpRow4, endsOf("127.0.0.1:50004", server), tcpRow{}, errGone},
		{"connecting", table4, tcpRow4, endsOf("127.0.0.1:50005", server), tcpRow{}, errGone},
		{"twice", table4, tcpRow4, endsOf("127.0.0.1:50006", server), tcpRow{}, errMalformed},
		{"none", table4, tcpRow4, endsOf("127.0.0.1:50099", server), tcpRow{}, errGone},
		{"v6", table6, tcpRow6, endsOf("[::1]:50001", "[::1]:8631"), tcpRow{2100, made + 9}, nil},
		{"v6 for v4", table6, tcpRow6, endsOf("127.0.0.1:50007", server), tcpRow{2107, made}, nil},
		{"v6 time wait", table6, tcpRow6, endsOf("[::1]:50003", "[::1]:8631"), tcpRow{}, errGone},
		{"empty", make([]byte, 8), tcpRow4, endsOf("127.0.0.1:50001", server), tcpRow{}, errGone},
		{"cut off", table4[:1000], tcpRow4, endsOf("127.0.0.1:50001", server), tcpRow{}, errMalformed},
		{"nothing", nil, tcpRow4, endsOf("127.0.0.1:50001", server), tcpRow{}, errMalformed},
	} {
		row, err := parseTCPTable(v.table, v.l, v.ends)
		if row != v.want || !errors.Is(err, v.err) {
			t.Errorf("%s: %+v, %v", v.what, row, err)
		}
	}
}

func TestTCPRowOwns(t *testing.T) {
	for _, v := range []struct {
		made, started, lookedUp uint64
		want                    bool
	}{
		{made: 100, started: 90, lookedUp: 200, want: true},
		{made: 100, started: 100, lookedUp: 200, want: true},
		{made: 100, started: 101, lookedUp: 200, want: false}, // has the number of one that is gone
		{made: 0, started: 150, lookedUp: 200, want: true},
		{made: 0, started: 201, lookedUp: 200, want: false},
		{made: 100, started: 0, lookedUp: 200, want: false},
	} {
		if got := (tcpRow{made: v.made}).mayBelongTo(v.started, v.lookedUp); got != v.want {
			t.Errorf("%+v: %v", v, got)
		}
	}
}

func TestPCBListVectors(t *testing.T) {
	list := readVector(t, "xnu-pcblist.bin")
	server := "127.0.0.1:8631"
	for _, v := range []struct {
		what string
		list []byte
		ends connectionEnds
		uid  uint32
		err  error
	}{
		{"established", list, endsOf("127.0.0.1:50001", server), 501, nil},
		{"close wait", list, endsOf("127.0.0.1:50002", server), 26, nil},
		{"v6", list, endsOf("[::1]:50001", "[::1]:8631"), 503, nil},
		{"v4 on a v6 socket", list, endsOf("127.0.0.1:50006", server), 504, nil},
		{"time wait", list, endsOf("127.0.0.1:50003", server), 0, errGone},
		{"no socket left", list, endsOf("127.0.0.1:50004", server), 0, errGone},
		{"no file left", list, endsOf("127.0.0.1:50005", server), 0, errGone},
		{"no kernel socket", list, endsOf("127.0.0.1:50008", server), 0, errGone},
		{"twice", list, endsOf("127.0.0.1:50007", server), 0, errMalformed},
		{"none", list, endsOf("127.0.0.1:50099", server), 0, errGone},
		{"no end", list[:len(list)-pcbHeader], endsOf("127.0.0.1:50001", server), 0, errMalformed},
		{"another header", list[8:], endsOf("127.0.0.1:50001", server), 0, errMalformed},
		{"nothing", nil, endsOf("127.0.0.1:50001", server), 0, errMalformed},
	} {
		uid, err := parsePCBList(v.list, v.ends)
		if uid != v.uid || !errors.Is(err, v.err) {
			t.Errorf("%s: %d, %v", v.what, uid, err)
		}
	}
}

func FuzzSockDiag(f *testing.F) {
	for _, v := range sockDiagVectors {
		f.Add(readVector(f, v.name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, c := range []connectionEnds{captured4, captured6, capturedM} {
			if s, err := parseSockDiag(b, c, vectorSeq, vectorPort); err == nil && (s.inode == 0 && s.uid == 0 && b[nlHeaderSize+1] != tcpFinWait1 || len(b) < nlHeaderSize+diagMsgSize) {
				t.Errorf("believed %+v", s)
			}
		}
	})
}

func FuzzProcNetTCP(f *testing.F) {
	for _, name := range []string{"procnet4.txt", "procnet6.txt", "procnet6-mapped.txt", "procnet4-orphan.txt", "procnet4-timewait.txt"} {
		f.Add(string(readVector(f, name)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range []connectionEnds{captured4, captured6, capturedM} {
			if s, err := parseProcNet(t.Context(), strings.NewReader(text), c); err == nil && s.inode == 0 && s.uid == 0 && !strings.Contains(text, " 04 ") {
				t.Errorf("believed %+v", s)
			}
		}
	})
}

func FuzzTCPTable(f *testing.F) {
	f.Add(readVector(f, "windows-tcp4.bin"))
	f.Add(readVector(f, "windows-tcp6.bin"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, l := range []tableLayout{tcpRow4, tcpRow6} {
			row, err := parseTCPTable(b, l, endsOf("127.0.0.1:50001", "127.0.0.1:8631"))
			if err == nil && (row.pid == 0 || len(b) < tableHeader+l.size) {
				t.Errorf("believed %+v", row)
			}
		}
	})
}

func FuzzPCBList(f *testing.F) {
	f.Add(readVector(f, "xnu-pcblist.bin"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := parsePCBList(b, endsOf("127.0.0.1:50001", "127.0.0.1:8631")); err == nil && len(b) < 2*pcbHeader+pcbInpcbMin+pcbSocketMin+pcbTcpcbMin {
			t.Errorf("believed %d bytes", len(b))
		}
	})
}
