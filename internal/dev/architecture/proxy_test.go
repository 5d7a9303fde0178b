package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayUseProxies are the files that follow a proxy of the environment: the
// scout's way to its server. Documents go to printers without one.
var mayUseProxies = []string{"cloudlink/socket.go", "cloudlink/tls.go"}

// ofProxies are what follows the proxy of the environment, or is a way to set
// one, by import path.
var ofProxies = map[string][]string{
	"net/http":                     {"ProxyFromEnvironment", "ProxyURL", "DefaultTransport", "DefaultClient", "Get", "Head", "Post", "PostForm"},
	"github.com/gorilla/websocket": {"DefaultDialer"},
}

// TestProxiesOfTheEnvironment looks at every file of the product for what would
// send a request, and with it a document, by a proxy.
func TestProxiesOfTheEnvironment(t *testing.T) {
	found := map[string]bool{}
	seen := 0
	for _, p := range list(t, "./...") {
		if under(p.ImportPath, "internal/dev") {
			continue
		}
		all, err := filepath.Glob(filepath.Join(p.Dir, "*.go")) // those of other systems too
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range all {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			short, err := filepath.Rel(root(t), path)
			if err != nil {
				t.Fatal(err)
			}
			for _, use := range usesOfProxies(t, path) {
				if found[short] = true; !slices.Contains(mayUseProxies, filepath.ToSlash(short)) {
					t.Errorf("%s: %s", short, use)
				}
			}
			seen++
		}
	}
	if seen < 200 {
		t.Errorf("only %d files were looked at", seen)
	}
	for _, name := range mayUseProxies {
		if !found[filepath.FromSlash(name)] {
			t.Errorf("%s uses no proxy and is listed", name)
		}
	}
}

// usesOfProxies are the places of a file.
func usesOfProxies(t *testing.T, path string) (uses []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	say := func(n ast.Node, what string) {
		uses = append(uses, "line "+strconv.Itoa(files.Position(n.Pos()).Line)+" has "+what)
	}
	imported := map[string]string{} // path by name
	for _, i := range file.Imports {
		of, _ := strconv.Unquote(i.Path.Value)
		if strings.HasPrefix(of, "golang.org/x/net/proxy") || strings.HasPrefix(of, "golang.org/x/net/http/httpproxy") {
			say(i, of)
		}
		name := filepath.Base(of)
		if i.Name != nil {
			name = i.Name.Name
		}
		imported[name] = of
	}
	named := func(e ast.Expr) (path, name string) {
		if s, ok := e.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				return imported[x.Name], s.Sel.Name
			}
		}
		return "", ""
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if of, name := named(n); slices.Contains(ofProxies[of], name) {
				say(n, of+"."+name)
			} else if of == "" && n.Sel.Name == "Proxy" {
				say(n, "a field Proxy")
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "new" && len(n.Args) == 1 {
				if of, name := named(n.Args[0]); of == "net/http" && name == "Client" {
					say(n, "a client without a transport of its own")
				}
			}
		case *ast.ValueSpec:
			if of, name := named(n.Type); of == "net/http" && name == "Client" && len(n.Values) == 0 {
				say(n, "a client without a transport of its own")
			}
		case *ast.CompositeLit:
			of, name := named(n.Type)
			switch {
			case of == "net/http" && name == "Client" && !hasKey(n, "Transport"):
				say(n, "a client without a transport of its own")
			case hasKey(n, "Proxy"):
				say(n, "a Proxy")
			}
		}
		return true
	})
	return uses
}

func hasKey(lit *ast.CompositeLit, name string) bool {
	return slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		key, ok := kv.Key.(*ast.Ident)
		return ok && key.Name == name
	})
}
