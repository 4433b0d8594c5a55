package archtest

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
)

// checkSleep wants no sleep but in virtual time: in a file that runs bubbles itself, or in
// a func handed to inBubble, the name for a package's own way into one.
func checkSleep(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		inBubble := f.test && f.importName("testing/synctest") != ""
		if inBubble || !f.test && !f.in(house...) {
			continue
		}
		virtual := f.bubbles()
		nodes(f, func(s *ast.SelectorExpr) {
			if name, ok := f.selects(s, "time"); ok && name == "Sleep" && !within(virtual, s.Pos()) {
				found = append(found, t.breach(s, "time.Sleep"))
			}
		})
	}
	return found
}

// bubbles lists the calls of inBubble in a test file.
func (f *goFile) bubbles() []*ast.CallExpr {
	var calls []*ast.CallExpr
	if !f.test {
		return nil
	}
	nodes(f, func(call *ast.CallExpr) {
		if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "inBubble" {
			calls = append(calls, call)
		}
	})
	return calls
}

func within(calls []*ast.CallExpr, at token.Pos) bool {
	return slices.ContainsFunc(calls, func(c *ast.CallExpr) bool { return c.Pos() <= at && at < c.End() })
}

// timeless is where durations decide and the wall clock must not: it jumps.
var timeless = []string{"pkg/exchange", "internal/link", "pkg/service"}

// wallMethods are the methods of time.Time that read its wall clock or throw its
// monotonic reading away, after which Sub and Before follow the wall clock.
var wallMethods = []string{"Unix", "UnixMilli", "UnixMicro", "UnixNano", "UTC", "Local", "AddDate"}

// wallFuncs make a time that never had a monotonic reading.
var wallFuncs = []string{"Unix", "UnixMilli", "UnixMicro", "Date", "Parse", "ParseInLocation"}

// calculations are the names in package time, and on its types, that compare or count.
var calculations = []string{"Sub", "Since", "Until", "Add", "Before", "After", "Compare"}

// checkWallClock wants all reading of the wall clock in files named wallclock.go,
// which turn times into what is sent or shown and do nothing else with them. What
// time.Now returns keeps a monotonic reading until one of wallMethods drops it, so
// elsewhere Sub, Since and Before are safe.
func checkWallClock(t *tree) []breach {
	var found []breach
	for _, f := range t.files {
		if f.test || !f.in(timeless...) || f.importName("time") == "" {
			continue
		}
		if path.Base(f.path) == "wallclock.go" {
			found = append(found, t.calculates(f)...)
			continue
		}
		nodes(f, func(call *ast.CallExpr) {
			if name := f.readsWall(call); name != "" {
				found = append(found, t.breach(call, "%s belongs in wallclock.go", name))
			}
		})
	}
	return found
}

// readsWall names what call does with the wall clock, or returns "".
func (f *goFile) readsWall(call *ast.CallExpr) string {
	if name, ok := f.selects(call.Fun, "time"); ok {
		// time.Unix(1, 0) is a fixed moment: a deadline that has long passed.
		fixed := !slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return !isLiteral(arg) })
		if slices.Contains(wallFuncs, name) && !fixed {
			return "time." + name
		}
		return ""
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	name := selector.Sel.Name
	stripped := (name == "Round" || name == "Truncate") && len(call.Args) == 1 && isZero(call.Args[0])
	if stripped || slices.Contains(wallMethods, name) && (len(call.Args) == 0 || name == "AddDate") {
		return name
	}
	return ""
}

// isZero reports whether expr is the number 0; Round(0) is how a time is stripped.
func isZero(expr ast.Expr) bool {
	return isLiteral(expr) && expr.(*ast.BasicLit).Value == "0"
}

func isLiteral(expr ast.Expr) bool {
	_, ok := expr.(*ast.BasicLit)
	return ok
}

// calculates finds what a wallclock.go must not do.
func (t *tree) calculates(f *goFile) []breach {
	var found []breach
	nodes(f, func(call *ast.CallExpr) {
		s, ok := call.Fun.(*ast.SelectorExpr)
		if ok && slices.Contains(calculations, s.Sel.Name) {
			found = append(found, t.breach(s, "%s: wallclock.go converts and does not calculate", s.Sel.Name))
		}
	})
	nodes(f, func(b *ast.BinaryExpr) {
		switch b.Op {
		case token.ADD, token.SUB, token.LSS, token.GTR, token.LEQ, token.GEQ:
			found = append(found, t.breach(b, "%s: wallclock.go converts and does not calculate", b.Op))
		}
	})
	return found
}
