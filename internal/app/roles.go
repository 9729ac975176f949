package app

import (
	"context"

	"github.com/kapok-city/kapok/internal/account"
)

// CaseRoles are the roles that a user holds in cases, for whoever acts in his
// name: the command line, once he has given his password.
func (a *App) CaseRoles(ctx context.Context, u account.User) ([]string, error) {
	return a.caseRoles(ctx, u)
}
