package casework

import (
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// Row is one transition of a kind from one state, in words: what the table under
// a diagram shows.
type Row struct {
	From     i18n.Text `json:"from"`
	Action   i18n.Text `json:"action"`
	To       i18n.Text `json:"to"`
	Roles    i18n.Text `json:"roles"`
	NotBy    i18n.Text `json:"not_by"`   // actions whose actor may not do this one
	Deadline i18n.Text `json:"deadline"` // and what happens when it has passed
	Reason   bool      `json:"reason"`
	Guards   []string  `json:"guards"`
	Effects  []string  `json:"effects"`
}

// Rows returns a kind as a table, state by state.
func (k *Kind) Rows() []Row {
	var out []Row
	for _, s := range k.States {
		for _, t := range k.From(s.ID) {
			to, _ := k.State(t.target(s.ID)) // a checked kind has it
			out = append(out, Row{
				From: s.Name, Action: t.Name, To: to.Name, Roles: roleNames(k, t), NotBy: k.actionNames(s.ID, t.NotBy),
				Deadline: k.deadlineText(s.ID, t.Deadline), Reason: t.Reason, Guards: t.Guards, Effects: t.Effects,
			})
		}
	}
	return out
}

func (k *Kind) actionNames(state string, actions []string) i18n.Text {
	var zh, en []string
	for _, a := range actions {
		n := k.ActionName(state, a)
		zh, en = append(zh, n.ZH), append(en, n.EN)
	}
	return i18n.Text{ZH: strings.Join(zh, "、"), EN: strings.Join(en, ", ")}
}

func (k *Kind) deadlineText(state string, d *Deadline) i18n.Text {
	if d == nil {
		return i18n.Text{}
	}
	out := i18n.Text{ZH: d.text(i18n.ZH), EN: d.text(i18n.EN)}
	if d.Then != "" {
		n := k.ActionName(state, d.Then)
		out.ZH, out.EN = out.ZH+" → "+n.ZH, out.EN+" → "+n.EN
	}
	if len(d.Notify) > 0 {
		n := roleNames(k, &Transition{Roles: d.Notify})
		out.ZH, out.EN = out.ZH+"；提醒 "+n.ZH, out.EN+"; tells "+n.EN
	}
	return out
}
