package directory

import (
	"errors"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	d := &Directory{Printers: []Printer{{ID: "a1", Name: "Front desk"}, {ID: "b2", Name: "ΣΊΣΥΦΟΣ"}}}
	for word, id := range map[string]string{"front DESK": "a1", "A1": "a1", "σίσυφος": "b2", "b2": "b2"} {
		if p, err := d.Find(word); err != nil || p.ID != id {
			t.Errorf("%s: %q, %v", word, p.ID, err)
		}
	}
	for _, word := range []string{"", "front", "a1 "} {
		if _, err := d.Find(word); !errors.Is(err, ErrNoPrinter) {
			t.Errorf("%q: %v", word, err)
		}
	}
}

func TestNewer(t *testing.T) {
	at := func(revision uint64, names ...string) *Directory {
		d := &Directory{Site: "psf1:a", Epoch: 1, Revision: revision, Issued: testTime, Printers: []Printer{}}
		for _, n := range names {
			d.Printers = append(d.Printers, Printer{ID: n, Name: n})
		}
		return d
	}
	otherSite, otherEpoch := at(9), at(9)
	otherSite.Site, otherEpoch.Epoch = "psf1:b", 2
	for _, c := range []struct {
		name    string
		d, than *Directory
		want    error
	}{
		{"first", at(5), nil, nil},
		{"newer", at(6), at(5, "x"), nil},
		{"same", at(5, "x"), at(5, "x"), nil},
		{"older", at(4, "x"), at(5, "x"), ErrRollback},
		{"same revision, other content", at(5, "y"), at(5, "x"), ErrRollback},
		{"same revision, one gone", at(5), at(5, "x"), ErrRollback},
		{"other site", otherSite, at(5), ErrOtherSite},
		{"other epoch", otherEpoch, at(5), ErrOtherSite},
	} {
		if err := c.d.Newer(c.than); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestRollbackOfARealDirectory(t *testing.T) {
	s := newTestSite(t)
	old := envelopeOf(t, s)
	mustAdd(t, s, deskPrinter())
	older, err := s.Public().Check(old)
	if err != nil {
		t.Fatal(err)
	}
	if err := older.Newer(s.Directory()); !errors.Is(err, ErrRollback) {
		t.Errorf("went back: %v", err)
	}
	if err := s.Directory().Newer(older); err != nil {
		t.Errorf("went on: %v", err)
	}
}

func TestFoldKeyIsEqualFold(t *testing.T) {
	words := []string{"k", "K", "\u212a", "s", "S", "ſ", "σ", "ς", "Σ", "ß", "ẞ", "ss", "İ", "i", "I", "ı", "é", "É", "ǅ", "ǆ", "Ǆ"}
	for _, a := range words {
		for _, b := range words {
			if (foldKey(a) == foldKey(b)) != strings.EqualFold(a, b) {
				t.Errorf("%q and %q", a, b)
			}
		}
	}
}
