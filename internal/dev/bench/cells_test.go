package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/printscout/printscout/delivery/simprinter"
	"github.com/printscout/printscout/internal/ipp"
)

// fixedSender is a sender that sends a document so many times, whatever the answer,
// and then claims something.
func fixedSender(times int, c claim) sender {
	return sender{"test", func(ctx context.Context, uri string, d documentFile) (string, claim, error) {
		to, err := newClient(uri)
		if err != nil {
			return "", c, err
		}
		for range times {
			f, err := os.Open(d.path)
			if err != nil {
				return "", c, err
			}
			to.Print(ctx, ipp.PrintJob{Title: "t", User: "u", Format: "application/pdf"}, ipp.Document{Reader: f, Size: d.size})
			f.Close()
		}
		return "said", c, nil
	}}
}

func testDocument(t *testing.T) documentFile {
	t.Helper()
	m := &measurement{dir: t.TempDir(), kinds: documentKinds()}
	d, err := m.makeDocument(40 * kB)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestTrialFinds what senders do wrong that do so on purpose.
func TestTrialFinds(t *testing.T) {
	d := testDocument(t)
	for _, c := range []struct {
		trouble string
		sender  sender
		copies  int
		want    verdict
	}{
		{"503 after it was printed", fixedSender(1, printed), 1, good},
		{"503 after it was printed", fixedSender(2, printed), 2, duplicate},
		{"503 after it was printed", fixedSender(1, notPrinted), 1, falseAlarm},
		{"busy after it was printed", fixedSender(3, stopped), 3, duplicate},
		{"reset after the last byte", fixedSender(1, unsure), 1, asks},
		{"reset in mid-document", fixedSender(1, printed), 0, silentLoss},
		{"reset in mid-document", fixedSender(1, notPrinted), 0, good},
		{"reset in mid-document", fixedSender(2, printed), 1, good}, // the trouble is over by then
		{"reset in mid-document", fixedSender(0, canceled), 0, dropped},
	} {
		got, err := trial{troubleNamed(t, c.trouble), byPrintJob, d, c.sender}.runTrial(t.Context(), filepath.Join(t.TempDir(), "p"))
		if err != nil || got.Copies != c.copies || got.Parts != 0 || got.Verdict != c.want || got.Said != "said" {
			t.Errorf("%s: %+v, %v; want %d, %s", c.trouble, got, err, c.copies, c.want)
		}
	}
}

func troubleNamed(t *testing.T, name string) trouble {
	t.Helper()
	for _, x := range troubles {
		if x.name == name {
			return x
		}
	}
	t.Fatalf("no trouble is called %q", name)
	return trouble{}
}

func TestTrialFails(t *testing.T) {
	bad := errors.New("bad")
	s := sender{"test", func(context.Context, string, documentFile) (string, claim, error) { return "", printed, bad }}
	if _, err := (trial{troubles[0], byCreateJob, testDocument(t), s}).runTrial(t.Context(), filepath.Join(t.TempDir(), "p")); !errors.Is(err, bad) {
		t.Errorf("got %v", err)
	}
}

// What is not offered is refused.
func TestWaysDiffer(t *testing.T) {
	const notFound, notSupported = 0x0406, 0x0501
	for _, c := range []struct {
		way  way
		want int
	}{{byCreateJob, notFound}, {byPrintJob, notSupported}} {
		p, err := startTroubled(filepath.Join(t.TempDir(), "p"), c.way, trouble{fault: func(int64) simprinter.Fault { return simprinter.Fault{} }}, 1)
		if err != nil {
			t.Fatal(err)
		}
		to, err := newClient(p.PlainURI())
		if err != nil {
			t.Fatal(err)
		}
		m := ipp.NewRequest(ipp.Version20, opSendDocument, to.URI)
		m.Operation.Add(ipp.Integer("job-id", 77))
		_, err = to.Do(t.Context(), m, nil)
		if e, ok := errors.AsType[*ipp.StatusError](err); !ok || int(e.Status) != c.want {
			t.Errorf("%s: Send-Document is answered with %v", c.way, err)
		}
		p.Close()
	}
}

func TestFileKnowsItself(t *testing.T) {
	d := testDocument(t)
	b, err := os.ReadFile(d.path)
	if err != nil || int64(len(b)) != d.size || !bytes.HasPrefix(b, []byte(pdfHead)) {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	other := filepath.Join(t.TempDir(), "other")
	for content, want := range map[string]bool{string(b): true, string(b[1:]): false, string(b) + "x": false, "": false} {
		if err := os.WriteFile(other, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if same, err := d.hasContentOf(other); same != want || err != nil {
			t.Errorf("%d bytes are the same: %v, %v", len(content), same, err)
		}
	}
}

func TestCellReport(t *testing.T) {
	r := report{Cells: []cell{
		{"t1", byCreateJob, 40 * kB, "a", "delivered", 1, 0, good},
		{"t1", byCreateJob, 40 * kB, "b", "exit 7 0", 2, 0, duplicate},
		{"t2", byPrintJob, 3 * mB, "a", "uncertain", 0, 1, asks},
		{"t2", byPrintJob, 3 * mB, "b", "exit 0", 0, 0, silentLoss},
	}}
	var b bytes.Buffer
	r.writeCells(&b)
	for _, want := range []string{
		"| with | document | a | b |\n|---|---|---|---|---|\n",
		"| t1 | Create-Job | 40 KB | 1, delivered: ok | 2, exit 7 0: duplicate |\n",
		"| t2 | Print-Job | 3 MB | 0 and 1 in part, uncertain: asks a person | 0, exit 0: silent loss |\n",
		"- a: 0 duplicates, 0 silent losses of 2\n",
		"- b: 1 duplicates, 1 silent losses of 2\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &b)
		}
	}
}
