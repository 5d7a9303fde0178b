package scout

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/dev/peers"
	"github.com/printscout/printscout/internal/directory"
)

// heapBound is more than a hostile server may have the agent keep.
const heapBound = 48 << 20

func heapBytes() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

const stranger = "does not behave like a release server"

// TestHostileConnections is a server with the right key that breaks every rule
// of the wire (docs/protocol.md, What each end refuses). The agent stays up,
// works for its owner, prints nothing else, and says once what is the matter.
func TestHostileConnections(t *testing.T) {
	peers.Short(t, "a server that breaks every rule")
	after := func(do func(p *hostilePeer)) func(*hostilePeer) {
		return func(p *hostilePeer) { p.sendWelcome(""); do(p) }
	}
	says := func(frame string) func(*hostilePeer) { return after(func(p *hostilePeer) { p.writeText(frame) }) }
	long := func(n int) string { return strings.Repeat("x", n) }
	for name, c := range map[string]struct {
		setUp  func(t *testing.T, h *hostileServer)
		talk   func(p *hostilePeer)
		reason string // in the log
		status string
	}{
		"a certificate of another authority": {setUp: func(t *testing.T, h *hostileServer) {
			leaf, _ := hostileCertificate(t, "localhost")
			h.tls.Certificates = []tls.Certificate{leaf}
		}, reason: "certificate", status: "no reason to trust"},
		"a certificate of another name": {setUp: func(t *testing.T, h *hostileServer) {
			leaf, ca := hostileCertificate(t, "print.example.org")
			h.tls.Certificates, h.pin = []tls.Certificate{leaf}, wire.Pin(ca)
		}, reason: "certificate", status: "no reason to trust"},
		"a redirection": {setUp: func(_ *testing.T, h *hostileServer) {
			h.upgrade = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://"+h.trap.Addr().String()+"/v1/scout", http.StatusTemporaryRedirect)
			}
		}, reason: "unreachable", status: "status 307"},
		"another service named in a header": {setUp: func(_ *testing.T, h *hostileServer) {
			h.header = fmt.Sprintf("Alt-Svc: h2=%q; ma=86400\r\nLocation: https://%[1]s/\r\nRefresh: 0; url=https://%[1]s/\r\n", h.trap.Addr())
		}, talk: says("no JSON"), reason: "protocol", status: stranger},
		"no challenge":               {talk: func(p *hostilePeer) { p.writeText(`{"t":"welcome"}`) }, reason: "protocol", status: stranger},
		"a challenge too short":      {talk: func(p *hostilePeer) { p.writeText(`{"t":"challenge","n":"AAAA"}`) }, reason: "protocol", status: stranger},
		"a second challenge":         {talk: after(func(p *hostilePeer) { p.sendMessage(wire.Challenge{Nonce: make([]byte, wire.NonceSize)}) }), reason: "protocol", status: stranger},
		"a second welcome":           {talk: func(p *hostilePeer) { p.sendWelcome(""); p.sendWelcome("") }, reason: "protocol", status: stranger},
		"a frame over 64 KiB":        {talk: says(`{"t":"x","y":"` + long(wire.MaxFrame) + `"}`), reason: "unreachable", status: "read limit exceeded"},
		"a frame of 2⁶³ - 1":         {talk: after(func(p *hostilePeer) { p.writeRaw([]byte{last | text, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255}) }), reason: "unreachable", status: "read limit exceeded"},
		"a frame of 2⁶⁴ - 1":         {talk: after(func(p *hostilePeer) { p.writeRaw([]byte{last | text, 127, 255, 255, 255, 255, 255, 255, 255, 255}) }), reason: "unreachable", status: "cannot be reached"},
		"a binary frame":             {talk: after(func(p *hostilePeer) { p.writeFrame(last|binaryKind, []byte(`{}`)) }), reason: "protocol", status: stranger},
		"a compressed frame":         {talk: after(func(p *hostilePeer) { p.writeFrame(last|text|0x40, []byte(`{}`)) }), reason: "unreachable", status: "cannot be reached"},
		"a frame of no kind":         {talk: after(func(p *hostilePeer) { p.writeFrame(last|0x7, nil) }), reason: "unreachable", status: "cannot be reached"},
		"a long ping":                {talk: after(func(p *hostilePeer) { p.writeFrame(last|ping, make([]byte, 200)) }), reason: "unreachable", status: "cannot be reached"},
		"not JSON":                   {talk: says("\x00\xff\n\x1b[2J"), reason: "protocol", status: stranger},
		"JSON that is not an object": {talk: says(`["order"]`), reason: "protocol", status: stranger},
		"JSON without an end":        {talk: says(`{"t":"order"`), reason: "protocol", status: stranger},
		"deep JSON":                  {talk: says(strings.Repeat(`{"t":`, 12_000)), reason: "protocol", status: stranger},
		"a field of another type":    {talk: says(`{"t":"order","id":["a"]}`), reason: "protocol", status: stranger},
		"an order id too long":       {talk: says(`{"t":"order","id":"` + long(65) + `","j":"a","p":"b"}`), reason: "protocol", status: stranger},
		"an order without a job":     {talk: says(`{"t":"order","id":"a","p":"b"}`), reason: "protocol", status: stranger},
		"a printer too long":         {talk: says(`{"t":"order","id":"a","j":"a","p":"` + long(129) + `"}`), reason: "protocol", status: stranger},
		"a printer of controls":      {talk: says(`{"t":"order","id":"a","j":"a","p":"a\nb"}`), reason: "protocol", status: stranger},
		"an owner too long":          {talk: says(`{"t":"order","id":"a","j":"a","p":"b","u":"` + long(65) + `"}`), reason: "protocol", status: stranger},
		"a PIN of another size":      {talk: says(`{"t":"order","id":"a","j":"a","p":"b","k":"AAAA"}`), reason: "protocol", status: stranger},
		"a time that is none":        {talk: says(`{"t":"order","id":"a","j":"a","p":"b","i":"yesterday"}`), reason: "protocol", status: stranger},
		"an ack without an order":    {talk: says(`{"t":"ack"}`), reason: "protocol", status: stranger},
		"a negative drain":           {talk: says(`{"t":"drain","d":-5}`), reason: "protocol", status: stranger},
		"a drain for ever":           {talk: says(`{"t":"drain","d":4611686018427387903}`), reason: "draining", status: "connect again shortly"},
		"a drain beyond numbers":     {talk: says(`{"t":"drain","d":1e400}`), reason: "protocol", status: stranger},
		"a scout's frame":            {talk: says(`{"t":"gone","id":"a"}`), reason: "protocol", status: stranger},
		"a welcome of words": {talk: func(p *hostilePeer) {
			p.sendChallenge()
			p.writeText(`{"t":"welcome","now":"now","ps":"often","w":"yes"}`)
		}, reason: "protocol", status: stranger},
		"a session with a line":  {talk: func(p *hostilePeer) { p.sendWelcome(`,"k":"a\r\nHost: evil"`) }, reason: "protocol", status: stranger},
		"a session too long":     {talk: func(p *hostilePeer) { p.sendWelcome(`,"k":"` + long(129) + `"`) }, reason: "protocol", status: stranger},
		"refused for no reason":  {talk: says(`{"t":"refused","c":"Blue Moon"}`), reason: "protocol", status: stranger},
		"refused with an escape": {talk: says(`{"t":"refused","c":"blue","m":"a\u001b[2J\nb"}`), reason: "refused", status: "refused this scout: a [2J b"},
		"a flood of messages": {talk: after(func(p *hostilePeer) {
			for many := bytes.Repeat([]byte{last | text, 9, '{', '"', 't', '"', ':', '"', 'x', '"', '}'}, 1000); p.writeRaw(many); {
			}
		}), reason: "protocol", status: "floods"},
		"a flood of acks": {talk: after(func(p *hostilePeer) {
			for ack := `{"t":"ack","o":"never-sent"}`; p.writeText(ack); {
			}
		}), reason: "protocol", status: "floods"},
		"a flood of bytes": {talk: after(func(p *hostilePeer) {
			for big := `{"t":"x","y":"` + long(60<<10) + `"}`; p.writeText(big); {
			}
		}), reason: "protocol", status: "floods"},
		"empty fragments": {talk: after(func(p *hostilePeer) {
			p.writeFrame(text, []byte("{"))
			for many := make([]byte, 8<<10); p.writeRaw(many); {
			}
		}), reason: "protocol", status: "floods"},
		"a message of crumbs": {talk: after(func(p *hostilePeer) {
			p.writeFrame(text, []byte("{"))
			for many := bytes.Repeat([]byte{0, 1, ' '}, 1<<10); p.writeRaw(many); {
			}
		}), reason: "protocol", status: "too many fragments"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHostileRig(t)
			if c.setUp != nil {
				c.setUp(t, r.hostileServer)
				r.joinHostileSite()
			}
			if c.talk != nil {
				r.talk = func(p *hostilePeer) {
					if p.n == 1 { // later ones are left without a challenge, so that the status stays to be read
						c.talk(p)
					}
				}
			}
			before := heapBytes()
			stop := r.startLink()
			line := `msg="no connection to the server" reason=` + c.reason + " host=localhost"
			r.waitForLine(line)
			if s := r.status(); s.Connected || !strings.Contains(s.LastError, c.status) || strings.ContainsAny(s.LastError, "\x1b\n") {
				t.Errorf("status: connected %v, %q, want %q", s.Connected, s.LastError, c.status)
			}
			if grown := heapBytes() - before; grown > heapBound {
				t.Errorf("%d bytes are kept", grown)
			}
			r.worksAlone(0)
			stop()
			r.waitForLine(line)
			if c.reason == "certificate" && r.requests.Load() > 0 {
				t.Error("something was sent to the wrong server")
			}
		})
	}
}

// TestHostileLoops has servers that do the same again and again: the reason
// has one line, however often it happens.
func TestHostileLoops(t *testing.T) {
	peers.Short(t, "servers that repeat themselves")
	for name, c := range map[string]struct{ frame, reason string }{
		"drained":  {`{"t":"drain","d":0}`, "draining"},
		"nonsense": {`{"t":"drain","d":-1}`, "protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHostileRig(t)
			r.talk = func(p *hostilePeer) { p.sendWelcome(""); p.writeText(c.frame) }
			stop := r.startLink()
			peers.Await(t, "the scout has come four times", func() bool { return r.conns.Load() >= 4 })
			r.worksAlone(0)
			stop()
			r.waitForLine("reason=" + c.reason)
			r.waitForLine("reason=connected")
		})
	}
}

// TestHostileWelcomes has fields that are odd, and all the same taken: the
// scout is connected, and none of them does it harm.
func TestHostileWelcomes(t *testing.T) {
	for name, fields := range map[string]string{
		"no interval":           `,"ps":0`,
		"a negative interval":   `,"ps":-1`,
		"an interval of years":  `,"ps":9000000000000`,
		"the end of all time":   `,"now":"9999-12-31T23:59:59Z"`,
		"the beginning of time": `,"now":"0001-01-01T00:00:00Z"`,
		"an odd session":        `,"k":"; ' \" <>"`,
		"no session":            `,"k":""`,
		"all jobs, please":      `,"w":true`,
		"a field of tomorrow":   `,"zz":{"a":[1,2,3]}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newHostileRig(t)
			greeted := make(chan struct{}, 10)
			r.talk = func(p *hostilePeer) {
				p.sendWelcome(fields)
				o := r.newOrder(uuid.New())
				p.sendMessage(o)
				if got := p.receiveResults(1); len(got) != 1 || got[0].Reason != "job-unknown" {
					t.Errorf("%+v", got)
				}
				greeted <- struct{}{}
			}
			r.startLink()
			peers.Await(t, "the scout answers", func() bool { return len(greeted) == 1 })
			if s := r.status(); !s.Connected {
				t.Errorf("%+v", s)
			}
			r.worksAlone(0)
		})
	}
}

// TestHostileOrdersOverTheWire sends each bad order three times, a thousand
// orders of one kind, and good ones again.
func TestHostileOrdersOverTheWire(t *testing.T) {
	for name, c := range map[string]struct {
		reason string
		change func(r *hostileRig, o *wire.Order)
		times  int
	}{
		"a job that is not an id": {reason: "order-malformed", change: func(_ *hostileRig, o *wire.Order) { o.Job = "..:..:etc" }},
		"from yesterday":          {reason: "order-stale", change: func(r *hostileRig, o *wire.Order) { o.Issued = r.clock.Add(-24 * time.Hour) }},
		"from the future": {reason: "order-stale", change: func(r *hostileRig, o *wire.Order) {
			o.Issued, o.Expires = r.clock.Add(time.Hour), r.clock.Add(61*time.Minute)
		}},
		"good for ever":            {reason: "order-stale", change: func(_ *hostileRig, o *wire.Order) { o.Expires = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }},
		"without a time":           {reason: "order-stale", change: func(_ *hostileRig, o *wire.Order) { o.Issued, o.Expires = time.Time{}, time.Time{} }},
		"a job that is not there":  {reason: "job-unknown", change: func(_ *hostileRig, o *wire.Order) { o.Job = uuid.NewString() }},
		"a thousand of them":       {reason: "job-unknown", change: func(_ *hostileRig, o *wire.Order) { o.Job = uuid.NewString() }, times: 1000},
		"another person's job":     {reason: "not-owner", change: func(r *hostileRig, o *wire.Order) { o.User = r.ownerTag("mallory") }},
		"a printer not signed":     {reason: "printer-unknown", change: func(_ *hostileRig, o *wire.Order) { o.Printer = "evil" }},
		"a printer of its own":     {reason: "printer-unknown", change: func(r *hostileRig, o *wire.Order) { o.Printer = "ipp://" + r.trap.Addr().String() + "/ipp/print" }},
		"a PIN that was not given": {reason: "pin-required", change: func(r *hostileRig, o *wire.Order) { o.Job = r.parkPIN(alice, []byte("4711")).String() }},
		"a PIN that is wrong": {reason: "pin-wrong", change: func(r *hostileRig, o *wire.Order) {
			*o = r.pinOrder(r.parkPIN(alice, []byte("4711")), "4712")
		}},
		"a PIN of another order": {reason: "pin-unreadable", change: func(r *hostileRig, o *wire.Order) {
			*o = r.pinOrder(r.parkPIN(alice, []byte("4711")), "4711")
			o.ID = uuid.NewString()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHostileRig(t)
			id, times := r.parkJob(alice, doc), max(c.times, 3)
			orders := make([]wire.Order, times)
			for i := range orders {
				orders[i] = r.newOrder(id)
				c.change(r, &orders[i])
			}
			done := make(chan struct{}, 10)
			r.talk = func(p *hostilePeer) {
				p.sendWelcome("")
				for _, batch := range orderBatches(orders, wire.OrderWindow) {
					for _, o := range batch {
						p.sendMessage(o)
					}
					for _, got := range p.receiveResults(len(batch)) {
						if got.State != wire.NotSent || got.Reason != c.reason {
							t.Errorf("%+v", got)
						}
						p.sendMessage(wire.ResultAck{Order: got.Order})
					}
				}
				done <- struct{}{}
			}
			before := heapBytes()
			stop := r.startLink()
			peers.Await(t, "the orders are answered", func() bool { return len(done) > 0 })
			r.waitForLine(`msg="an order of the server was refused" reason=` + c.reason + " order=")
			if grown := heapBytes() - before; grown > heapBound {
				t.Errorf("%d bytes are kept", grown)
			}
			r.worksAlone(0)
			stop()
			r.waitForLine("reason=" + c.reason)
		})
	}
}

// orderBatches cuts a list into pieces of so many.
func orderBatches(all []wire.Order, most int) (cut [][]wire.Order) {
	for len(all) > most {
		cut, all = append(cut, all[:most]), all[most:]
	}
	return append(cut, all)
}

// TestHostileRepetition carries one good order out and then hears of it in
// every way: acknowledged before its result, sent again, sent again for
// another job, and over a new connection.
func TestHostileRepetition(t *testing.T) {
	r := newHostileRig(t)
	id, other := r.parkJob(alice, doc), r.parkJob(alice, doc)
	good := r.newOrder(id)
	done := make(chan struct{}, 10)
	r.talk = func(p *hostilePeer) {
		p.sendWelcome("")
		if p.n > 1 { // the result was never acknowledged after it came
			if got := p.receiveResults(1); len(got) != 1 || got[0].Order != good.ID || got[0].State != wire.Delivered {
				t.Errorf("over a new connection: %+v", got)
			}
			p.sendMessage(wire.ResultAck{Order: good.ID})
			again := good
			again.Job, again.Issued = other.String(), r.clock
			p.sendMessage(again)
			if got := p.receiveResults(1); len(got) != 1 || got[0].State != wire.Delivered || got[0].Order != good.ID {
				t.Errorf("again, for another job: %+v", got)
			}
			done <- struct{}{}
			return
		}
		p.sendMessage(wire.ResultAck{Order: good.ID})
		p.sendMessage(good)
		p.sendMessage(wire.ResultAck{Order: good.ID}) // early
		for range 10 {
			p.sendMessage(good)
		}
		if got := p.receiveResults(1); len(got) != 1 || got[0].State != wire.Delivered {
			t.Errorf("the good order: %+v", got)
		}
		p.conn.Close()
	}
	r.startLink()
	peers.Await(t, "both connections are over", func() bool { return len(done) > 0 })
	if r.stateOf(other) != Parked || r.stateOf(id) != "gone" {
		t.Errorf("the jobs are %s and %s", r.stateOf(id), r.stateOf(other))
	}
	r.worksAlone(1)
}

// TestHostileDirectories serves what is no directory of the site's, or an old
// one, and announces it as the newest.
func TestHostileDirectories(t *testing.T) {
	peers.Short(t, "many directories")
	serve := func(b []byte) func(*hostileRig) http.HandlerFunc {
		return func(*hostileRig) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) { w.Write(b) }
		}
	}
	const refused, unfetched = `reason=directory-refused host=localhost`, `reason=directory-not-fetched host=localhost`
	for name, c := range map[string]struct {
		answer func(r *hostileRig) http.HandlerFunc
		line   string
	}{
		"nothing":         {serve(nil), refused},
		"nonsense":        {serve([]byte("\x00{{{\n\x1b[2J")), refused},
		"an empty object": {serve([]byte("{}")), refused},
		"deep JSON":       {serve([]byte(strings.Repeat(`[`, 3<<20))), refused},
		"a web page": {func(*hostileRig) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.Write([]byte("<html>please log in</html>"))
			}
		}, refused},
		"a changed one": {func(r *hostileRig) http.HandlerFunc {
			return serve(bytes.Replace(r.signedDirectory(), []byte("a"), []byte("b"), 1))(r)
		}, refused},
		"that of a site of its own": {func(r *hostileRig) http.HandlerFunc {
			dir := filepath.Join(r.rig.t.TempDir(), "site")
			site, _, err := directory.CreateSite(dir, "test", time.Now())
			r.must(err)
			r.must(site.AddPrinter(directory.NewPrinter("lobby", []string{"ipp://" + r.trap.Addr().String() + "/ipp/print"}, "", "ipp"), time.Now()))
			_, b, err := directory.LoadDirectory(dir)
			r.must(err)
			return serve(b)(r)
		}, refused},
		"an older one": {func(r *hostileRig) http.HandlerFunc {
			old := r.signedDirectory()
			r.must(r.site.AddPrinter(directory.NewPrinter("second", []string{r.rig.printer.URI()}, "", ""), time.Now()))
			r.offerNewDirectory()
			return serve(old)(r)
		}, refused},
		"one of an epoch that is over": {func(r *hostileRig) http.HandlerFunc {
			all := r.makeEpochs(2)
			r.joinSite(all[0].site.Public())
			r.must(r.OfferDirectory(all[1].envelope))
			return serve(all[0].envelope)(r)
		}, refused},
		"one without an end": {func(r *hostileRig) http.HandlerFunc {
			return func(w http.ResponseWriter, q *http.Request) {
				for many := bytes.Repeat([]byte(" "), 1<<16); q.Context().Err() == nil; {
					if _, err := w.Write(many); err != nil {
						return
					}
				}
			}
		}, unfetched},
		"one that unpacks without an end": {func(*hostileRig) http.HandlerFunc { return serveZeros }, unfetched},
		"less than it says": {func(r *hostileRig) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "1000")
				w.Write([]byte("{"))
			}
		}, unfetched},
		"headers without an end": {func(r *hostileRig) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				for i := range 1000 {
					w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 1000))
				}
			}
		}, unfetched},
		"a redirection": {func(r *hostileRig) http.HandlerFunc {
			return func(w http.ResponseWriter, q *http.Request) {
				http.Redirect(w, q, "https://"+r.trap.Addr().String()+"/v1/directory", http.StatusFound)
			}
		}, unfetched},
		"an error": {func(r *hostileRig) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "no\x1b[2J", http.StatusInternalServerError)
			}
		}, unfetched},
	} {
		t.Run(name, func(t *testing.T) {
			r := newHostileRig(t)
			r.directory = c.answer(r)
			edition := r.DirectoryEdition()
			r.talk = func(p *hostilePeer) {
				p.sendWelcome(`,"ep":9,"r":1000000`)
				for i := range 50 {
					p.sendMessage(wire.DirectoryChanged{Edition: wire.Edition{Epoch: 9, Revision: uint64(1_000_001 + i)}})
				}
				p.sendMessage(r.newOrder(uuid.New())) // it is answered all the same
				p.receiveResults(1)
			}
			before := heapBytes()
			stop := r.startLink()
			r.waitForLine(c.line)
			peers.Await(t, "the order is answered", func() bool { return len(r.hostileServer.peers) > 0 })
			if s := r.status(); !s.Connected || (c.line == refused) != strings.Contains(s.LastError, "a printer directory that this scout refuses") {
				t.Errorf("status: connected %v, %q", s.Connected, s.LastError)
			}
			if grown := heapBytes() - before; grown > heapBound {
				t.Errorf("%d bytes are kept", grown)
			}
			if now := r.DirectoryEdition(); now != edition {
				t.Errorf("the directory is %v, was %v", now, edition)
			}
			if !strings.Contains(name, "over") { // that site knows the printer without its pin
				r.worksAlone(0)
			}
			stop()
			r.waitForLine(c.line)
			if n := r.fetched.Load(); n > 2 {
				t.Errorf("fetched %d times", n)
			}
		})
	}
}

// TestHostileSlowDirectory sends a directory that takes for ever, and orders meanwhile.
func TestHostileSlowDirectory(t *testing.T) {
	r := newHostileRig(t)
	begun := make(chan struct{}, 10)
	r.directory = func(w http.ResponseWriter, q *http.Request) {
		w.Write([]byte("{"))
		http.NewResponseController(w).Flush()
		begun <- struct{}{}
		select {
		case <-q.Context().Done():
		case <-r.closing.Done():
		}
	}
	id := r.parkJob(alice, doc)
	r.talk = func(p *hostilePeer) {
		p.sendWelcome(`,"ep":1,"r":1000`)
		<-begun
		p.sendMessage(r.newOrder(id))
		if got := p.receiveResults(1); len(got) != 1 || got[0].State != wire.Delivered {
			t.Errorf("%+v", got)
		}
	}
	stop := r.startLink()
	peers.Await(t, "the order is carried out", func() bool { return len(r.hostileServer.peers) > 0 })
	r.worksAlone(1)
	stop()
}

// serveZeros answers with a gigabyte that takes a megabyte on the way.
func serveZeros(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	for zeros := make([]byte, 1<<20); ; {
		if _, err := z.Write(zeros); err != nil {
			return
		}
	}
}

// TestHostileOrdersAtOnce sends 70 orders while nothing of the first 64 can
// come to an end.
func TestHostileOrdersAtOnce(t *testing.T) {
	r := newHostileRig(t)
	r.talk = func(p *hostilePeer) {
		p.sendWelcome("")
		p.sendMessage(r.newOrder(uuid.New()))
		p.receiveResults(1) // by now the link has asked for the jobs
		r.table.mu.Lock()
		for range 70 {
			p.sendMessage(r.newOrder(uuid.New()))
		}
		busy := p.receiveResults(70 - wire.OrderWindow)
		r.table.mu.Unlock()
		for _, got := range busy {
			if got.State != wire.NotSent || got.Reason != wire.ReasonBusy {
				t.Errorf("over the window: %+v", got)
			}
		}
		for _, got := range p.receiveResults(wire.OrderWindow) {
			if got.State != wire.NotSent || got.Reason != "job-unknown" {
				t.Errorf("in the window: %+v", got)
			}
		}
	}
	stop := r.startLink()
	peers.Await(t, "all are answered", func() bool { return len(r.hostileServer.peers) > 0 })
	r.worksAlone(0)
	stop()
	r.waitForLine("reason=job-unknown")
}
