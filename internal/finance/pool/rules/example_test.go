package rules_test

import (
	"fmt"

	data "github.com/kapok-city/kapok/data/pool"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// A regime that leaves open how its tiers are meant gives bounds and a question;
// once the operator has decided, an amount.
func Example() {
	regimes, err := rules.Parse(data.Regimes)
	if err != nil {
		fmt.Println(err)
		return
	}
	regime := regimes[len(regimes)-1]
	principal := 501 * money.Wan
	facts := rules.Facts{
		Mode: rules.ByBank, Principal: &principal, Loss: &principal, Local: rules.Yes, Class: rules.SmallMicro, OtherMode: rules.No,
		Marks: map[string]rules.Tri{rules.KeySupport: rules.No, rules.IPPledge: rules.No, rules.PolicyTool: rules.No},
	}
	amount, trace, _ := rules.Compensate(regime, facts)
	fmt.Println(amount.Known, amount.Low, "to", *amount.High, "asks", trace.Asks)

	read, err := regime.With(rules.Reading{Parameter: "tier_mode", Value: "whole", By: "lin", On: "2026-01-05", Reason: "minutes of 2026-01-05"})
	if err != nil {
		fmt.Println(err)
		return
	}
	amount, trace, _ = rules.Compensate(read, facts)
	fmt.Println(amount.Known, amount.Low)
	last := trace.Steps[len(trace.Steps)-1]
	fmt.Println(last.Rule, i18n.T(i18n.EN, last.Key, last.Args), last.Share)
	// Output:
	// false 1503000.00 to 2003000.00 asks [regime.tier_mode]
	// true 1503000.00
	// CR25-tier Loss of 5010000.00 yuan times the share, rounded by floor. 3/10
}
