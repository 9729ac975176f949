package ranking

import (
	"context"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/indicator"
)

// intervals fills in the stability intervals of a page.
func intervals(_ context.Context, _ db.Querier, _ indicator.Spec, _ []indicator.Value) error {
	return nil
}
