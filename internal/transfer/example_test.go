package transfer_test

import (
	"fmt"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/transfer"
)

// A code says which part of it is wrong.
func ExampleParseIPC() {
	fmt.Println(transfer.ParseIPC("g06f17/30"))
	_, err := transfer.ParseIPC("Y02E")
	fmt.Println(i18n.Error(i18n.EN, err))
	// Output:
	// G06F 17/30 <nil>
	// The IPC code “Y02E” must begin with the letter of a section, A to H, as in G06F 17/30.
}

// The letter of an industry is fixed by its first two digits.
func ExampleParseIndustry() {
	fmt.Println(transfer.ParseIndustry("3963"))
	_, err := transfer.ParseIndustry("I3963")
	fmt.Println(errs.Of(err).Args["letter"])
	// Output:
	// C3963 <nil>
	// C
}

// What is planned has not been reached.
func ExampleCurrent() {
	now := transfer.Current([]transfer.TRL{
		{Level: 4, Scale: transfer.NASA, On: "2016-08"},
		{Level: 5, Scale: transfer.NASA, On: "2020-05-01"},
		{Level: 6, Scale: transfer.NASA, On: "2028", Planned: true},
	})
	fmt.Println(now.Level)
	// Output: 5
}
