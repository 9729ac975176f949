package casework_test

import (
	"context"
	"testing"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

var asked = []casework.Question{
	{Name: "gross", Path: []string{"gross"}, Answer: casework.InMoney, Label: i18n.Text{ZH: "回款", EN: "gross"}},
	{Name: "day", Path: []string{"day"}, Answer: casework.OnDay, Optional: true},
	{Name: "why", Path: []string{"cleared", "district/7"}, Answer: casework.InLines, Optional: true},
	{Name: "how", Path: []string{"how"}, Answer: casework.InChoice, Choices: []casework.Word{{ID: "suit"}}, Optional: true},
}

func TestBody(t *testing.T) {
	for _, tc := range []struct {
		name    string
		answers map[string]string
		want    string
		faults  map[string]string // key by place
	}{
		{"all", map[string]string{"gross": " 12345.60 ", "day": "2026-03-01", "why": "另一笔", "how": "suit"}, `{"cleared":{"district/7":"另一笔"},"day":"2026-03-01","gross":1234560,"how":"suit"}`, nil},
		{"least", map[string]string{"gross": "1"}, `{"gross":100}`, nil},
		{"nothing", nil, "", map[string]string{"/gross": "casework.answer_missing"}},
		{"wrong", map[string]string{"gross": "1,000", "day": "2026-02-30", "how": "luck"}, "", map[string]string{"/gross": "casework.answer_money", "/day": "casework.answer_day", "/how": "casework.answer_choice"}},
		{"below zero", map[string]string{"gross": "-1"}, "", map[string]string{"/gross": "casework.answer_money"}},
		{"too long", map[string]string{"gross": "1", "why": string(make([]byte, 5000))}, "", map[string]string{"/why": "casework.answer_long"}},
	} {
		got, err := casework.Body(asked, func(name string) string { return tc.answers[name] })
		if string(got) != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
		list := errs.ListOf(err)
		if len(list) != len(tc.faults) {
			t.Errorf("%s: %v", tc.name, err)
		}
		for _, e := range list {
			if tc.faults[e.Field] != e.Key || i18n.Error(i18n.ZH, e) == e.Key {
				t.Errorf("%s: %s at %s", tc.name, e.Key, e.Field)
			}
		}
	}
	if got, err := casework.Body(nil, func(string) string { return "x" }); got != nil || err != nil {
		t.Errorf("no question: %s, %v", got, err)
	}
}

func TestQuestions(t *testing.T) {
	reg := casework.NewRegistry()
	reg.RegisterQuestions("town.grant", "approve", func(context.Context, db.Querier, casework.Case) ([]casework.Question, error) { return asked, nil })
	c := casework.Case{Kind: "town.grant"}
	if list, said, err := reg.Questions(t.Context(), nil, c, "approve"); len(list) != 4 || !said || err != nil {
		t.Errorf("%d questions, %v, %v", len(list), said, err)
	}
	if _, said, err := reg.Questions(t.Context(), nil, c, "refuse"); said || err != nil {
		t.Errorf("said of nothing: %v, %v", said, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("said twice")
		}
	}()
	reg.RegisterQuestions("town.grant", "approve", func(context.Context, db.Querier, casework.Case) ([]casework.Question, error) { return nil, nil })
}
