package api

import (
	"context"
	"slices"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/observatory"
)

// SuperlativesIn asks for a page of superlatives.
type SuperlativesIn struct {
	Subject string `query:"subject" maxLength:"200" doc:"Such as division:440100 or an organisation"`
	Kind    string `query:"kind" maxLength:"40" doc:"first, only, largest, record …"`
	Scope   string `query:"scope" maxLength:"40" doc:"world, china …"`
	Status  string `query:"status" enum:"reported,verified,disputed"`
	Paging
}

func (s *server) superlatives() {
	addList(s, route{id: "list_superlatives", path: "/superlatives", tag: "figures", needs: account.Read}, superlativeTable(), s.listSuperlatives)
}

func (s *server) listSuperlatives(ctx context.Context, in *SuperlativesIn) (part[observatory.Superlative], error) {
	all, err := s.Observatory.Superlatives(ctx, in.Subject)
	if err != nil {
		return part[observatory.Superlative]{}, err
	}
	all = slices.DeleteFunc(all, func(v observatory.Superlative) bool {
		return in.Kind != "" && in.Kind != v.Kind || in.Scope != "" && in.Scope != v.Scope || in.Status != "" && in.Status != string(v.Status)
	})
	return cutPage(all, &in.Paging, func(v *observatory.Superlative) string { return v.ID })
}

func superlativeTable() table[observatory.Superlative] {
	type v = observatory.Superlative
	return table[v]{name: "superlatives", source: func(x *v) string { return x.SourceID }, columns: []column[v]{
		{"id", func(x *v) any { return x.ID }}, {"subject", func(x *v) any { return x.Subject }}, {"kind", func(x *v) any { return x.Kind }}, {"scope", func(x *v) any { return x.Scope }},
		{"scope_zh", func(x *v) any { return x.ScopeText.ZH }}, {"scope_en", func(x *v) any { return x.ScopeText.EN }},
		{"object_zh", func(x *v) any { return x.Object.ZH }}, {"object_en", func(x *v) any { return x.Object.EN }},
		{"status", func(x *v) any { return string(x.Status) }}, {"evidence", func(x *v) any { return x.Evidence }}, {"note", func(x *v) any { return x.Note }}, {"locator", func(x *v) any { return x.Locator }},
	}}
}
