package web

import "testing"

func (x *bookTown) must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (x *bookTown) cases(t testing.TB) {}
