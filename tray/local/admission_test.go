package local

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/web"
)

// TestWhatIsNotOursIsNotFound sends, with a good cookie or without one, what a
// page of somebody else's could have a browser send.
func TestWhatIsNotOursIsNotFound(t *testing.T) {
	v := enter(t, nil)
	good := v.address("jobs")
	elsewhere := "http://" + v.server.host + "/" + web.NewToken(128) + "/jobs"
	cookie := cookieName + "=" + v.server.cookie
	for name, x := range map[string]struct {
		method, address string
		header          map[string]string
		host            string
	}{
		"no cookie":                {"GET", good, map[string]string{"Cookie": ""}, ""},
		"wrong cookie":             {"GET", good, map[string]string{"Cookie": cookieName + "=" + web.NewToken(256)}, ""},
		"two cookies":              {"GET", good, map[string]string{"Cookie": cookie + "; " + cookie}, ""},
		"empty cookie":             {"GET", good, map[string]string{"Cookie": cookieName + "="}, ""},
		"wrong path":               {"GET", elsewhere, nil, ""},
		"no path":                  {"GET", "http://" + v.server.host + "/", nil, ""},
		"the path alone":           {"GET", v.address(""), nil, ""},
		"no page":                  {"GET", v.address("nothing"), nil, ""},
		"no step":                  {"GET", v.address("setup/nothing"), nil, ""},
		"nothing to do":            {"POST", v.address("setup/welcome"), nil, ""},
		"wrong method":             {"DELETE", good, nil, ""},
		"localhost":                {"GET", good, nil, strings.Replace(v.server.host, "127.0.0.1", "localhost", 1)},
		"rebound name":             {"GET", good, nil, "evil.example"},
		"other port":               {"GET", good, nil, "127.0.0.1:1"},
		"no port":                  {"GET", good, nil, "127.0.0.1"},
		"foreign origin":           {"GET", good, map[string]string{"Origin": "http://evil.example"}, ""},
		"null origin":              {"POST", v.address("jobs/j1/cancel"), map[string]string{"Origin": "null"}, ""},
		"https origin":             {"GET", good, map[string]string{"Origin": "https://" + v.server.host}, ""},
		"cross-site":               {"GET", good, map[string]string{"Sec-Fetch-Site": "cross-site"}, ""},
		"same-site":                {"POST", v.address("jobs/j1/cancel"), map[string]string{"Sec-Fetch-Site": "same-site"}, ""},
		"wrong token":              {"GET", v.address("enter?token=" + web.NewToken(256)), nil, ""},
		"no token":                 {"GET", v.address("enter"), nil, ""},
		"the way in as a picture":  {"GET", v.address("enter?token=x"), map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, ""},
		"the way in by a form":     {"POST", v.server.URL(), map[string]string{"Cookie": ""}, ""},
		"a page that leads up":     {"GET", v.address("../jobs"), nil, ""},
		"the path in capital":      {"GET", "http://" + v.server.host + strings.ToUpper(v.server.base) + "jobs?x", nil, ""},
		"an address with two //":   {"GET", "http://" + v.server.host + "/" + v.server.base + "jobs", nil, ""},
		"a proxy's whole address":  {"GET", good, nil, "127.0.0.1:80"},
		"a name with a dot behind": {"GET", good, nil, strings.Replace(v.server.host, ":", ".:", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), x.method, x.address, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Cookie", cookie)
			for k, val := range x.header {
				req.Header.Set(k, val)
			}
			if x.host != "" {
				req.Host = x.host
			}
			resp, err := v.http.Transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != http.StatusNotFound || len(body) != 0 {
				t.Errorf("%d %q %v", resp.StatusCode, body, err)
			}
			if resp.Header.Get("Content-Security-Policy") != web.ContentSecurityPolicy || resp.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", resp.Header)
			}
			if len(resp.Cookies()) != 0 {
				t.Errorf("it gives cookies: %v", resp.Cookies())
			}
		})
	}
	if n := len(v.agent.jobs); n != 4 {
		t.Errorf("%d jobs are left", n)
	}
}

// TestEveryAnswerHasTheHeaders goes through all pages that can be read.
func TestEveryAnswerHasTheHeaders(t *testing.T) {
	v := enter(t, nil)
	for _, r := range Routes() {
		if r.Method != "GET" || r.Path == "events" || r.Path == "enter" {
			continue
		}
		path := strings.NewReplacer("{id}", "j1", "{step}", "done").Replace(r.Path)
		resp, err := v.http.Get(v.address(path))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"Content-Security-Policy": web.ContentSecurityPolicy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
			if resp.Header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, resp.Header.Get(name))
			}
		}
		if strings.Contains(string(body), v.server.cookie) || strings.Contains(string(body), v.server.entry.token) && v.server.entry.token != "" {
			t.Errorf("%s tells a secret", path)
		}
		for _, never := range []string{"<script>", " style=", " onclick=", "javascript:"} {
			if strings.Contains(string(body), never) && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
				t.Errorf("%s has %s", path, never)
			}
		}
	}
}

// TestAFormIsBounded sends more than a form of ours has.
func TestAFormIsBounded(t *testing.T) {
	v := enter(t, nil)
	code, _ := v.fetch("POST", v.address("jobs/j2/release"), map[string][]string{"pin": {strings.Repeat("1", maxBody)}, "printer": {"p1"}})
	if code != http.StatusBadRequest || len(v.agent.released) != 0 {
		t.Errorf("it answers %d; released: %d", code, len(v.agent.released))
	}
}
