package archtest

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// process lists the names that reach for the process as a whole.
var process = map[string][]string{
	"os":  {"Exit", "Stdin", "Stdout", "Stderr", "Getenv", "LookupEnv", "Environ"},
	"fmt": {"Print", "Printf", "Println"},
	"log": {"Print", "Printf", "Println", "Fatal", "Fatalf", "Fatalln", "Default"},
}

// guards are packages below cmd whose work is the process itself.
var guards = []string{"internal/termguard"}

func checkStreams(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		if f.test || !f.in("pkg", "internal") || f.in(guards...) {
			continue
		}
		nodes(f, func(s *ast.SelectorExpr) {
			for importPath, names := range process {
				if name, ok := f.selects(s, importPath); ok && slices.Contains(names, name) {
					found = append(found, t.breach(s, "%s.%s", importPath, name))
				}
			}
		})
	}
	return found
}

// checkScreens finds who starts a bubbletea program without internal/screen.
func checkScreens(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		if f.in("internal/screen") {
			continue
		}
		nodes(f, func(s *ast.SelectorExpr) {
			if name, ok := f.selects(s, "github.com/charmbracelet/bubbletea"); ok && name == "NewProgram" {
				found = append(found, t.breach(s, "%s of bubbletea", name))
			}
		})
	}
	return found
}

// checkKnobs finds exported variables, which anybody may set at any time.
func checkKnobs(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		if f.test || !f.in(house...) {
			continue
		}
		for _, decl := range f.syntax.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.VAR {
				continue
			}
			for _, id := range declared(d) {
				if id.IsExported() && !strings.HasPrefix(id.Name, "Err") {
					found = append(found, t.breach(id, "var %s", id.Name))
				}
			}
		}
	}
	return found
}
