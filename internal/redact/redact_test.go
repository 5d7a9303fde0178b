package redact

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func known() Known {
	return Known{Users: []string{"ann", "Bob Miller", "root"}, Titles: []string{"Payroll (2026)", "Plan"}, Hosts: []string{"ws-0815", "print.example"}, Sites: []string{"Stadtwerke Nord"}}
}

// TestRules has for each rule what it takes out and what it leaves.
func TestRules(t *testing.T) {
	hex := strings.Repeat("0a1b", 10)
	for in, want := range map[string]string{
		"a\n-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\nb":                     "a\n[private-key]\nb",
		"cut -----BEGIN EC PRIVATE KEY-----\nMIIB":                                               "cut [private-key]",
		"via http://ann:hunter2@proxy.corp:3128/x":                                               "via http://[userinfo]@[host-1]:3128/x",
		`level=INFO token=abc password="a \"b\" c" pin: 4711 api_token='x'`:                      `level=INFO token=[secret] password="[secret]" pin: [secret] api_token=[secret]`,
		`{"server_pin":"sha256:` + hex + `","token":"x"}`:                                        `{"server_pin":"sha256:` + hex + `","token":"[secret]"}`,
		"Authorization: Bearer abcdefgh12345":                                                    "Authorization: [secret] [secret]",
		"sent Bearer abcdefgh12345":                                                              "sent Bearer [secret]",
		"got K4T6PWLMHQ3VCN7RXJ2D5YBGSA.":                                                        "got [token].",
		"x " + hex + " y":                                                                        "x [secret] y",
		"psf1:" + hex:                                                                            "psf1:" + hex,
		"job=01a21f34-aaaa-bbbb-cccc-0123456789ab ended":                                         "job=01a21f34-aaaa-bbbb-cccc-0123456789ab ended",
		"the_name_of_a_setting_that_is_very_long_indeed":                                         "the_name_of_a_setting_that_is_very_long_indeed",
		"abandon ability able about above absent absorb abstract absurd abuse access accident":   "[words]",
		`title="My letter" job-name=x document="a b"`:                                            `title="[title]" job-name=[title] document="[title]"`,
		`user=eve account="eve x" msg="it is well"`:                                              `user=[user] account="[user]" msg="it is well"`,
		"mail eve@corp.example now":                                                              "mail [email] now",
		`/home/eve/x /Users/Eve/y C:\Users\eve\z C:\\Users\\eve`:                                 `/home/[user]/x /Users/[user]/y C:\Users\[user]\z C:\\Users\\[user]`,
		"ANN printed payroll (2026) at ws-0815 of Stadtwerke Nord; planning Plan; annual; root":  "[user] printed [title] at [host] of [site]; planning [title]; annual; root",
		"ipps://p1.corp/x ipps://P1.corp/y ipp://localhost:8631/ http://127.0.0.1/ ipp://[::1]/": "ipps://[host-1]/x ipps://[host-1]/y ipp://localhost:8631/ http://127.0.0.1/ ipp://[::1]/",
		"dial 10.1.2.3:443 and 10.1.2.3 and fe80::1%eth0 and ::1 at 12:30:45 v1.2.3":             "dial [ip-1]:443 and [ip-1] and [ip-2] and ::1 at 12:30:45 v1.2.3",
		"time=2026-11-27T22:50:58.183Z level=INFO msg=\"release ended\" state=not_sent":          "time=2026-11-27T22:50:58.183Z level=INFO msg=\"release ended\" state=not_sent",
	} {
		if got := New(known()).Text(in); got != want {
			t.Errorf("%q:\n%q, want\n%q", in, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	r := New(known())
	got, err := r.JSON([]byte(`{"user":"eve","jobs":3,"pin":4711,"pin_required":true,"secret":null,"list":[{"title":"x"},"see ann"],"password":["a","b"],"empty":{"token":""}}`))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(got, &v); err != nil {
		t.Fatal(err)
	}
	flat := strings.Join(strings.Fields(string(got)), "")
	for _, want := range []string{`"user":"[user]"`, `"jobs":3`, `"pin":"[secret]"`, `"pin_required":true`, `"secret":null`, `"title":"[title]"`, `"see[user]"`, `"password":["[secret]","[secret]"]`, `"token":""`} {
		if !strings.Contains(flat, want) {
			t.Errorf("there is no %s in %s", want, flat)
		}
	}
	if _, err := r.JSON([]byte(`{`)); err == nil {
		t.Error("what is no JSON is redacted as such")
	}
}

// TestRulesAreOnThePage compares the rules with the table of docs/doctor.md.
func TestRulesAreOnThePage(t *testing.T) {
	b, err := os.ReadFile("../../docs/doctor.md")
	if err != nil {
		t.Fatal(err)
	}
	_, page, _ := strings.Cut(string(b), "| rule | what it finds |")
	page, _, _ = strings.Cut(page, "\n\n")
	var rows []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(page, -1) {
		rows = append(rows, m[1])
	}
	if !slices.Equal(rows, Rules()) {
		t.Errorf("docs/doctor.md has %v, the code has %v", rows, Rules())
	}
}

// FuzzText wants a planted token gone whatever stands around it, and the text
// redacted once to stay as it is.
func FuzzText(f *testing.F) {
	f.Add("user=eve", "title=\"x")
	f.Add("http://a@", ":8631/ -----BEGIN X-----")
	f.Fuzz(func(t *testing.T, before, after string) {
		const secret = "K4T6PWLMHQ3VCN7RXJ2D5YBGSA"
		got := New(known()).Text(before + " " + secret + " " + after)
		if strings.Contains(got, secret) {
			t.Errorf("%q", got)
		}
	})
}
