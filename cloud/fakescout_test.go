package cloud

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/printscout/printscout/cloudlink/wire"
)

// identity is a scout's key and id.
type identity struct {
	id     string
	public ed25519.PublicKey
	key    ed25519.PrivateKey
	wrap   []byte
}

func newIdentity(t *testing.T) *identity {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &identity{public: public, key: private, wrap: bytes.Repeat([]byte{3}, 32)}
}

func (i *identity) enrollRequest(token string) wire.EnrollRequest {
	return wire.EnrollRequest{Token: token, Name: "pc-17", Version: "0.1.0", Sign: i.public, Wrap: i.wrap}
}

// enrollScout makes a scout known to the server.
func (f *fixture) enrollScout() *identity {
	f.t.Helper()
	i := newIdentity(f.t)
	f.enrolAs(i)
	return i
}

// enrolAs makes this one known.
func (f *fixture) enrolAs(i *identity) {
	f.t.Helper()
	bundle, err := f.server.Bundle(f.t.Context(), "https://"+f.addr, time.Hour)
	if err != nil {
		f.t.Fatal(err)
	}
	status, data := f.call("POST", "/v1/enroll", i.enrollRequest(bundle.Token))
	var reply wire.EnrollReply
	if err := json.Unmarshal(data, &reply); status != http.StatusOK || err != nil {
		f.t.Fatalf("POST /v1/enroll: status %d, %s", status, data)
	}
	i.id = reply.Scout
}

// scout is the scout's end of a websocket.
type scout struct {
	t  *testing.T
	ws *websocket.Conn
	wire.Welcome
	backlog []any
}

// dialScout opens the websocket; the server's challenge is not yet read.
func (f *fixture) dialScout() *scout {
	f.t.Helper()
	dialer := websocket.Dialer{TLSClientConfig: f.clientTLS(), Subprotocols: []string{wire.Subprotocol}}
	ws, _, err := dialer.Dial("wss://"+f.addr+"/v1/scout", nil)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { ws.Close() })
	return &scout{t: f.t, ws: ws}
}

func (s *scout) signedHello(i *identity, jobs ...wire.Job) wire.Hello {
	s.t.Helper()
	challenge, ok := s.receiveMessage().(wire.Challenge)
	if !ok {
		s.t.Fatal("the server does not begin with a challenge")
	}
	return wire.Hello{Scout: i.id, Version: "0.2.0", Signature: wire.SignHello(i.key, challenge.Nonce, i.id, "127.0.0.1"),
		JobsDigest: wire.Digest(jobs), JobsCount: len(jobs)}
}

// connectScout brings a scout with these jobs to its welcome, and its jobs to the server.
func (f *fixture) connectScout(i *identity, jobs ...wire.Job) *scout {
	f.t.Helper()
	s := f.dialScout()
	s.sendMessages(s.signedHello(i, jobs...))
	welcome, ok := s.receiveMessage().(wire.Welcome)
	if !ok {
		f.t.Fatal("the server does not welcome the scout")
	}
	s.Welcome = welcome
	if welcome.WantJobs {
		s.sendMessages(wire.JobsBegin{Count: len(jobs)})
		for _, j := range jobs {
			s.sendMessages(j)
		}
		s.sendMessages(wire.JobsEnd{})
	}
	s.waitUntilHandled()
	return s
}

// waitUntilHandled waits until the server has taken what was sent: it acknowledges
// results in the order of the frames, known or not. What the server sends
// meanwhile is received later.
func (s *scout) waitUntilHandled() {
	s.t.Helper()
	s.sendMessages(wire.Result{Order: "settle", Job: "none", State: wire.Canceled})
	for m := s.readMessage(); m != any(wire.ResultAck{Order: "settle"}); m = s.readMessage() {
		s.backlog = append(s.backlog, m)
	}
}

func (s *scout) sendMessages(messages ...any) {
	s.t.Helper()
	for _, m := range messages {
		data, err := wire.Encode(m)
		if err != nil {
			s.t.Fatal(err)
		}
		if err := s.sendRaw(data); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *scout) sendRaw(data []byte) error {
	s.ws.SetWriteDeadline(time.Now().Add(patient))
	return s.ws.WriteMessage(websocket.TextMessage, data)
}

func (s *scout) receiveMessage() any {
	s.t.Helper()
	if len(s.backlog) > 0 {
		m := s.backlog[0]
		s.backlog = s.backlog[1:]
		return m
	}
	return s.readMessage()
}

// readMessage reads a frame.
func (s *scout) readMessage() any {
	s.t.Helper()
	s.ws.SetReadDeadline(time.Now().Add(patient))
	_, data, err := s.ws.ReadMessage()
	if err != nil {
		s.t.Fatalf("reading from the server: %v", err)
	}
	m, err := wire.Decode(data)
	if err != nil {
		s.t.Fatalf("the server sent %s: %v", data, err)
	}
	return m
}

func (s *scout) receiveOrder() wire.Order {
	s.t.Helper()
	m := s.receiveMessage()
	o, ok := m.(wire.Order)
	if !ok {
		s.t.Fatalf("the server sent %#v, not an order", m)
	}
	return o
}

// wantClosed waits until the server has closed the connection.
func (s *scout) wantClosed() {
	s.t.Helper()
	s.ws.SetReadDeadline(time.Now().Add(patient))
	for {
		_, _, err := s.ws.ReadMessage()
		if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
			s.t.Fatal("the server stays")
		}
		if err != nil {
			return
		}
	}
}

func (s *scout) sendResult(o wire.Order, state string) {
	s.t.Helper()
	pages := 3
	s.sendMessages(wire.Result{Order: o.ID, Job: o.Job, Printer: o.Printer, State: state, Protocol: "ipps", Grade: "ipps-pinned",
		EvidenceLevel: "I2", PagesPrinted: &pages, FirstByteMS: 4, TotalMS: 99})
	for m := s.readMessage(); m != any(wire.ResultAck{Order: o.ID}); m = s.readMessage() {
		s.backlog = append(s.backlog, m)
	}
}

// tomorrow is when the jobs of the tests expire: the same for all calls.
var tomorrow = time.Now().Add(24 * time.Hour).Truncate(time.Second)

func parkedJob(id string) wire.Job {
	return wire.Job{ID: id, User: "tag-of-" + id, State: "parked", Expires: tomorrow}
}
