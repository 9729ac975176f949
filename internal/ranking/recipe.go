package ranking

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/stats"
)

// Recipe is all that it takes to compute the rankings of a corpus again from
// its files alone.
type Recipe struct {
	Corpus     corpus.Manifest
	Tables     []stats.View
	Statements []RecipeStep
	Method     string
}

// RecipeStep is a statement of a recipe. Key are the columns that name a row of
// a result; a step without is read by later ones.
type RecipeStep struct {
	Statement
	Key []string
}

// recipeUnits are what a recipe ranks.
var recipeUnits = []indicator.Unit{indicator.Organisation, indicator.City}

// recipeWorks is how many works a corpus may have to go into a recipe: all years
// are worked on at once where nothing is prepared.
const recipeWorks = 1_000_000

// Recipe returns what computes the ranking of organisations and of cities over
// all years of a corpus, with the weighted works behind each.
func (s *Service) Recipe(ctx context.Context, name string) (Recipe, error) {
	p, err := s.ready(ctx, name)
	if err != nil {
		return Recipe{}, err
	}
	if p.manifest.Rows("work") > recipeWorks {
		return Recipe{}, errs.New(errs.TooLarge, "ranking.too_large_to_freeze", errs.A{"corpus": name, "limit": recipeWorks})
	}
	dir, err := filepath.Abs(s.dir(name))
	if err != nil {
		return Recipe{}, err
	}
	r := Recipe{Corpus: p.manifest, Tables: p.manifest.Views(dir), Method: p.Method}
	for _, u := range recipeUnits {
		spec := p.Spec
		spec.Unit, spec.Counting = u, indicator.Fractional
		steps, err := indicator.Statements(spec, indicator.DuckDB)
		if err != nil {
			return Recipe{}, err
		}
		for _, step := range steps {
			r.add(u, step)
		}
		r.Statements = append(r.Statements, RecipeStep{Key: []string{"unit", "work_id"},
			Statement: Statement{Name: "works_" + string(u), SQL: "SELECT x.id AS unit, o.work_id, o.weight FROM part_" + string(u) + " o JOIN unit_" + string(u) + " x ON x.unit = o.unit ORDER BY unit, work_id"}})
	}
	return r, nil
}

// add takes in a step once; the last one of each unit is a result.
func (r *Recipe) add(u indicator.Unit, step indicator.Statement) {
	added := RecipeStep{Statement: Statement{Name: step.Name, SQL: step.SQL}}
	if step.Name == "unit_values" {
		added.Name, added.Key = "ranking_"+string(u), []string{"id"}
	}
	if !slices.ContainsFunc(r.Statements, func(x RecipeStep) bool { return x.Name == added.Name }) {
		r.Statements = append(r.Statements, added)
	}
}
