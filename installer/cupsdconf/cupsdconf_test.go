package cupsdconf

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
)

const small = "LogLevel warn\n<Policy default>\n  # as shipped\n  <Limit All>\n    Order deny,allow\n  </Limit>\n</Policy>\n"

func parse(t testing.TB, conf string) *File {
	t.Helper()
	f, err := Parse([]byte(conf))
	if err != nil {
		t.Fatalf("%v: %q", err, conf)
	}
	return f
}

func TestAddLimitAndRemoveIt(t *testing.T) {
	stock, err := os.ReadFile("testdata/debian-2.4.2.conf")
	if err != nil {
		t.Fatal(err)
	}
	for name, conf := range map[string]string{
		"small":                       small,
		"stock":                       string(stock),
		"without a last newline":      strings.TrimSuffix(small, "\n"),
		"with endings of Windows":     strings.ReplaceAll(small, "\n", "\r\n"),
		"in other letters":            strings.ReplaceAll(strings.ToUpper(small), "# AS SHIPPED", "#"),
		"with a policy of its own":    strings.Replace("DefaultPolicy office\n"+small, "<Policy default>", "<Policy\tOffice> # ours", 1),
		"with bytes that are no text": small + "# \xff\x00\n",
	} {
		t.Run(name, func(t *testing.T) {
			f := parse(t, conf)
			if limited, err := f.Limited(); limited || err != nil {
				t.Fatalf("before: %v, %v", limited, err)
			}
			if added, err := f.AddLimit(); !added || err != nil {
				t.Fatalf("added %v, %v", added, err)
			}
			if limited, err := f.Limited(); !limited || err != nil {
				t.Errorf("after: %v, %v\n%s", limited, err, f.Bytes())
			}
			once := f.Bytes()
			if added, err := f.AddLimit(); added || err != nil || !bytes.Equal(once, f.Bytes()) {
				t.Errorf("added twice: %v, %v", added, err)
			}
			if got := strings.Replace(string(once), block(once), "", 1); got != conf {
				t.Errorf("other lines are not as before:\n%q\n%q", got, conf)
			}
			if removed, err := f.RemoveLimit(true); !removed || err != nil || string(f.Bytes()) != conf {
				t.Errorf("removed %v, %v:\n%s", removed, err, f.Bytes())
			}
		})
	}
}

// block returns the lines from our comment to the end of its limit.
func block(conf []byte) string {
	_, after, _ := strings.Cut(string(conf), "  "+comment)
	inside, rest, _ := strings.Cut(after, "</Limit>")
	ending, _, _ := strings.Cut(rest, "\n")
	return "  " + comment + inside + "</Limit>" + ending + "\n"
}

func limitOf(lines ...string) string {
	return "<Policy default>\n<Limit CUPS-Add-Modify-Printer CUPS-Create-Local-Printer>\n" + strings.Join(lines, "\n") + "\n</Limit>\n</Policy>\n"
}

func TestLimited(t *testing.T) {
	for _, c := range []struct {
		conf    string
		limited bool
		err     error
	}{
		{small, false, nil},
		{limitOf("AuthType Basic", "Require user @SYSTEM"), true, nil},
		{limitOf("AuthType Basic", "Require user @SYSTEM", "Satisfy all"), true, nil},
		{limitOf("AuthType Basic", "Require user @SYSTEM", "Satisfy any"), false, ErrOtherLimit},
		{limitOf("AuthType None", "Require user @SYSTEM"), false, ErrOtherLimit},
		{limitOf("Require user @SYSTEM"), false, ErrOtherLimit},
		{limitOf("AuthType Default", "Require user @SYSTEM alice"), false, ErrOtherLimit},
		{limitOf("AuthType Default", "Require valid-user"), false, ErrOtherLimit},
		{limitOf("#AuthType Default", "#Require user @SYSTEM"), false, ErrOtherLimit},
		{"LogLevel warn\n", false, ErrNoPolicy},
		{"", false, ErrNoPolicy},
		{small + small, false, ErrNoPolicy},
		{"<Location />\n<Limit CUPS-Create-Local-Printer>\n</Limit>\n</Location>\n" + small, false, nil},
		{strings.Replace(small, "default", "office", 1), false, ErrNoPolicy},
	} {
		if limited, err := parse(t, c.conf).Limited(); limited != c.limited || !errors.Is(err, c.err) {
			t.Errorf("%v, %v; want %v, %v:\n%s", limited, err, c.limited, c.err, c.conf)
		}
	}
}

// TestRemoveAfterOthersEdited has cupsctl, which drops comments and indents anew,
// or an administrator change the file in between.
func TestRemoveAfterOthersEdited(t *testing.T) {
	f := parse(t, small)
	if _, err := f.AddLimit(); err != nil {
		t.Fatal(err)
	}
	ours := string(f.Bytes())

	plain := parse(t, strings.ReplaceAll(strings.Replace(ours, "  "+comment+"\n", "", 1), "    ", ""))
	if removed, err := plain.RemoveLimit(true); removed || err != nil {
		t.Errorf("one without our comment counts as ours without a record: %v, %v", removed, err)
	}
	if removed, err := plain.RemoveLimit(false); !removed || err != nil || strings.Contains(string(plain.Bytes()), Operation) {
		t.Errorf("without comment: %v, %v:\n%s", removed, err, plain.Bytes())
	}

	elsewhere := parse(t, "LogLevel debug\n"+ours+"Browsing No\n")
	if removed, err := elsewhere.RemoveLimit(true); !removed || err != nil || string(elsewhere.Bytes()) != "LogLevel debug\n"+small+"Browsing No\n" {
		t.Errorf("others' lines: %v, %v:\n%s", removed, err, elsewhere.Bytes())
	}

	for _, edit := range []func(string) string{
		func(s string) string { return strings.Replace(s, "@SYSTEM", "@SYSTEM alice", 1) },
		func(s string) string {
			return strings.Replace(s, Operation+">", Operation+" CUPS-Add-Modify-Class>", 1)
		},
		func(s string) string { return strings.Replace(s, "Require", "# alice asked for this\n    Require", 1) },
	} {
		edited := edit(ours)
		changed := parse(t, edited)
		if removed, err := changed.RemoveLimit(false); removed || !errors.Is(err, ErrOtherLimit) || string(changed.Bytes()) != edited {
			t.Errorf("a changed limit: %v, %v:\n%s", removed, err, changed.Bytes())
		}
	}
}

func TestMalformed(t *testing.T) {
	for _, conf := range []string{
		"<Policy default>\n",
		"<Policy default>\n<Limit All>\n</Policy>\n",
		"<Policy a>\n<Policy b>\n</Policy>\n",
		"<Policy a>\n<Limit All>\n<Limit All>\n</Limit>\n</Policy>\n",
		strings.Repeat("#", MaxSize+1),
	} {
		if _, err := Parse([]byte(conf)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.60q: %v", conf, err)
		}
	}
}

func TestHasPolicy(t *testing.T) {
	f := parse(t, small+"<Policy Authenticated>\n</Policy>\n")
	if !f.HasPolicy("authenticated") || f.HasPolicy("kerberos") {
		t.Error("the policies are not found by their names")
	}
}

// FuzzAddAndRemove: whatever the file, it comes back as it was, and what is added
// is found again.
func FuzzAddAndRemove(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(limitOf("AuthType Default", "Require user @SYSTEM")))
	f.Add([]byte("<Policy default>\\#\r\n</Policy>"))
	f.Fuzz(func(t *testing.T, conf []byte) {
		file, err := Parse(conf)
		if err != nil {
			return
		}
		if !bytes.Equal(file.Bytes(), conf) {
			t.Fatalf("read and written: %q, was %q", file.Bytes(), conf)
		}
		added, err := file.AddLimit()
		if err != nil || !added {
			if !bytes.Equal(file.Bytes(), conf) {
				t.Fatalf("changed although nothing was added: %q", file.Bytes())
			}
			return
		}
		if limited, err := file.Limited(); !limited || err != nil {
			t.Fatalf("added, but not limited: %v: %q", err, file.Bytes())
		}
		if removed, err := file.RemoveLimit(false); !removed || err != nil || !bytes.Equal(file.Bytes(), conf) {
			t.Fatalf("removed %v, %v: %q, was %q", removed, err, file.Bytes(), conf)
		}
	})
}
