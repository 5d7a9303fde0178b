package scout

import (
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/printscout/printscout/cloudlink/wire"
	"github.com/printscout/printscout/internal/directory"
)

// joinServer answers enrollments as a test wants it, and keeps what it was
// asked.
type joinServer struct {
	*httptest.Server
	mu      sync.Mutex
	status  int // of its answers
	pending bool
	asked   []wire.EnrollRequest
}

func newJoinServer(t *testing.T) *joinServer {
	t.Helper()
	j := &joinServer{status: http.StatusOK}
	j.Server = httptest.NewTLSServer(http.HandlerFunc(j.answer))
	t.Cleanup(j.Close)
	return j
}

func (j *joinServer) answer(w http.ResponseWriter, r *http.Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var req wire.EnrollRequest
	if r.URL.Path != "/v1/enroll" || json.NewDecoder(r.Body).Decode(&req) != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	j.asked = append(j.asked, req)
	w.WriteHeader(j.status)
	if j.status == http.StatusOK {
		json.NewEncoder(w).Encode(wire.EnrollReply{Scout: "scout-of-" + req.Name, Pending: j.pending})
	}
}

func (j *joinServer) answerWith(status int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.status = status
}

func (j *joinServer) requests() []wire.EnrollRequest {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.asked
}

// bundleOf makes a bundle of this server for a site.
func (j *joinServer) bundleOf(p directory.Public, token string) wire.Bundle {
	cert, err := x509.ParseCertificate(j.TLS.Certificates[0].Certificate[0])
	if err != nil {
		panic(err)
	}
	return wire.Bundle{Server: j.URL, ServerPin: wire.Pin(cert), Site: p, Fingerprint: p.Fingerprint(),
		Token: token, Expires: time.Now().Add(time.Hour)}
}

// bundleFile is where the tests put bundles: in the state folder, which on
// Windows closes what is in it to other accounts.
func (r *rig) bundleFile() string { return filepath.Join(r.dir, "state", "bundle.json") }

// putBundle puts a bundle there, for the agent's account alone.
func (r *rig) putBundle(b wire.Bundle) []byte {
	r.t.Helper()
	raw := r.putOpenBundle(b)
	r.closeToOthers(r.bundleFile())
	return raw
}

// putOpenBundle puts a bundle there with the rights that a new file has.
func (r *rig) putOpenBundle(b wire.Bundle) []byte {
	r.t.Helper()
	raw, err := json.Marshal(b)
	r.must(err)
	r.must(os.WriteFile(r.bundleFile(), raw, 0o644))
	return raw
}

// otherSite returns the public part of a site that the rig does not belong to.
func (r *rig) otherSite() directory.Public {
	r.t.Helper()
	site, _, err := directory.CreateSite(filepath.Join(r.t.TempDir(), "other"), "other", r.clock)
	r.must(err)
	return site.Public()
}

// taker looks for the bundle of the rig.
func (r *rig) taker() *bundleTaker {
	return r.newBundleTaker(r.bundleFile())
}

// leaveQuietly makes the rig one that has joined no site.
func (r *rig) leaveQuietly() {
	r.t.Helper()
	r.must(r.leaveSite(leaving{}))
}
