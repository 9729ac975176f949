package casework

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/money"
)

// Answer says how a question is answered.
type Answer string

// The ways to answer.
const (
	InText   Answer = "text"   // some words
	InLines  Answer = "lines"  // a paragraph
	InMoney  Answer = "money"  // yuan with at most two decimals; fen in the body
	OnDay    Answer = "day"    // YYYY-MM-DD
	InChoice Answer = "choice" // the id of one of Choices
)

// Question is one thing that an action asks of who does it: data for a form,
// and where the answer stands in the body that guards and effects read.
type Question struct {
	Name     string // unique in the action
	Path     []string
	Answer   Answer
	Label    i18n.Text
	Hint     i18n.Text
	Default  string
	Choices  []Word
	Optional bool // left out of the body when it is not answered
}

// Asker returns what an action asks in the state that a case is in. An empty
// list says that it asks nothing.
type Asker func(ctx context.Context, q db.Querier, c Case) ([]Question, error)

// RegisterQuestions says what an action of a kind asks. It panics when that was
// said before, as RegisterGuard does.
func (r *Registry) RegisterQuestions(kind, action string, ask Asker) {
	key := kind + "/" + action
	if r.asks[key] != nil {
		panic("casework: questions of " + key + " are registered twice")
	}
	r.asks[key] = ask
}

// Questions returns what an action asks of who does it; false where its room
// has not said, so that only the body itself can be asked for.
func (r *Registry) Questions(ctx context.Context, q db.Querier, c Case, action string) ([]Question, bool, error) {
	ask := r.asks[c.Kind+"/"+action]
	if ask == nil {
		return nil, false, nil
	}
	list, err := ask(ctx, q, c)
	return list, true, err
}

// maxAnswer bounds an answer in bytes.
const maxAnswer = 4000

// Body makes of answers the body of an action. What is missing or unreadable is
// an errs.List, each at the name of its question. Without any answer the body
// is nil.
func Body(questions []Question, answer func(name string) string) (json.RawMessage, error) {
	body := map[string]any{}
	var faults errs.List
	for i := range questions {
		q := &questions[i]
		text := strings.TrimSpace(answer(q.Name))
		if text == "" {
			if !q.Optional {
				faults = append(faults, errs.New(errs.Invalid, "casework.answer_missing", errs.A{"question": q.Label}).At("/"+q.Name))
			}
			continue
		}
		value, err := q.read(text)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		put(body, q.Path, value)
	}
	if len(faults) > 0 || len(body) == 0 {
		return nil, faults.Err()
	}
	return json.Marshal(body)
}

// read turns an answer into a value of the body.
func (q *Question) read(text string) (any, *errs.Error) {
	bad := func(key string) (any, *errs.Error) {
		return nil, errs.New(errs.Invalid, key, errs.A{"question": q.Label, "answer": text}).At("/" + q.Name)
	}
	if len(text) > maxAnswer {
		return nil, errs.New(errs.Invalid, "casework.answer_long", errs.A{"question": q.Label, "limit": maxAnswer}).At("/" + q.Name)
	}
	switch q.Answer {
	case InMoney:
		f, err := money.Parse(text)
		if err != nil || f < 0 {
			return bad("casework.answer_money")
		}
		return int64(f), nil
	case OnDay:
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return bad("casework.answer_day")
		}
	case InChoice:
		for _, c := range q.Choices {
			if c.ID == text {
				return text, nil
			}
		}
		return bad("casework.answer_choice")
	}
	return text, nil
}

// put sets a value at a path of nested objects.
func put(body map[string]any, path []string, value any) {
	for _, name := range path[:len(path)-1] {
		next, ok := body[name].(map[string]any)
		if !ok {
			next = map[string]any{}
			body[name] = next
		}
		body = next
	}
	body[path[len(path)-1]] = value
}
