package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/transfer"
)

// act is a button on a record's page that asks before it does: renew, change
// the level, or move to another status.
type act struct {
	*fair
	b      stall
	name   string
	to     transfer.Status // of a move
	of     listed
	values url.Values
}

func (s *Site) act(r *http.Request, b stall) (*act, error) {
	m, err := s.fair(r)
	if err != nil {
		return nil, err
	}
	a := &act{fair: m, b: b, name: r.PathValue("act")}
	for _, x := range statusActs {
		if x.name == a.name {
			a.to = x.to
		}
	}
	if a.to == "" && a.name != "renew" && a.name != "level" {
		return nil, errs.New(errs.NotFound, "web.no_page", errs.A{"path": r.URL.Path})
	}
	a.of, err = b.load(m, r.PathValue("id"))
	return a, err
}

func (s *Site) askAct(w http.ResponseWriter, r *http.Request, b stall) error {
	a, err := s.act(r, b)
	if err != nil {
		return err
	}
	c := commonOf(a.of)
	a.values = url.Values{"version": {i64(c.Version)}, "level": {string(c.Level)}, "readers": {strings.Join(a.userNames(c.Readers), ", ")}}
	return a.show(w, r, http.StatusOK, nil)
}

func (a *act) show(w http.ResponseWriter, r *http.Request, status int, faults errs.List) error {
	c := commonOf(a.of)
	at := a.b.path() + "/" + c.ID
	p := FormPage{Page: a.s.Page(r, a.say("market.act."+a.name)), Lead: a.say("market.act."+a.name+".lead", errs.A{"title": c.Title.In(a.l)}), Action: at + "/" + a.name,
		Hidden: []Hidden{{"version", a.values.Get("version")}}, Button: a.say("market.act." + a.name), Back: Link{a.say("reg.cancel"), at}}
	p.Path = p.Action
	p.Crumbs = []Link{{a.say("market.title"), "/market"}, {a.say("market." + a.b.key()), a.b.path()}, {c.Title.In(a.l), at}}
	p.Answers = []Answer{{Label: a.say("market.status_is"), Value: a.term("status", string(c.Status))}, {Label: a.say("market.level"), Value: a.term("level", string(c.Level))},
		{Label: a.say("market.listed_until"), Value: a.orNone(c.ExpiresOn)}}
	if key := "market.act." + a.name + ".warning"; a.name == "withdraw" || a.name == "close" {
		p.Warning = a.say(key)
	}
	p.Fields = a.fields()
	p.Faults = faulty(a.l, p.Fields, faults)
	return a.s.RenderStatus(w, r, status, "form", p)
}

func (m *fair) orNone(s string) string {
	if s == "" {
		return m.say("web.unknown")
	}
	return s
}

func (a *act) fields() []Field {
	reason := Field{Name: "reason", Label: a.say("market.reason"), Kind: "text", Value: a.values.Get("reason"), Hint: a.say("reg.reason_hint")}
	switch a.name {
	case "renew":
		reason.Optional = true
		return []Field{{Name: "expires_on", Label: a.say("market.renew_until"), Kind: "date", Value: a.values.Get("expires_on"), Optional: true, Hint: a.say("market.hint.renew." + a.b.kind())}, reason}
	case "level":
		q := a.openQuestions(false, false)
		return []Field{q[0].field("level", a.values), q[1].field("readers", a.values), reason}
	case "list":
		reason.Optional = true
	}
	return []Field{reason}
}

func (s *Site) doAct(w http.ResponseWriter, r *http.Request, b stall) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	a, err := s.act(r, b)
	if err != nil {
		return err
	}
	a.values = r.PostForm
	err = a.do()
	switch errs.KindOf(err) {
	case "":
		http.Redirect(w, r, b.path()+"/"+commonOf(a.of).ID+"?done="+a.name, http.StatusSeeOther)
		return nil
	case errs.Invalid, errs.Conflict, errs.TooLarge:
		return a.show(w, r, statusOf[errs.Invalid], listOf(err))
	case errs.Precondition: // nothing was done; what is shown now is what there is
		a.values.Set("version", i64(commonOf(a.of).Version))
		return a.show(w, r, http.StatusConflict, errs.List{errs.New(errs.Precondition, "market.act.stale")})
	}
	return err
}

// do acts under the version that the reader has seen.
func (a *act) do() error {
	c := commonOf(a.of)
	reason, version := trim(a.values, "reason"), number64(a.values.Get("version"))
	if reason == "" && a.name != "renew" && a.name != "list" {
		return errs.New(errs.Invalid, "errs.required", errs.A{"field": a.say("market.reason")}).At("/reason")
	}
	by := a.user.Author(reason)
	svc := a.s.svc.Transfer
	switch a.name {
	case "renew":
		return svc.Renew(a.ctx, a.viewer, by, a.b.kind(), c.ID, version, trim(a.values, "expires_on"))
	case "level":
		in := &answers{values: a.values}
		next := *c
		next.Level, next.Readers, next.Version = level.Level(in.text("level")), a.readers(in), version
		if len(in.faults) > 0 {
			return in.faults
		}
		*c = next
		_, err := a.b.save(a.fair, by, a.of)
		if err != nil {
			if now, loadErr := a.b.load(a.fair, c.ID); loadErr == nil {
				a.of = now
			}
		}
		return err
	}
	return svc.SetStatus(a.ctx, a.viewer, by, a.b.kind(), c.ID, version, a.to)
}
