//go:build unix

package endtoend

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"syscall"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// printPIN prints a document with a PIN, as a print client does.
func (s *site) printPIN(doc []byte, pin string) job {
	s.t.Helper()
	test := write(s.t, "pin.test", []byte(`{
	NAME "print with a PIN"
	OPERATION Print-Job
	GROUP operation-attributes-tag
	ATTR charset attributes-charset utf-8
	ATTR naturalLanguage attributes-natural-language en
	ATTR uri printer-uri $uri
	ATTR mimeMediaType document-format application/pdf
	ATTR octetString job-password "`+pin+`"
	ATTR keyword job-password-encryption none
	FILE $filename
	STATUS successful-ok
}
`))
	return s.jobOf(func() {
		must(s.t, peers.Need(s.t, "ipptool"), "-tf", write(s.t, "d.pdf", doc), s.ippURL(), test)
	})
}

// release releases one job by the command line, with a PIN from standard input
// if there is one.
func (s *site) release(id, pin string) (released, int) {
	s.t.Helper()
	args := []string{"--control", s.control, "job", "release", id, "--printer", "lobby", "--wait", "--json"}
	if pin != "" {
		args = append(args, "--pin-file", "-")
	}
	r := commandIn(s.t, pin+"\n", printscout, args...)
	got := decode[[]released](s.t, r.stdout)
	if len(got) != 1 {
		s.t.Fatalf("exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
	return got[0], r.code
}

// orderPIN has the server release a job with a PIN, and waits for the end.
func (s *site) orderPIN(id, pin string) order {
	s.t.Helper()
	var made struct {
		Releases []order `json:"releases"`
	}
	if status := s.api("POST", "/v1/releases", map[string]any{"jobs": []string{id}, "printer": "lobby", "pin": pin}, &made); status != 202 {
		s.t.Fatalf("the server answers %d", status)
	}
	o := s.ended(made.Releases[0])
	if o.Result == nil {
		s.t.Fatalf("the order ended as %+v", o)
	}
	return o
}

// TestPIN prints with PINs and releases by the command line and by the
// server: without it, with a wrong one, with the right one. It then looks for
// the PIN in everything that was kept and said.
func TestPIN(t *testing.T) {
	const pin = "Zebra-4711-Quarz-0815"
	s := newSite(t)
	s.configure(map[string]any{"LogLevel": "debug"})
	s.up()
	doc := pdf(20_000)
	j := s.printPIN(doc, pin)
	s.known(j.ID)
	shown := s.scout("job", "list").stdout + s.scout("job", "show", j.ID).stdout + s.scout("job", "list", "--json").stdout
	if !strings.Contains(shown, "parked, PIN") || !strings.Contains(shown, `"pin_required": true`) {
		t.Errorf("it is not marked: %s", shown)
	}
	if r := commandIn(t, "", printscout, "--control", s.control, "job", "release", j.ID, "--printer", "lobby"); r.code != 1 || !strings.Contains(r.stderr, "--pin-file") {
		t.Errorf("without a PIN, without waiting: exit %d: %s%s", r.code, r.stdout, r.stderr)
	}
	for given, reason := range map[string]string{"": "pin-required", "wrong": "pin-wrong"} {
		if got, code := s.release(j.ID, given); code != 1 || got.State != "not_sent" || got.Reason != reason {
			t.Errorf("the command line with %q: exit %d: %+v", given, code, got)
		}
	}
	if o := s.ended(s.order(j.ID, 60)); o.Result == nil || o.Result.Reason != "pin-required" {
		t.Errorf("the server without: %+v %+v", o, o.Result)
	}
	if o := s.orderPIN(j.ID, "wrong"); o.Result.State != "not_sent" || o.Result.Reason != "pin-wrong" {
		t.Errorf("the server with a wrong one: %+v", o.Result)
	}
	if got := files(t, s.out); len(got) != 0 {
		t.Fatalf("it printed %v", got)
	}
	s.agent.stop(syscall.SIGKILL)
	said := s.agent.output()
	s.run()
	s.linked()
	s.known(j.ID)
	o := s.orderPIN(j.ID, pin)
	if o.Result.State != "delivered" {
		t.Errorf("the server with the right one: %+v", o.Result)
	}
	sameFile(t, s.out, doc)

	second := s.printPIN(pdf(9_000), pin)
	if got, code := s.release(second.ID, pin); code != 0 || got.State != "delivered" {
		t.Errorf("the command line with the right one: exit %d: %+v", code, got)
	}
	third := s.printPIN(pdf(8_000), pin)
	s.print(pdf(7_000))
	if results, code := s.releaseAll("lobby"); code != 3 || len(results) != 2 {
		t.Errorf("all, without a PIN: exit %d: %+v", code, results)
	}
	for range 5 {
		s.release(third.ID, "wrong")
	}
	if got, code := s.release(third.ID, pin); code != 1 || got.Reason != "pin-locked" {
		t.Errorf("after five wrong ones: exit %d: %+v", code, got)
	}
	var all, jobs json.RawMessage
	s.api("GET", "/v1/releases", nil, &all)
	s.api("GET", "/v1/jobs", nil, &jobs)
	noTrace(t, []byte(pin), s.state, s.data(), s.public(), s.out)
	said += s.agent.output() + s.server.output() + shown + string(all) + string(jobs)
	for _, form := range []string{pin, hex.EncodeToString([]byte(pin)), base64.StdEncoding.EncodeToString([]byte(pin))} {
		if strings.Contains(said, form) {
			t.Error("the PIN was said")
		}
		noTrace(t, []byte(form), s.state, s.data())
	}
	if s.scout("job", "cancel", third.ID).code != 0 {
		t.Error("it cannot be canceled without the PIN")
	}
}
