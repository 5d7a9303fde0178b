package checkups

import (
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/installer/cupsdconf"
)

const limitOfOurs = "<Limit CUPS-Create-Local-Printer>\nAuthType Default\nRequire user @SYSTEM\nOrder deny,allow\n</Limit>\n"

func TestCUPSConf(t *testing.T) {
	policy := func(body string) string { return "<Policy default>\n" + body + "</Policy>\n" }
	for name, c := range map[string]struct {
		conf    string
		limited bool
		beyond  []string
	}{
		"empty":                      {"", false, nil},
		"no limit":                   {policy("<Limit All>\nOrder deny,allow\n</Limit>\n"), false, nil},
		"ours":                       {policy(limitOfOurs), true, nil},
		"in other letters":           {strings.ToUpper(policy(limitOfOurs)), true, nil},
		"with comments":              {policy("# so\n" + strings.ReplaceAll(limitOfOurs, "\n", " # so\n")), true, nil},
		"with Windows' line ends":    {strings.ReplaceAll(policy(limitOfOurs), "\n", "\r\n"), true, nil},
		"among other operations":     {policy("<Limit Create-Job CUPS-Create-Local-Printer>\nAuthType Basic\nRequire user @SYSTEM\n</Limit>\n"), true, nil},
		"for any user":               {policy("<Limit CUPS-Create-Local-Printer>\nAuthType Default\nRequire valid-user\n</Limit>\n"), false, nil},
		"without authentication":     {policy("<Limit CUPS-Create-Local-Printer>\nAuthType None\nRequire user @SYSTEM\n</Limit>\n"), false, nil},
		"any is enough":              {policy("<Limit CUPS-Create-Local-Printer>\nAuthType Default\nRequire user @SYSTEM\nSatisfy any\n</Limit>\n"), false, nil},
		"twice, once for all":        {policy(limitOfOurs + "<Limit CUPS-Create-Local-Printer>\nOrder deny,allow\n</Limit>\n"), false, nil},
		"others too":                 {policy("<Limit CUPS-Create-Local-Printer>\nAuthType Default\nRequire user bob\nRequire user @SYSTEM\n</Limit>\n"), false, nil},
		"all operations":             {policy("<Limit All>\nAuthType Default\nRequire user @SYSTEM\n</Limit>\n"), true, nil},
		"in another policy":          {"<Policy office>\n" + limitOfOurs + "</Policy>\n" + policy(""), false, nil},
		"another policy is in force": {"DefaultPolicy office\n<Policy office>\n" + limitOfOurs + "</Policy>\n", true, nil},
		"outside of a policy":        {limitOfOurs, false, nil},
		"here":                       {"Listen localhost:631\nListen /run/cups/cups.sock\nListen 127.0.0.1:631\nListen [::1]:631\n", false, nil},
		"beyond":                     {"Port 631\nListen *:631\nlisten 0.0.0.0:631\nListen [2001:db8::1]:631\nListen printer.example\n", false, []string{"631", "*:631", "0.0.0.0:631", "[2001:db8::1]:631", "printer.example"}},
	} {
		got, err := parseCUPSConf([]byte(c.conf))
		if err != nil || got.Limited != c.limited || !slices.Equal(got.Beyond, c.beyond) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := parseCUPSConf([]byte(strings.Repeat("a", cupsdconf.MaxSize+1))); err == nil {
		t.Error("an endless line is read")
	}
}

func FuzzCUPSConf(f *testing.F) {
	f.Add([]byte("<Policy default>\n" + limitOfOurs + "</Policy>\nListen *:631\n"))
	f.Add([]byte("</Limit>\n<Limit\nAuthType\n</Policy>\n<Policy\n<Limit>\nRequire\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		conf, err := parseCUPSConf(raw)
		if conf.Limited && (err != nil || !strings.Contains(strings.ToLower(string(raw)), "@system")) {
			t.Errorf("limited by %q", raw)
		}
	})
}

func TestVersions(t *testing.T) {
	for text, want := range map[string]struct{ known, old bool }{
		"2.4.2": {true, true}, "2.4.16": {true, true}, "2.4.17": {true, false}, "2.4.19": {true, false}, "2.5b1": {true, false},
		"2.5": {true, false}, "3.0.0": {true, false}, "1.7.5": {true, true}, "": {}, "2": {}, "x.y": {}, "2.4.": {},
	} {
		v, ok := parseVersion(text)
		if ok != want.known || ok && less(v, firstSafe) != want.old {
			t.Errorf("%q: %v %v", text, v, ok)
		}
	}
}
