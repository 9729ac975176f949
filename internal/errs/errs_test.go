package errs_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/kapok-city/kapok/internal/errs"
)

func TestKindSurvivesWrapping(t *testing.T) {
	base := errs.New(errs.NotFound, "registry.org_not_found", errs.A{"id": "org-1"})
	err := fmt.Errorf("load page: %w", base)
	if got := errs.KindOf(err); got != errs.NotFound {
		t.Errorf("KindOf = %q, want %q", got, errs.NotFound)
	}
	if !errors.Is(err, &errs.Error{Kind: errs.NotFound}) {
		t.Error("errors.Is does not compare kinds")
	}
	if errors.Is(err, &errs.Error{Kind: errs.NotFound, Key: "other.key"}) {
		t.Error("errors.Is ignores the key of its target")
	}
}

func TestPlainErrorIsInternal(t *testing.T) {
	err := errors.New("disk full")
	if got := errs.KindOf(err); got != errs.Internal {
		t.Errorf("KindOf = %q, want internal", got)
	}
	if got := errs.Of(err).Key; got != "errs.internal" {
		t.Errorf("Of(err).Key = %q", got)
	}
	if errs.Of(nil) != nil || errs.KindOf(nil) != "" {
		t.Error("nil is not an error")
	}
}

func TestErrorTextIsOrdered(t *testing.T) {
	e := errs.Wrap(errors.New("cause"), errs.Invalid, "k", errs.A{"b": 2, "a": 1})
	if got, want := e.Error(), "invalid: k a=1 b=2: cause"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEmptyListIsNil(t *testing.T) {
	if errs.List(nil).Err() != nil {
		t.Error("an empty list must be a nil error")
	}
	l := errs.List{errs.New(errs.Invalid, "k")}
	if got := errs.ListOf(fmt.Errorf("row: %w", l)); len(got) != 1 || got[0] != l[0] {
		t.Errorf("ListOf = %v", got)
	}
	if errs.ListOf(nil) != nil || len(errs.ListOf(errors.New("disk full"))) != 1 {
		t.Error("ListOf of no list")
	}
	if errs.KindOf(l.Err()) != errs.Invalid {
		t.Error("a list has the kind of its first member")
	}
}
