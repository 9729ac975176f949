package policy

import (
	"io/fs"
	"testing"

	library "github.com/kapok-city/kapok/data/policy"
)

// bundled is the library that comes with the program.
func bundled(t testing.TB) *Set {
	t.Helper()
	names, err := fs.Glob(library.FS, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all Book
	for _, name := range names {
		raw, err := library.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Read(name, raw)
		if err != nil {
			t.Fatal(err)
		}
		all = all.Join(b)
	}
	s, err := Compile(all)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLibrary holds that the bundled rules compile and that lint finds nothing
// wrong with them.
func TestLibrary(t *testing.T) {
	s := bundled(t)
	for _, f := range s.Lint() {
		if f.Weight != Remark {
			t.Logf("%s:%d %s: %s %v", f.File, f.Line, f.Policy, f.Key, f.Args)
		}
		if f.Weight == Wrong {
			t.Errorf("%s:%d %s: %s %v", f.File, f.Line, f.Policy, f.Key, f.Args)
		}
	}
	t.Logf("%d policies, %d atoms, %d facts", len(s.policies), len(s.atoms), len(s.Book.Facts))
}
