package cloudlink

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

func enrolAt(t *testing.T, f *fake) (wire.Bundle, wire.EnrollRequest) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.serveListener(l)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return wire.Bundle{Server: "https://localhost:" + port, ServerPin: f.pin, Token: "one-time", Expires: time.Now()},
		wire.EnrollRequest{Name: "pc-17", Sign: make([]byte, 32), Wrap: make([]byte, 32)}
}

func TestEnroll(t *testing.T) {
	f := newFake(t)
	f.routes.HandleFunc("POST /v1/enroll", func(w http.ResponseWriter, r *http.Request) {
		var req wire.EnrollRequest
		if json.NewDecoder(r.Body).Decode(&req) != nil || req.Token != "one-time" || req.Name != "pc-17" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		json.NewEncoder(w).Encode(wire.EnrollReply{Scout: scoutID})
	})
	b, r := enrolAt(t, f)
	reply, err := Enroll(t.Context(), b, r)
	if err != nil || reply.Scout != scoutID {
		t.Errorf("reply %+v, error %v", reply, err)
	}
	r.Name = ""
	if _, err := Enroll(t.Context(), b, r); err == nil {
		t.Error("a scout without a name asks to be enrolled")
	}
}

func TestEnrollRefused(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		target error
		says   string
	}{
		"used token":     {403, `{"error":"the token has been used"}`, ErrToken, "has been used"},
		"broken server":  {500, `oops`, nil, "Internal Server Error"},
		"redirect":       {302, ``, nil, "302"},
		"no id":          {200, `{"scout":""}`, nil, "scout id"},
		"a path for id":  {200, `{"scout":"../../etc"}`, nil, "scout id"},
		"no JSON":        {200, `<html>`, nil, "answer"},
		"endless answer": {200, `{"scout":"` + strings.Repeat("a", 1<<20), nil, "answer"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.routes.HandleFunc("POST /v1/enroll", func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "https://localhost/elsewhere")
				w.WriteHeader(test.status)
				w.Write([]byte(test.body))
			})
			b, r := enrolAt(t, f)
			_, err := Enroll(t.Context(), b, r)
			if err == nil || errors.Is(err, ErrToken) != errors.Is(test.target, ErrToken) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestEnrollChecksThePinFirst(t *testing.T) {
	for name, pin := range map[string]func(*fake) string{
		"another pin":   func(f *fake) string { return wire.Pin(newAuthority(f.t).cert) },
		"the OS's root": func(*fake) string { return "" },
	} {
		f := newFake(t)
		f.pin = pin(f)
		b, r := enrolAt(t, f)
		if _, err := Enroll(t.Context(), b, r); !errors.Is(err, ErrServerPin) || errors.Is(err, ErrToken) {
			t.Errorf("%s: error %v", name, err)
		}
		if n := f.requests.Load(); n != 0 {
			t.Errorf("%s: %d requests were sent", name, n)
		}
	}
}
