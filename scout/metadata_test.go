package scout

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/printscout/printscout/internal/outcome"
	"github.com/printscout/printscout/spooler/docinfo"
)

// TestNothingIsToldButWords fills every text of a job with a marker.
func TestNothingIsToldButWords(t *testing.T) {
	const marker = "payroll-of-alice"
	j := job{
		ticket: ticket{Title: marker, User: marker, Sides: marker, Color: marker, Created: time.Now(), Expires: time.Now()},
		info:   docinfo.Info{Format: marker, Title: marker, Application: marker, Producer: marker, Media: marker, Sides: marker, Color: marker, Certainty: marker},
		note:   note{State: Parked, Reason: marker, Message: marker, Printer: marker, Evidence: []string{marker}},
	}
	raw, err := json.Marshal((&Scout{tagKey: make([]byte, tagKeySize)}).jobMetadata(j))
	if err != nil || strings.Contains(string(raw), marker) {
		t.Errorf("%s, %v", raw, err)
	}
}

// TestFormatsAreTold wants every format that docinfo tells by content.
func TestFormatsAreTold(t *testing.T) {
	for name, value := range stringConstants(t, "../spooler/docinfo", "Format") {
		if allowedWord(value, allowedFormats, "") == "" {
			t.Errorf("docinfo.%s is not told", name)
		}
	}
}

// TestReasonsAreListed looks for words that are given as the reason of a release
// and are on no list: they would leave the computer as "other".
func TestReasonsAreListed(t *testing.T) {
	for _, state := range []State{Parked, Waiting, Releasing, Uncertain, Delivered, Canceled, Expired} {
		if word := reasonOfState(state); !outcome.IsReason(word) {
			t.Errorf("%s is on no list", word)
		}
	}
	for _, dir := range []string{".", "../delivery", "../cloudlink", "../cloudlink/wire"} {
		inspectPackage(t, dir, func(n ast.Node) {
			switch n := n.(type) {
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "notSentResult" && len(n.Args) == 4 {
					wantListed(t, n.Args[2])
				}
			case *ast.KeyValueExpr:
				if name, ok := n.Key.(*ast.Ident); ok && (name.Name == "Reason" || name.Name == "reason") {
					wantListed(t, n.Value)
				}
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					if to, ok := to.(*ast.SelectorExpr); ok && len(n.Lhs) == len(n.Rhs) && (to.Sel.Name == "Reason" || to.Sel.Name == "reason") {
						wantListed(t, n.Rhs[i])
					}
				}
			}
		})
	}
}

func wantListed(t *testing.T, e ast.Expr) {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return
	}
	if word, _ := strconv.Unquote(lit.Value); word != "" && !outcome.IsReason(word) {
		t.Errorf("%q is on no list of internal/outcome", word)
	}
}

// inspectPackage walks the files of a package that are no tests.
func inspectPackage(t *testing.T, dir string, look func(ast.Node)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool { look(n); return true })
	}
}

// stringConstants returns the texts of a package's constants whose names begin so.
func stringConstants(t *testing.T, dir, prefix string) map[string]string {
	t.Helper()
	all := map[string]string{}
	inspectPackage(t, dir, func(n ast.Node) {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, prefix) {
			return
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			all[spec.Names[0].Name], _ = strconv.Unquote(lit.Value)
		}
	})
	if len(all) == 0 {
		t.Fatalf("no constants %s… in %s", prefix, dir)
	}
	return all
}
