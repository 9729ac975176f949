package fund

import (
	_ "embed"
	"encoding/json"
	"sync"

	"github.com/kapok-city/kapok/internal/finance/lookthrough"
	"github.com/kapok-city/kapok/internal/i18n"
)

//go:embed reinvestment.json
var reinvestment []byte

// Rule is a rule of local reinvestment 返投 with what a reader has to know of
// it. Its Base is "" where the document does not say, or it was not found, of
// what the multiple is a multiple.
type Rule struct {
	lookthrough.Rule
	Name   i18n.Text
	Source string
	Note   i18n.Text
}

// Rules are the rules of local reinvestment that come with Kapok, the oldest
// first. They hold facts with their citation; what was not found is not known
// there, and what is only reported by others is unverified.
var Rules = sync.OnceValue(func() []Rule {
	var file []struct {
		ID, From, To, Status, Authority, Document, Article, Source string
		Name, Note                                                 i18n.Text
		Multiple                                                   *int64 `json:"multiple_ppm"`
		Base                                                       lookthrough.Base
		Routes                                                     map[string]int64 `json:"routes_ppm"`
		Shared                                                     bool
	}
	if err := json.Unmarshal(reinvestment, &file); err != nil {
		panic(err) // it is part of the binary; a test reads it
	}
	out := make([]Rule, len(file))
	for i, r := range file {
		out[i] = Rule{lookthrough.Rule{ID: r.ID, FromDay: r.From, ToDay: r.To, Multiple: r.Multiple, Base: r.Base, Routes: r.Routes, Shared: r.Shared,
			Status: r.Status, Authority: r.Authority, Document: r.Document, Article: r.Article}, r.Name, r.Source, r.Note}
	}
	return out
})
