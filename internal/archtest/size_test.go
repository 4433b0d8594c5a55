package archtest

import (
	"go/ast"
	"path"
	"strconv"
	"strings"
)

// The hard limits. The aim is far lower: 250 lines and 30.
const (
	maxFileLines = 450
	maxFuncLines = 80
)

func checkSize(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		if f.lines > maxFileLines {
			found = append(found, breach{f.path, strconv.Itoa(f.lines) + " lines in one file"})
		}
		nodes(f, func(d *ast.FuncDecl) {
			if n := t.funcLines(f, d); n > maxFuncLines {
				found = append(found, t.breach(d, "%s has %d lines", d.Name.Name, n))
			}
		})
	}
	return found
}

// funcLines counts the lines of a function. In a test, rows of a table are data and
// do not count.
func (t *tree) funcLines(f *goFile, d *ast.FuncDecl) int {
	lines := t.line(d.End()) - t.line(d.Pos()) + 1
	if !f.test || d.Body == nil {
		return lines
	}
	ast.Inspect(d.Body, func(n ast.Node) bool {
		table, ok := n.(*ast.CompositeLit)
		if ok {
			lines -= t.line(table.End()) - t.line(table.Pos())
		}
		return !ok
	})
	return lines
}

// checkSeeds wants a call of Add in each fuzz function, or a folder of seeds. Where
// rapid makes the values its bytes mean nothing, so seeds would not help.
func checkSeeds(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		nodes(f, func(d *ast.FuncDecl) {
			if !f.test || d.Recv != nil || !strings.HasPrefix(d.Name.Name, "Fuzz") {
				return
			}
			if !addsSeeds(d) && !t.paths[path.Join(f.dir, "testdata/fuzz", d.Name.Name)] {
				found = append(found, t.breach(d, "%s has no seeds", d.Name.Name))
			}
		})
	}
	return found
}

func addsSeeds(d *ast.FuncDecl) bool {
	adds := false
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && (s.Sel.Name == "Add" || s.Sel.Name == "MakeFuzz") {
			adds = true
		}
		return true
	})
	return adds
}
