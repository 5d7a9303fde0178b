package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/printscout/printscout/internal/dev/peers"
)

// siteHistory is a site with what it published in each of its epochs.
type siteHistory struct {
	sites     []*Site
	publics   []Public
	envelopes [][]byte
}

func historyOf(t testing.TB, epochs int) *siteHistory {
	t.Helper()
	s := newTestSiteOf(t, withPassword(goldenPassword))
	mustAdd(t, s, deskPrinter())
	h := new(siteHistory)
	for {
		h.sites, h.publics, h.envelopes = append(h.sites, s), append(h.publics, s.Public()), append(h.envelopes, envelopeOf(t, s))
		if len(h.sites) == epochs {
			return h
		}
		s = rotateRoot(t, s)
	}
}

func withPassword(password string) secrets {
	sec := fastSecrets()
	sec.wrap.password = password
	return sec
}

// forgeSuccessor makes another next epoch with a stolen signing key.
func forgeSuccessor(t testing.TB, stolen *Site) *Site {
	t.Helper()
	thief := newTestSite(t)
	k, err := deriveKeys(randomBytes(rootSize), stolen.public.Epoch+1)
	if err != nil {
		t.Fatal(err)
	}
	public := k.publicPart(stolen.public.Name, stolen.public.Epoch+1)
	s, err := stolen.public.signSuccession(stolen.key, public, testTime)
	if err != nil {
		t.Fatal(err)
	}
	thief.signer = signer{key: k.sign, public: public, succession: append(slices.Clone(stolen.succession), s)}
	return thief
}

// envelopeBy returns an envelope of any revision that a site has signed.
func envelopeBy(t testing.TB, s *Site, revision uint64) []byte {
	t.Helper()
	p := NewPrinter("Signed by "+fmt.Sprint(s.public.Epoch), []string{"ipps://a"}, "", "")
	p.ID = "p"
	data, _, err := s.signDirectory(&Directory{Site: s.public.Fingerprint(), Epoch: s.public.Epoch, Revision: revision, Issued: testTime, Printers: []Printer{p}})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSuccessionFromEveryEpochToEveryOther(t *testing.T) {
	h := historyOf(t, 5)
	for from := range h.publics {
		for to, envelope := range h.envelopes {
			d, now, err := Lineage{h.publics[from]}.Accept(envelope)
			if to < from {
				if !errors.Is(err, ErrSignature) || d != nil || now != nil {
					t.Errorf("from %d back to %d: %v", from, to, err)
				}
				continue
			}
			if err != nil || !slices.EqualFunc(now, h.publics[from:to+1], Public.equal) || d.Epoch != uint32(to+1) {
				t.Errorf("from %d to %d: %+v, %v", from, to, now, err)
			}
		}
	}
}

func TestLeftEpochsAreKnownAgain(t *testing.T) {
	h := historyOf(t, 4)
	line := Lineage(h.publics[:3])
	for epoch := range 2 {
		if _, _, err := line.Accept(h.envelopes[epoch]); !errors.Is(err, ErrRollback) {
			t.Errorf("directory of epoch %d: %v", epoch+1, err)
		}
	}
	for epoch, s := range h.sites[:2] {
		rival := forgeSuccessor(t, s)
		_, _, err := line.Accept(envelopeBy(t, rival, maxRevision))
		fork, ok := errors.AsType[*ForkError](err)
		if !ok || !errors.Is(err, ErrFork) || fork.Rival != rival.public.Fingerprint() || fork.Epoch != uint32(epoch+2) {
			t.Errorf("rival of epoch %d: %v", epoch+2, err)
		}
		if _, _, err := line.Accept(envelopeBy(t, forgeSuccessor(t, rival), 9)); !errors.Is(err, ErrFork) {
			t.Errorf("successor of the rival: %v", err)
		}
	}
	// The key in force was stolen: this cannot be told from the true one.
	if _, now, err := line.Accept(envelopeBy(t, forgeSuccessor(t, h.sites[2]), 1)); err != nil || len(now) != 4 {
		t.Errorf("%v", err)
	}
	if _, _, err := line.Accept(envelopeOf(t, newTestSite(t))); !errors.Is(err, ErrSignature) || errors.Is(err, ErrFork) {
		t.Errorf("another site: %v", err)
	}
}

func TestStatementsThatAreRefused(t *testing.T) {
	h := historyOf(t, 3)
	first, second := h.sites[0], h.sites[1]
	good := toJSON(t, succession{Site: first.public.Fingerprint(), Epoch: 1, Issued: testTime, Next: second.public})
	swap := func(old, with string) []byte {
		if !strings.Contains(string(good), old) {
			t.Fatalf("no %s in %s", old, good)
		}
		return []byte(strings.Replace(string(good), old, with, 1))
	}
	envelopeWith := func(statements ...statement) []byte {
		var e envelope
		if err := json.Unmarshal(h.envelopes[1], &e); err != nil {
			t.Fatal(err)
		}
		e.Succession = statements
		return toJSON(t, e)
	}
	sealed := func(s *Site, payload []byte) statement { return signStatement(s.key, successionContext, payload) }
	if _, now, err := (Lineage{first.public}).Accept(envelopeWith(sealed(first, good))); err != nil || len(now) != 2 {
		t.Fatal(err)
	}
	low := toJSON(t, make([]byte, 32))
	for name, c := range map[string]struct {
		envelope []byte
		want     error
	}{
		"none":                {envelopeWith(), ErrSignature},
		"by the next key":     {envelopeWith(sealed(second, good)), ErrSignature},
		"by another site":     {envelopeWith(sealed(newTestSite(t), good)), ErrSignature},
		"of a directory":      {envelopeWith(signStatement(first.key, signingContext, good)), ErrSignature},
		"from another site":   {envelopeWith(sealed(first, swap(first.public.Fingerprint(), "psf1:x"))), ErrOtherSite},
		"from another epoch":  {envelopeWith(sealed(first, swap(`"epoch":1`, `"epoch":2`))), ErrOtherSite},
		"to the same epoch":   {envelopeWith(sealed(first, swap(`"epoch":2`, `"epoch":1`))), ErrFormat},
		"over an epoch":       {envelopeWith(sealed(first, swap(`"epoch":2`, `"epoch":3`))), ErrFormat},
		"same signing key":    {envelopeWith(sealed(first, swap(string(toJSON(t, second.public.Sign)), string(toJSON(t, first.public.Sign))))), ErrFormat},
		"same wrap key":       {envelopeWith(sealed(first, swap(string(toJSON(t, second.public.Wrap)), string(toJSON(t, first.public.Wrap))))), ErrFormat},
		"weak wrap key":       {envelopeWith(sealed(first, swap(string(toJSON(t, second.public.Wrap)), string(low)))), ErrFormat},
		"no name":             {envelopeWith(sealed(first, swap(`"name":"Example"`, `"name":""`))), ErrFormat},
		"no time":             {envelopeWith(sealed(first, swap(`"issued"`, `"issued_"`))), ErrFormat},
		"two epochs":          {envelopeWith(sealed(first, swap(`"epoch":2`, `"epoch":2,"epoch":2`))), ErrFormat},
		"no JSON":             {envelopeWith(sealed(first, []byte("x"))), ErrFormat},
		"twice":               {envelopeWith(sealed(first, good), sealed(first, good)), ErrSignature},
		"a stranger's after":  {envelopeWith(sealed(first, good), sealed(newTestSite(t), good)), ErrSignature},
		"other version":       {envelopeWith(statement{2, sealed(first, good).Payload, sealed(first, good).Signature}), ErrFormat},
		"too many":            {envelopeWith(slices.Repeat([]statement{sealed(second, good)}, maxSuccession+1)...), ErrFormat},
		"cut off":             {h.envelopes[2][:len(h.envelopes[2])-1], ErrFormat},
		"nothing is in force": {nil, ErrFormat},
	} {
		if d, now, err := (Lineage{first.public}).Accept(c.envelope); !errors.Is(err, c.want) || d != nil || now != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := (Lineage{}).Accept(h.envelopes[0]); !errors.Is(err, ErrFormat) {
		t.Errorf("who trusts nobody: %v", err)
	}
	// A stranger's statement before one's time is passed over unread.
	if _, _, err := (Lineage{first.public}).Accept(envelopeWith(sealed(newTestSite(t), []byte("x")), sealed(first, good))); err != nil {
		t.Errorf("what was before: %v", err)
	}
}

func TestEveryFlippedBitOfASuccessionIsRefused(t *testing.T) {
	h := historyOf(t, 3)
	good := h.envelopes[2]
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1 << (i % 8)
		if _, now, err := (Lineage{h.publics[0]}).Accept(bad); err == nil {
			t.Fatalf("byte %d: %q for %q is taken, up to epoch %d", i, bad[i], good[i], len(now))
		}
	}
}

// TestReadersOfAnyAge holds this property: whatever a reader is shown, true, forged,
// forked or old, its epoch never decreases, changes only by a statement of the key
// it trusted, and is never that of a second successor.
func TestReadersOfAnyAge(t *testing.T) {
	peers.Short(t, "roots are made")
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	h := historyOf(t, 6)
	shown := slices.Clone(h.envelopes)
	signedBy := map[string]string{} // fingerprint → that of the key that named it
	note := func(s, by *Site) { signedBy[s.public.Fingerprint()] = by.public.Fingerprint() }
	for i, s := range h.sites {
		if i > 0 {
			note(s, h.sites[i-1])
		}
		rival := forgeSuccessor(t, s)
		second := forgeSuccessor(t, rival)
		note(rival, s)
		note(second, rival)
		forged := &Site{signer: rival.signer}
		forged.succession = append(slices.Clone(s.succession), signStatement(newTestSite(t).key, successionContext, []byte("{}")))
		for _, by := range []*Site{rival, second, forged} {
			shown = append(shown, envelopeBy(t, by, random.Uint64N(maxRevision)+1))
		}
	}
	for range 200 {
		line := Lineage{h.publics[random.IntN(len(h.publics))]}
		for range 20 {
			before := line[len(line)-1]
			d, now, err := line.Accept(shown[random.IntN(len(shown))])
			if err != nil {
				continue
			}
			after := now[len(now)-1]
			if d.Site != after.Fingerprint() || after.Epoch < before.Epoch || after.Epoch == before.Epoch && !after.equal(before) {
				t.Fatalf("seed %d: from epoch %d to %d", seed, before.Epoch, after.Epoch)
			}
			for i := 1; i < len(now); i++ {
				if signedBy[now[i].Fingerprint()] != now[i-1].Fingerprint() {
					t.Fatalf("seed %d: epoch %d was not named by the one before", seed, now[i].Epoch)
				}
			}
			if !slices.EqualFunc(now[:len(line)], line, Public.equal) {
				t.Fatalf("seed %d: the lineage was rewritten", seed)
			}
			line = now
		}
	}
}

func TestSuccessionIsBounded(t *testing.T) {
	var statements []statement
	s := newTestSite(t)
	first := s
	for range maxSuccession {
		s = forgeSuccessor(t, s)
	}
	statements = s.succession
	if _, now, err := (Lineage{first.public}).Accept(envelopeBy(t, s, 1)); err != nil || len(now) != maxLineage || now[maxLineage-1].Epoch != maxSuccession+1 {
		t.Errorf("%d statements: %d epochs, %v", len(statements), len(now), err)
	}
}

// TestForksAreToldWithinBounds: one that is too old to be told is refused all the same.
func TestForksAreToldWithinBounds(t *testing.T) {
	s := newTestSite(t)
	sites, line := []*Site{s}, Lineage{s.public}
	for range maxForks + 1 {
		s = forgeSuccessor(t, s)
		sites, line = append(sites, s), append(line, s.public)
	}
	for i, from := range sites[:len(sites)-1] {
		_, _, err := line.Accept(envelopeBy(t, forgeSuccessor(t, from), 1))
		if told := i > 0; !errors.Is(err, ErrFork) == told || !told && !errors.Is(err, ErrSignature) {
			t.Errorf("fork off epoch %d of %d: %v", i+1, len(line), err)
		}
	}
}

func FuzzAccept(f *testing.F) {
	h := historyOf(f, 3)
	for _, e := range h.envelopes {
		f.Add(e)
	}
	f.Add(envelopeBy(f, forgeSuccessor(f, h.sites[0]), 1))
	line := Lineage(h.publics[:2])
	f.Fuzz(func(t *testing.T, data []byte) {
		d, now, err := line.Accept(data)
		if (d == nil) != (err != nil) || (now == nil) != (err != nil) {
			t.Fatalf("%v with %v", d, err)
		}
		if err == nil && d.Site != now[len(now)-1].Fingerprint() {
			t.Fatalf("directory of %s in the lineage of %s", d.Site, now[len(now)-1].Fingerprint())
		}
	})
}

// FuzzStatement signs its input, to reach the parser of the payload.
func FuzzStatement(f *testing.F) {
	h := historyOf(f, 2)
	first := h.sites[0]
	f.Add([]byte(toJSON(f, succession{Site: first.public.Fingerprint(), Epoch: 1, Issued: testTime, Next: h.publics[1]})))
	f.Add([]byte(`{"next":{"epoch":2}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		n, err := first.public.verifySuccession(signStatement(first.key, successionContext, payload))
		if err == nil && (n.Next.Epoch != 2 || n.Next.Validate() != nil) {
			t.Fatalf("taken: %+v", n)
		}
	})
}
