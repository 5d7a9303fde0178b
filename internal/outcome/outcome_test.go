package outcome

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// declaredWords returns the words of the constants whose names begin with a prefix.
func declaredWords(t *testing.T, file, prefix string) (words []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			word, _ := strconv.Unquote(lit.Value)
			words = append(words, word)
		}
		return true
	})
	return words
}

// TestEveryReasonIsListed once, with a sentence, in the order it stands in.
func TestEveryReasonIsListed(t *testing.T) {
	word := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	var listed []string
	for _, r := range Reasons() {
		if !word.MatchString(r.Word) || !strings.HasSuffix(r.Sentence, ".") || r.Group == "" {
			t.Errorf("%+v", r)
		}
		if slices.Contains(listed, r.Word) {
			t.Errorf("%s is listed twice", r.Word)
		}
		listed = append(listed, r.Word)
	}
	if want := declaredWords(t, "reason.go", "Reason"); !slices.Equal(listed, want) {
		t.Errorf("listed %q, declared %q", listed, want)
	}
	for _, level := range append(declaredWords(t, "levels.go", "Evidence"), declaredWords(t, "levels.go", "Raw")...) {
		if levels[level] == "" {
			t.Errorf("level %s has no sentence", level)
		}
	}
}

// TestWords lets nothing through that a printer or a system has said.
func TestWords(t *testing.T) {
	const marker = `Payroll of Alice`
	r := Result{State: Uncertain, Reason: marker, Protocol: marker, Grade: marker, EvidenceLevel: marker}
	raw, err := json.Marshal(r.Words())
	if err != nil || bytes.Contains(raw, []byte(marker)) || r.Words().Reason != ReasonOther {
		t.Errorf("%s, %v", raw, err)
	}
	pages := 3
	known := Result{State: Delivered, Reason: ReasonBusy, Protocol: "ipps", Grade: "ipps-pinned", EvidenceLevel: EvidenceCounted, PagesPrinted: &pages}
	if known.Words() != known {
		t.Errorf("%+v", known.Words())
	}
	if got := known.Sentences(); len(got) != 4 || !strings.Contains(got[3], "3") {
		t.Errorf("%q", got)
	}
	if IsState("") || IsState("done") || !IsState("canceled") || IsReason("") || Sentence("") != "" {
		t.Error("a word is taken for what it is not")
	}
}

// TestReasonsPage holds docs/reasons.md; with UPDATE=1 it writes it.
func TestReasonsPage(t *testing.T) {
	const page = "../../docs/reasons.md"
	want := reasonsPage()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(page, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(page); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the list says (%v): UPDATE=1 go test ./internal/outcome", page, err)
	}
}

func reasonsPage() []byte {
	var b bytes.Buffer
	b.WriteString("# Why a release ended as it did\n\nGenerated from `internal/outcome`. The words are stable: scripts and monitoring may match them. They stand as `reason` in\n" +
		"`printscout job release --json`, in the server's API, in `orders.log` and in both logs.\n\n## States\n\n| state | meaning |\n|---|---|\n")
	for _, s := range []State{Delivered, NotSent, Uncertain, Canceled} {
		fmt.Fprintf(&b, "| `%s` | %s |\n", s, states[s])
	}
	b.WriteString("\n## Levels of evidence\n\n| level | meaning |\n|---|---|\n")
	for _, l := range []string{EvidenceNone, EvidenceTaken, EvidenceState, EvidenceCounted, RawTaken, RawClosed, RawRead, RawOut, RawPages} {
		fmt.Fprintf(&b, "| `%s` | %s |\n", l, levels[l])
	}
	group := ""
	for _, r := range Reasons() {
		if r.Group != group {
			group = r.Group
			fmt.Fprintf(&b, "\n## %s\n\n| reason | meaning |\n|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", r.Word, r.Sentence)
	}
	return b.Bytes()
}
