package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const claimsPage = "docs/security-claims.md"

// claim is one claim of docs/security-claims.md.
type claim struct {
	number int
	text   string // all that stands under its heading
}

var (
	claimHead = regexp.MustCompile(`(?m)^### C(\d+)\. .+\.$`)
	heldBy    = regexp.MustCompile(`(?m)^- Held by: (.+)$`)
	testName  = regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)\\w+)`")
)

// claims returns the claims of the page, and what it says of those without a test.
func claims(t *testing.T) (all []claim, without string) {
	t.Helper()
	page, without, ok := strings.Cut(document(t, claimsPage), "\n## Claims without a test\n")
	if !ok {
		t.Fatalf("%s does not list the claims without a test", claimsPage)
	}
	heads := claimHead.FindAllStringSubmatchIndex(page, -1)
	if n := strings.Count(page, "\n### "); n != len(heads) || n == 0 {
		t.Fatalf("%s has %d headings, and %d claims that are one sentence each", claimsPage, n, len(heads))
	}
	for i, at := range heads {
		end := len(page)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		number, _ := strconv.Atoi(page[at[2]:at[3]])
		text, _, _ := strings.Cut(page[at[1]:end], "\n## ")
		all = append(all, claim{number, text})
	}
	return all, without
}

// TestClaimsAreNumbered wants numbers without a gap, and under each the three
// things that a claim says.
func TestClaimsAreNumbered(t *testing.T) {
	all, _ := claims(t)
	for i, c := range all {
		if c.number != i+1 {
			t.Fatalf("%s: C%d stands where C%d should", claimsPage, c.number, i+1)
		}
		for _, says := range []string{"\n- Against: ", "\n- Held by: ", "\n- Not protected: "} {
			if strings.Count(c.text, says) != 1 {
				t.Errorf("%s: C%d does not say once%s…", claimsPage, c.number, strings.TrimPrefix(says, "\n-"))
			}
		}
	}
}

// TestClaimsAreHeld wants every test that a claim names to be there, and a
// claim without one to be listed as such.
func TestClaimsAreHeld(t *testing.T) {
	all, without := claims(t)
	listed := map[int]bool{}
	for _, m := range regexp.MustCompile(`(?m)^- C(\d+): `).FindAllStringSubmatch(without, -1) {
		number, _ := strconv.Atoi(m[1])
		listed[number] = true
	}
	tests := map[string]map[string]bool{}
	for _, c := range all {
		held := heldBy.FindStringSubmatch(c.text)
		if held == nil {
			continue // TestClaimsAreNumbered says so
		}
		named := testName.FindAllStringSubmatch(held[1], -1)
		if n := strings.Count(held[1], "`"); n != 2*len(named) || len(named) == 0 && held[1] != "nothing" {
			t.Errorf("%s: C%d is held by what is no list of tests: %s", claimsPage, c.number, held[1])
		}
		if listed[c.number] != (len(named) == 0) {
			t.Errorf("%s: C%d names %d tests; listed as a claim without one: %v", claimsPage, c.number, len(named), listed[c.number])
		}
		delete(listed, c.number)
		for _, m := range named {
			if tests[m[1]] == nil {
				tests[m[1]] = testsOf(t, m[1])
			}
			if !tests[m[1]][m[2]] {
				t.Errorf("%s: C%d is held by %s.%s, which is no test", claimsPage, c.number, m[1], m[2])
			}
		}
	}
	for number := range listed {
		t.Errorf("%s lists C%d as a claim without a test, which is no claim", claimsPage, number)
	}
}

// TestClaimsThatAreCited wants a claim for every (C12) of the documents.
func TestClaimsThatAreCited(t *testing.T) {
	all, _ := claims(t)
	pages, err := filepath.Glob(filepath.Join(root(t), "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range pages {
		pages[i] = filepath.Join("docs", filepath.Base(path))
	}
	for _, page := range append(pages, "README.md", "SECURITY.md") {
		for _, group := range regexp.MustCompile(`\((C\d+(?:, C\d+)*)\)`).FindAllStringSubmatch(document(t, page), -1) {
			for _, name := range strings.Split(group[1], ", ") {
				if number, _ := strconv.Atoi(name[1:]); number < 1 || number > len(all) {
					t.Errorf("%s cites %s, which %s does not have", page, name, claimsPage)
				}
			}
		}
	}
}

// testsOf are the names of the tests and fuzz targets in a folder, whatever
// system they are built for.
func testsOf(t *testing.T, dir string) map[string]bool {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root(t), dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, path := range paths {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil {
				names[d.Name.Name] = true
			}
		}
	}
	return names
}

// TestBothProgramsAreHardenedFirst wants the first statement of each main to
// close the process to others (docs/attack-surface.md).
func TestBothProgramsAreHardenedFirst(t *testing.T) {
	for _, dir := range []string{"cmd/printscout", "cmd/scoutcloud"} {
		hardened := false
		for _, f := range parsed(t, dir) {
			for _, d := range f.Decls {
				if d, ok := d.(*ast.FuncDecl); ok && d.Name.Name == "main" && d.Recv == nil && len(d.Body.List) > 0 {
					hardened = callsHarden(d.Body.List[0])
				}
			}
		}
		if !hardened {
			t.Errorf("the main of %s does not begin with process.Harden()", dir)
		}
	}
}

func callsHarden(s ast.Stmt) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := f.X.(*ast.Ident)
	return ok && of.Name == "process" && f.Sel.Name == "Harden"
}
