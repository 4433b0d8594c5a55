package archtest

import (
	"go/ast"
	"strings"
)

// house is where the laws for code that must last hold: all but examples and bench.
var house = []string{"pkg", "internal", "tui", "repl", "cmd"}

func checkGoroutines(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		if f.test || !f.in(house...) {
			continue
		}
		nodes(f, func(s *ast.GoStmt) {
			found = append(found, t.breach(s, "a go statement; use wg.Go, so that somebody waits"))
		})
		said := t.commentedLines(f)
		for _, decl := range f.syntax.Decls {
			found = append(found, t.startedIn(decl, said)...)
		}
	}
	return found
}

// startedIn looks at the goroutines that a declaration starts. What ends them may be
// said beside the call or in the doc comment of the function around it.
func (t *tree) startedIn(decl ast.Decl, said map[int]bool) []breach {
	fn, ok := decl.(*ast.FuncDecl)
	saidByDoc := ok && strings.Contains(fn.Doc.Text(), "ends")
	var found []breach
	ast.Inspect(decl, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			first := t.line(call.Pos())
			found = append(found, t.started(call, saidByDoc || said[first] || said[first-1])...)
		}
		return true
	})
	return found
}

// started looks at a call of the form group.Go(f).
func (t *tree) started(call *ast.CallExpr, said bool) []breach {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "Go" || len(call.Args) != 1 {
		return nil
	}
	var found []breach
	if body, ok := call.Args[0].(*ast.FuncLit); ok && len(body.Body.List) > 1 {
		found = append(found, t.breach(call, "the goroutine's body has no name"))
	}
	if !said {
		found = append(found, t.breach(call, "no comment says what ends the goroutine"))
	}
	return found
}

// commentedLines is the set of lines of f on which a comment ends.
func (t *tree) commentedLines(f *goFile) map[int]bool {
	lines := make(map[int]bool)
	for _, group := range f.syntax.Comments {
		lines[t.line(group.End())] = true
	}
	return lines
}
