package delivery

import "testing"

// TestTransportHasNoProxy looks at the transport itself: net/http asks no proxy
// for the addresses on loopback that printers of tests have.
func TestTransportHasNoProxy(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	if (&dialer{}).newTransport().Proxy != nil {
		t.Error("a printer is asked by a proxy")
	}
}
