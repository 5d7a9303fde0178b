package cloudlink

import (
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
)

// TestExamineByProxy looks at a server behind a proxy, as the agent reaches it,
// and at another one in its place, which gets no request.
func TestExamineByProxy(t *testing.T) {
	proxy, here := inProxiedProcess(t)
	if !here {
		return
	}
	f, addr := newProxied(t)
	proxy.passTo(addr)
	f.routes.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	server := "https://" + f.name + ":8443"
	x, err := Examine(t.Context(), server, f.pin, nil)
	if err != nil || x.Untrusted != nil || x.Via != proxy.addr || len(x.Chain) == 0 {
		t.Errorf("%+v, %v", x, err)
	}
	if off := x.Date.Sub(x.Asked); x.Date.IsZero() || off < -time.Minute || off > time.Minute {
		t.Errorf("its clock is %s off", off)
	}
	before, otherPin := f.requests.Load(), wire.Pin(newAuthority(t).cert)
	x, err = Examine(t.Context(), server, otherPin, nil)
	if err != nil || !errors.Is(x.Untrusted, ErrServerPin) || x.SystemTrusts || !x.Date.IsZero() {
		t.Errorf("another pin: %+v, %v", x, err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(f.ca.cert)
	x, err = Examine(t.Context(), server, otherPin, roots)
	if err != nil || x.Untrusted == nil || !x.SystemTrusts {
		t.Errorf("another pin, but trusted by the system: %+v, %v", x, err)
	}
	if n := f.requests.Load(); n != before {
		t.Errorf("a server that is not the right one got %d requests", n-before)
	}
	for _, bad := range []string{"", "http://" + f.name, "https://a:b@" + f.name} {
		if _, err := Examine(t.Context(), bad, f.pin, nil); err == nil || strings.Contains(err.Error(), "a:b") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
