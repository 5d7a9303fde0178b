package keystore

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// theSecret and theKey are what no error, log or string may show.
var (
	theSecret = []byte("the secret itself")
	theKey    = Key([]byte("0123456789abcdef the key itself!"))
)

// wantNoSecret looks for both in every way that fmt and JSON write bytes.
func wantNoSecret(t *testing.T, said string) {
	t.Helper()
	for _, b := range [][]byte{theSecret, theKey[:]} {
		b = b[len(b)-8:]
		list := strings.Trim(fmt.Sprint(b), "[]")
		for _, form := range []string{string(b), hex.EncodeToString(b), list, strings.ReplaceAll(list, " ", ","), strings.Trim(fmt.Sprintf("%#v", b), "[]byte{}")} {
			if strings.Contains(strings.ToLower(said), strings.ToLower(form)) {
				t.Fatalf("the secret is told: %s", said)
			}
		}
	}
}

func TestNothingTellsTheSecret(t *testing.T) {
	s := openUnder(t, newDir(t), &testHolder{keys: []Key{theKey, theKey}})
	must(t, s.Save("wrap", theSecret))
	var log bytes.Buffer
	for _, l := range []*slog.Logger{slog.New(slog.NewTextHandler(&log, nil)), slog.New(slog.NewJSONHandler(&log, nil))} {
		l.Info("kept", "store", s, "key", theKey, "rest", s.Rest(), "keys", []Key{theKey})
	}
	wantNoSecret(t, log.String())
	for _, v := range []any{s, theKey, &theKey, []Key{theKey}, struct{ K Key }{theKey}, s.Rest()} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
			wantNoSecret(t, fmt.Sprintf(verb, v))
		}
		b, err := json.Marshal(v)
		must(t, err)
		wantNoSecret(t, string(b))
	}
	for _, err := range everyError(t, s) {
		wantNoSecret(t, err.Error())
		wantNoSecret(t, fmt.Sprintf("%+v %#v", err, err))
	}
}

// everyError provokes what can go wrong once a secret and a key are at hand.
func everyError(t *testing.T, s *Store) (all []error) {
	t.Helper()
	fails := func(err error) {
		t.Helper()
		if err == nil {
			t.Fatal("no error")
		}
		all = append(all, err)
	}
	loads := func(s *Store, name string) error {
		_, err := s.Load(name)
		return err
	}
	file := fileOf(t, s, "wrap")
	fails(s.Save("WRAP", theSecret))
	fails(s.Save("wrap", append(make([]byte, MaxSecret), theSecret...)))
	fails(loads(s, "sign"))
	for at := range file {
		bad := bytes.Clone(file)
		bad[at] ^= 0x40
		plantFile(t, s, "wrap", bad)
		fails(loads(s, "wrap"))
	}
	plantFile(t, s, "wrap", theSecret)
	fails(loads(s, "wrap"))
	plantFile(t, s, "wrap", append(make([]byte, maxSealed), theSecret...))
	fails(loads(s, "wrap"))
	_, err := OpenUnder(s.dir, nil)
	fails(err)
	_, err = OpenUnder(s.dir, &testHolder{keys: []Key{newKey()}})
	fails(err)
	plain := openUnder(t, newDir(t), nil)
	fails(plain.Save("wrap", append([]byte(magic), theSecret...)))
	return all
}
