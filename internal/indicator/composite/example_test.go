package composite_test

import (
	"fmt"
	"strings"

	"github.com/kapok-city/kapok/internal/indicator/composite"
)

func Example() {
	spec, err := composite.ParseSpec(strings.NewReader(`
title: {zh: 示例, en: Example}
unit: city
index:
  key: index
  title: {zh: 综合, en: Index}
  parts:
  - {key: papers, title: {zh: 人均论文, en: Papers per head}, column: papers, per: people}
  - {key: rent, title: {zh: 房租, en: Rent}, column: rent, negative: true}
`))
	if err != nil {
		panic(err)
	}
	table, err := composite.ParseTable(strings.NewReader("city,papers,people,rent\nA,300,100,50\nB,200,200,40\nC,,100,30\n"), spec.Unit, spec.Year)
	if err != nil {
		panic(err)
	}
	result, err := composite.Compute(spec, table)
	if err != nil {
		panic(err)
	}
	spread := result.Sensitivity(composite.Perturbation{Seed: 1})
	for _, line := range result.Lines(spread) {
		fmt.Printf("%d %s %.0f (%.0f %% known, rank %d to %d)\n", line.Rank, line.Unit, *line.Score, 100*line.Coverage, line.Spread.Low, line.Spread.High)
	}
	// Output:
	// 1 C 100 (50 % known, rank 1 to 1)
	// 2 A 50 (100 % known, rank 2 to 2)
	// 3 B 25 (100 % known, rank 3 to 3)
}
