package termbase_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/termbase"
)

func ExampleService_Save() {
	s := termbase.New(nil)                                                               // a row at fault is refused before the database is asked
	_, err := s.Save(nil, editor, termbase.Term{ZH: "术语", EN: "术语", Area: "management"}) //nolint:staticcheck // no context is needed to refuse
	fmt.Println(errs.Of(err).Field, i18n.Error(i18n.EN, errs.Of(err)))
	// Output: /en The English “术语” of “术语” holds the Chinese term itself, so it leads back to where it began. Write English.
}
