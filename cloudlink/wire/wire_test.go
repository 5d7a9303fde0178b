package wire

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/outcome"
)

const (
	someID    = "0196f1c2-7d7e-7a3b-9f00-3c5a1e0c9b11"
	otherID   = "0196f1c2-7d7e-7a3b-9f00-3c5a1e0c9b12"
	someOwner = "3q2-7wQxGm0o6r1XQ9vYhA"
)

var someTime = time.Date(2026, 11, 20, 9, 18, 56, 0, time.UTC)

func intPointer(n int) *int { return &n }

// sampleMessages has one full message of each type, under the name of its vector.
func sampleMessages() map[string]any {
	return map[string]any{
		"challenge": Challenge{Nonce: bytes.Repeat([]byte{7}, NonceSize)},
		"hello": Hello{Scout: someID, Version: "0.1.0", Signature: bytes.Repeat([]byte{9}, 64),
			JobsDigest: "47DEQpj8HBSa-_TImW-5JA", JobsCount: 3, Edition: Edition{Epoch: 1, Revision: 12}},
		"welcome": Welcome{Now: someTime, PingSeconds: 50, Session: "K4T6PWLMHQ3VCN7RXJ2D5YBGSA",
			Edition: Edition{Epoch: 1, Revision: 12}, WantJobs: true, Pending: true},
		"refused": Refused{Code: CodeUnknown, Message: "this server does not know the scout"},
		"job": Job{ID: someID, User: someOwner, Created: someTime, Expires: someTime.Add(24 * time.Hour),
			State: "parked", Reason: "printer-silent", Format: "application/pdf", Pages: intPointer(12),
			PagesCertainty: "estimated", Copies: 2, Sides: "two-sided-long-edge", Color: "monochrome", Size: 65536},
		"gone":     JobGone{ID: someID, Reason: "delivered"},
		"jobs":     JobsBegin{Count: 3},
		"jobs-end": JobsEnd{},
		"leave":    Leave{},
		"order": Order{ID: otherID, Job: someID, Printer: "Büro 2. Stock", User: someOwner,
			Issued: someTime, Expires: someTime.Add(OrderTime), PIN: bytes.Repeat([]byte{5}, minSealed)},
		"result": Result{Order: otherID, Job: someID, Printer: "demo", State: Delivered, Reason: "ok", Protocol: "ipps",
			Grade: "ipps-pinned", EvidenceLevel: "I2",
			PagesPrinted: intPointer(12), FirstByteMS: 41, TotalMS: 2210},
		"ack":       ResultAck{Order: otherID},
		"directory": DirectoryChanged{Edition{Epoch: 2, Revision: 13}},
		"drain":     Drain{DelaySeconds: 60},
	}
}

func TestEveryTypeHasAVector(t *testing.T) {
	all := sampleMessages()
	for tag := range parsers {
		if all[tag] == nil {
			t.Errorf("no message of type %q is tested", tag)
		}
	}
	for name, message := range all {
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join("testdata", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			want = bytes.TrimSpace(want)
			got, err := Encode(message)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("encoded\n%s\nwant\n%s", got, want)
			}
			back, err := Decode(want)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(back, message) {
				t.Errorf("decoded %+v, want %+v", back, message)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	long := strings.Repeat("a", 65)
	for name, text := range map[string]string{
		"nothing":              ``,
		"no JSON":              `hello`,
		"an array":             `[1]`,
		"no type":              `{"id":"x"}`,
		"type not a string":    `{"t":1}`,
		"trailing":             `{"t":"ack","o":"a"}{"t":"ack","o":"b"}`,
		"id missing":           `{"t":"ack"}`,
		"id too long":          `{"t":"ack","o":"` + long + `"}`,
		"id with a slash":      `{"t":"gone","id":"../x"}`,
		"a sentence as reason": `{"t":"job","id":"a","s":"parked","r":"Payroll March.pdf"}`,
		"a title as state":     `{"t":"job","id":"a","s":"My Letter"}`,
		"capitals as word":     `{"t":"gone","id":"a","r":"Gone"}`,
		"negative pages":       `{"t":"job","id":"a","s":"parked","p":-1}`,
		"negative size":        `{"t":"job","id":"a","s":"parked","b":-1}`,
		"huge number":          `{"t":"jobs","n":1e30}`,
		"text as number":       `{"t":"drain","d":"1"}`,
		"bad time":             `{"t":"order","id":"a","j":"b","p":"c","i":"yesterday","e":"2026-11-20T09:18:56Z"}`,
		"short nonce":          `{"t":"challenge","n":"AAAA"}`,
		"short signature":      `{"t":"hello","s":"a","g":"AAAA","d":"x"}`,
		"printer with newline": `{"t":"order","id":"a","j":"b","p":"c\nd","i":"2026-11-20T09:18:56Z","e":"2026-11-20T09:18:56Z"}`,
		"printer missing":      `{"t":"order","id":"a","j":"b","i":"2026-11-20T09:18:56Z","e":"2026-11-20T09:18:56Z"}`,
		"sealed pin too short": `{"t":"order","id":"a","j":"b","p":"c","i":"2026-11-20T09:18:56Z","e":"2026-11-20T09:18:56Z","k":"AAAA"}`,
		"sealed pin too long": `{"t":"order","id":"a","j":"b","p":"c","i":"2026-11-20T09:18:56Z","e":"2026-11-20T09:18:56Z","k":"` +
			strings.Repeat("AAAA", 320/3) + `AAA="}`,
		"a pin in the clear":    `{"t":"order","id":"a","j":"b","p":"c","i":"2026-11-20T09:18:56Z","e":"2026-11-20T09:18:56Z","k":"4711"}`,
		"result without state":  `{"t":"result","o":"a","j":"b"}`,
		"result in other state": `{"t":"result","o":"a","j":"b","s":"printed"}`,
		"deep nesting":          strings.Repeat("[", 20_000),
		"too long":              `{"t":"ack","o":"a","x":"` + strings.Repeat("x", MaxFrame) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			if v, err := Decode([]byte(text)); err == nil || errors.Is(err, ErrUnknown) {
				t.Errorf("decoded %+v, error %v", v, err)
			}
		})
	}
}

func TestDecodeUnknown(t *testing.T) {
	if _, err := Decode([]byte(`{"t":"from-the-future","x":1}`)); !errors.Is(err, ErrUnknown) {
		t.Errorf("error %v, want ErrUnknown", err)
	}
	got, err := Decode([]byte(`{"t":"ack","o":"a","from-the-future":{}}`))
	if err != nil || got != (ResultAck{Order: "a"}) {
		t.Errorf("decoded %+v, error %v", got, err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, v := range map[string]any{
		"no message":  struct{}{},
		"nil":         nil,
		"far future":  Job{ID: "a", State: "parked", Expires: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)},
		"title":       Job{ID: "a", State: "parked", Reason: "Payroll March.pdf"},
		"owner's tag": Job{ID: "a", State: "parked", User: "Jörg"},
	} {
		if data, err := Encode(v); err == nil {
			t.Errorf("%s: encoded %s", name, data)
		}
	}
}

// TestResultHoldsNoText takes the longest names, and what older scouts say.
func TestResultHoldsNoText(t *testing.T) {
	r := sampleMessages()["result"].(Result)
	r.Printer = strings.Repeat(`<"`, 64)
	data, err := Encode(r)
	if err != nil || len(data) > MaxResult {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	if back, err := Decode(data); err != nil || back.(Result).Printer != "" || back.(Result).Order != r.Order {
		t.Errorf("%+v, %v", back, err)
	}
	old := `{"t":"result","o":"o1","j":"j1","s":"uncertain","r":"Printed \"Payroll\" for alice","ev":["Printed \"Payroll\" for alice"]}`
	back, err := Decode([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Encode(back)
	if err != nil || bytes.Contains(again, []byte("Payroll")) || back.(Result).Reason != outcome.ReasonOther {
		t.Errorf("%s, %v", again, err)
	}
}

func TestDigest(t *testing.T) {
	a := sampleMessages()["job"].(Job)
	b := a
	b.ID = otherID
	jobs := []Job{a, b}
	digest := Digest(jobs)
	if Digest([]Job{b, a}) != digest || jobs[0].ID != a.ID {
		t.Error("the digest depends on the order, or changes it")
	}
	fraction := a
	fraction.Created = a.Created.Add(300 * time.Millisecond).In(time.FixedZone("x", 3600))
	if Digest([]Job{fraction, b}) != digest {
		t.Error("the digest depends on what the wire does not carry")
	}
	if Digest([]Job{a, b, {ID: "not an id"}}) != digest {
		t.Error("a job that cannot be sent counts")
	}
	changed := b
	changed.State = "releasing"
	if Digest([]Job{a, changed}) == digest || Digest([]Job{a}) == digest || Digest(nil) == digest {
		t.Error("the digest does not tell a change")
	}
}

func TestHelloSignature(t *testing.T) {
	public, private, _ := ed25519.GenerateKey(nil)
	stranger, _, _ := ed25519.GenerateKey(nil)
	nonce, other := bytes.Repeat([]byte{1}, NonceSize), bytes.Repeat([]byte{2}, NonceSize)
	good := SignHello(private, nonce, "ab", "host")
	if !VerifyHello(public, nonce, "ab", "host", good) {
		t.Fatal("a good signature is refused")
	}
	for name, ok := range map[string]bool{
		"replayed under another nonce": VerifyHello(public, other, "ab", "host", good),
		"by another scout":             VerifyHello(public, nonce, "ac", "host", good),
		"at another server":            VerifyHello(public, nonce, "ab", "hosts", good),
		"fields moved":                 VerifyHello(public, nonce, "abh", "ost", good),
		"another key":                  VerifyHello(stranger, nonce, "ab", "host", good),
		"no key":                       VerifyHello(nil, nonce, "ab", "host", good),
		"no nonce":                     VerifyHello(public, nil, "ab", "host", SignHello(private, nil, "ab", "host")),
		"no signature":                 VerifyHello(public, nonce, "ab", "host", nil),
	} {
		if ok {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestHostName(t *testing.T) {
	for in, want := range map[string]string{
		"Print.Example.ORG:8443": "print.example.org", "print.example.org.": "print.example.org",
		"[::1]:8443": "::1", "[::1]": "::1", "::1": "::1", "127.0.0.1:1": "127.0.0.1", "": "",
	} {
		if got := HostName(in); got != want {
			t.Errorf("HostName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRate(t *testing.T) {
	var r Rate
	for range rateFrames {
		if !r.Allow(someTime) {
			t.Fatal("refused within the limit")
		}
	}
	if r.Allow(someTime.Add(time.Second)) {
		t.Error("allowed beyond the limit")
	}
	if !r.Allow(someTime.Add(time.Minute)) || !r.Allow(someTime.Add(-time.Hour)) {
		t.Error("a new window, or a clock set back, does not start again")
	}
}

func TestSilence(t *testing.T) {
	for seconds, want := range map[int]time.Duration{
		50: 115 * time.Second, 0: 25 * time.Second, -1 << 62: 25 * time.Second, 1 << 62: 30*time.Minute + 15*time.Second,
	} {
		if got := Silence(seconds); got != want {
			t.Errorf("Silence(%d) = %v, want %v", seconds, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, message := range sampleMessages() {
		data, err := Encode(message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"t":"result","o":"a","j":"b","s":"delivered","ev":["\u0000\ud800",""],"r":"\u2028<"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Decode(data)
		if err != nil {
			return
		}
		once, err := Encode(v)
		if err != nil {
			t.Fatalf("%+v was decoded and cannot be encoded: %v", v, err)
		}
		again, err := Decode(once)
		if err != nil {
			t.Fatalf("%s was encoded and cannot be decoded: %v", once, err)
		}
		if twice, _ := Encode(again); !bytes.Equal(once, twice) {
			t.Fatalf("%s became %s", once, twice)
		}
		if !json.Valid(once) || len(once) > MaxFrame {
			t.Fatalf("%s is not a frame", once)
		}
	})
}
