package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// tree is what the laws look at: all sources of the project, parsed once.
type tree struct {
	module string // the path of the main module
	fset   *token.FileSet
	files  []*goFile         // in the order of their paths
	texts  map[string]string // pages, go.mod files and scripts by path
	paths  map[string]bool   // every file and folder
}

// goFile is one Go file. Its path and folder are relative to the top, with slashes.
type goFile struct {
	path, dir string
	test      bool // its name ends in _test.go
	lines     int
	syntax    *ast.File
}

// external reports whether f is a test that sees its package from outside.
func (f *goFile) external() bool { return f.test && strings.HasSuffix(f.syntax.Name.Name, "_test") }

// in reports whether f is in one of the folders or below.
func (f *goFile) in(folders ...string) bool {
	for _, folder := range folders {
		if f.dir == folder || strings.HasPrefix(f.dir, folder+"/") {
			return true
		}
	}
	return false
}

// load reads the project whose top is the root of fsys.
func load(fsys fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet(), texts: make(map[string]string), paths: make(map[string]bool)}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && skipped(entry.Name()) {
			return fs.SkipDir
		}
		t.paths[name] = true
		if entry.IsDir() || inTestdata(name) {
			return nil
		}
		return t.read(fsys, name)
	})
	if err != nil {
		return nil, err
	}
	t.module = modulePath(t.texts["go.mod"])
	return t, nil
}

// skipped reports whether a folder holds nothing of ours.
func skipped(name string) bool {
	hidden := name != "." && name != ".ci" && strings.HasPrefix(name, ".")
	return hidden || name == "node_modules"
}

func inTestdata(name string) bool { return strings.Contains("/"+name, "/testdata/") }

// read adds one file to the tree if a law looks at its kind.
func (t *tree) read(fsys fs.FS, name string) error {
	base := path.Base(name)
	isText := base == "go.mod" || base == "Makefile" || path.Ext(base) == ".md" || path.Ext(base) == ".sh"
	if !isText && path.Ext(base) != ".go" {
		return nil
	}
	src, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if isText {
		t.texts[name] = string(src)
		return nil
	}
	syntax, err := parser.ParseFile(t.fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	t.files = append(t.files, &goFile{
		path:   name,
		dir:    path.Dir(name),
		test:   strings.HasSuffix(name, "_test.go"),
		lines:  strings.Count(string(src), "\n"),
		syntax: syntax,
	})
	return nil
}

// modulePath finds the path in the text of a go.mod.
func modulePath(mod string) string {
	for line := range strings.Lines(mod) {
		if rest, ok := strings.CutPrefix(line, "module "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

// breach makes a breach at a node.
func (t *tree) breach(at ast.Node, format string, args ...any) breach {
	pos := t.fset.Position(at.Pos())
	return breach{pos.Filename + ":" + strconv.Itoa(pos.Line), fmt.Sprintf(format, args...)}
}

// line is the line that pos is on.
func (t *tree) line(pos token.Pos) int { return t.fset.Position(pos).Line }

// nodes calls visit for each node of type N in f.
func nodes[N ast.Node](f *goFile, visit func(N)) {
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		if node, ok := n.(N); ok {
			visit(node)
		}
		return true
	})
}

// importName is the name by which f calls the package at importPath, or "" when f
// does not import it.
func (f *goFile) importName(importPath string) string {
	for _, spec := range f.syntax.Imports {
		if spec.Path.Value != strconv.Quote(importPath) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}

// selects reports whether expr is a name of the package at importPath, and which.
func (f *goFile) selects(expr ast.Expr, importPath string) (name string, ok bool) {
	selector, ok := expr.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	x, ok := selector.X.(*ast.Ident)
	if !ok || x.Name != f.importName(importPath) {
		return "", false
	}
	return selector.Sel.Name, true
}
