package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestWhatTheServerIsTold compares the table of docs/protocol.md with the fields
// of every frame that the server takes from a scout and of every body that it
// reads, both ways: nothing is sent that has no row there.
func TestWhatTheServerIsTold(t *testing.T) {
	want := map[string]bool{}
	add := func(by string, fields []string) {
		for _, f := range fields {
			want[by+" "+f] = true
		}
	}
	wire := jsonFields(t, "cloudlink/wire")
	tags := tagsOfFrames(t)
	for _, frame := range framesTheServerTakes(t) {
		if tags[frame] == "" {
			t.Errorf("wire.%s has no tag", frame)
		}
		add(tags[frame], wire[frame])
	}
	add("POST /v1/enroll", wire["EnrollRequest"])
	add("POST /v1/releases", jsonFields(t, "cloud")["releaseRequest"])
	add("POST /v1/releases", []string{"Authorization", "Idempotency-Key"})
	add("GET /v1/directory", []string{"Authorization"})
	if len(want) < 40 {
		t.Fatalf("the code has %d fields", len(want))
	}

	page, _, ok := strings.Cut(toldToTheServer(t), headOfRegistry)
	if !ok {
		t.Fatalf("the section has no%s", headOfRegistry)
	}
	rows := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `([^`]+)` \\| ").FindAllStringSubmatch(page, -1) {
		rows[m[1]+" "+m[2]] = true
	}
	differ(t, "docs/protocol.md", want, rows)
}

// TestWhatTheRegistryKeeps compares the tables of the registry and their columns
// with those of the second table there.
func TestWhatTheRegistryKeeps(t *testing.T) {
	want, rows := map[string]bool{}, map[string]bool{}
	code := document(t, "cloud/schema.go")
	for _, m := range regexp.MustCompile(`(?s)CREATE TABLE (\w+) \((.*?)\) STRICT`).FindAllStringSubmatch(code, -1) {
		for _, c := range regexp.MustCompile(`(?m)(?:^|, )\s*(\w+)\s+(?:INTEGER|TEXT|BLOB)`).FindAllStringSubmatch(m[2], -1) {
			want[m[1]+" "+c[1]] = true
		}
	}
	for _, m := range regexp.MustCompile(`ALTER TABLE (\w+) ADD COLUMN (\w+)`).FindAllStringSubmatch(code, -1) {
		want[m[1]+" "+m[2]] = true
	}
	if len(want) < 30 {
		t.Fatalf("the registry has %d columns", len(want))
	}
	_, page, _ := strings.Cut(toldToTheServer(t), headOfRegistry)
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (`[^|]+`) \\| ").FindAllStringSubmatch(page, -1) {
		for _, c := range strings.Split(m[2], ", ") {
			rows[m[1]+" "+strings.Trim(c, "`")] = true
		}
	}
	differ(t, "docs/protocol.md", want, rows)
}

const headOfRegistry = "\n### What the registry keeps\n"

// toldToTheServer is the section that both tests are about.
func toldToTheServer(t *testing.T) string {
	t.Helper()
	_, page, ok := strings.Cut(document(t, "docs/protocol.md"), "\n## What the server is told\n")
	page, _, end := strings.Cut(page, "\n## ")
	if !ok || !end {
		t.Fatal("docs/protocol.md does not say what the server is told")
	}
	return page
}

func differ(t *testing.T, page string, want, rows map[string]bool) {
	t.Helper()
	for w := range want {
		if !rows[w] {
			t.Errorf("%s has no row for %s", page, w)
		}
	}
	for r := range rows {
		if !want[r] {
			t.Errorf("%s has a row for %s, which is not there", page, r)
		}
	}
}

// framesTheServerTakes returns the types of package wire that the server
// expects of the other end.
func framesTheServerTakes(t *testing.T) (names []string) {
	for _, f := range parsed(t, "cloud") {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CaseClause:
				for _, e := range n.List {
					names = append(names, ofWire(e)...)
				}
			case *ast.TypeAssertExpr:
				names = append(names, ofWire(n.Type)...)
			}
			return true
		})
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func ofWire(e ast.Expr) []string {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	if x, ok := s.X.(*ast.Ident); !ok || x.Name != "wire" {
		return nil
	}
	return []string{s.Sel.Name}
}

// tagsOfFrames are the words by which frames go over the wire, by type.
func tagsOfFrames(t *testing.T) map[string]string {
	tags := map[string]string{}
	for _, m := range regexp.MustCompile(`func \((\w+)\) frameType\(\) string +\{ return "([a-z-]+)" \}`).FindAllStringSubmatch(document(t, "cloudlink/wire/codec.go"), -1) {
		tags[m[1]] = m[2]
	}
	return tags
}

// jsonFields are the names that the fields of each struct have in JSON, those
// of embedded structs of the same package among them.
func jsonFields(t *testing.T, dir string) map[string][]string {
	t.Helper()
	structs := map[string]*ast.StructType{}
	for _, f := range parsed(t, dir) {
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if s, ok := spec.Type.(*ast.StructType); ok {
					structs[spec.Name.Name] = s
				}
			}
			return true
		})
	}
	names := map[string][]string{}
	var of func(s *ast.StructType) []string
	of = func(s *ast.StructType) (out []string) {
		for _, f := range s.Fields.List {
			switch tag := jsonTag(t, f); {
			case tag != "" && tag != "-":
				out = append(out, tag)
			case len(f.Names) == 0:
				if x, ok := f.Type.(*ast.Ident); ok && structs[x.Name] != nil {
					out = append(out, of(structs[x.Name])...)
				}
			case tag == "" && f.Names[0].IsExported():
				out = append(out, f.Names[0].Name)
			}
		}
		return out
	}
	for name, s := range structs {
		names[name] = of(s)
	}
	return names
}

func jsonTag(t *testing.T, f *ast.Field) string {
	t.Helper()
	if f.Tag == nil {
		return ""
	}
	text, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(reflect.StructTag(text).Get("json"), ",")
	return name
}

// parsed are the files of a package, its tests aside.
func parsed(t *testing.T, dir string) (files []*ast.File) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root(t), dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}
