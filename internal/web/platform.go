package web

import (
	"net/http"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/registry"
)

// platform is the page of one platform.
func (s *Site) platform(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	x, err := s.svc.Registry.Platform(v.ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := v.open(x.SourceID); err != nil {
		return err
	}
	p := s.record(r, v, "platforms", x.Title())
	p.Also = []string{v.word("class", x.Class), v.word("level", x.Level), v.word("evidence", x.Status)}
	p.Unverified = v.unverified(x.Evidence, x.Status)
	p.Facts = v.platformFacts(x)
	p.event(x.Established, v.say("reg.event.established"))
	p.event(x.Closed, v.say("reg.event.closed"))
	p.event(day(x.CreatedAt.Time), v.say("reg.event.recorded"))
	var events []Event
	if p.Relations, events, err = v.relations(x.ID); err != nil {
		return err
	}
	p.Events = append(p.Events, events...)
	if err := v.finish(&p, registry.KindPlatform, x.ID); err != nil {
		return err
	}
	return s.Render(w, r, "record", p)
}

func (v *reading) platformFacts(x registry.Platform) []Fact {
	mark := v.mark(x.SourceID)
	facts := []Fact{v.names(x.Names, mark), v.fact("reg.class", v.word("class", x.Class), mark)}
	if x.Group != "" {
		facts = append(facts, v.fact("reg.group", v.word("group", x.Group), mark))
	}
	facts = append(facts, v.fact("reg.level", words(v, "level", x.Level), mark), v.fact("reg.field", x.Field.In(v.l), mark), v.hosts(x, mark), v.itself(x.Org), v.seat(x.Division, mark),
		v.fact("reg.established", i18n.Day(v.l, x.Established), mark), v.website(x.Website, mark))
	return v.closing(facts, x.Note, x.Evidence)
}

// words is word, but empty for an empty value.
func words(v *reading, group, value string) string {
	if value == "" {
		return ""
	}
	return v.word(group, value)
}

func (v *reading) hosts(x registry.Platform, mark *SourceMark) Fact {
	f := v.fact("reg.hosts", x.HostText, mark)
	if len(x.Hosts) > 0 {
		f.Values = nil
	}
	for _, h := range x.Hosts {
		c := v.ref(h)
		f.Values = append(f.Values, FactValue{Text: c.Text, Href: c.Href, Lang: c.Lang, Mark: mark})
	}
	return f
}

// itself is the organisation that a platform is, or that runs a park.
func (v *reading) itself(o *registry.Ref) Fact {
	f := Fact{Label: v.say("reg.own_body"), Why: v.say("reg.no_own_body")}
	if o != nil {
		c := v.ref(*o)
		f.Values = []FactValue{{Text: c.Text, Href: c.Href, Lang: c.Lang}}
	}
	return f
}

func (v *reading) seat(division string, mark *SourceMark) Fact {
	f := v.fact("reg.division", v.division(division), mark)
	if division != "" {
		f.Values[0].Href = "/divisions/" + division
	}
	return f
}

// closing adds what stands at the end of the facts: note and evidence.
func (v *reading) closing(facts []Fact, note i18n.Text, evidence string) []Fact {
	if !note.IsZero() {
		facts = append(facts, Fact{Label: v.say("reg.note"), Values: []FactValue{{Text: note.In(v.l), Lang: otherLang(v.l, note)}}})
	}
	if f, ok := v.evidence(evidence); ok {
		facts = append(facts, f)
	}
	return facts
}

// park is the page of one park, base or incubator.
func (s *Site) park(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	x, err := s.svc.Registry.Park(v.ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := v.open(x.SourceID); err != nil {
		return err
	}
	p := s.record(r, v, "parks", x.Title())
	p.Also = []string{v.word("park_class", x.Class), v.word("evidence", x.Status)}
	p.Unverified = v.unverified(x.Evidence, x.Status)
	mark := v.mark(x.SourceID)
	operator := v.itself(x.Org)
	operator.Label, operator.Why = v.say("reg.operator"), v.say("reg.not_given")
	facts := []Fact{v.names(x.Names, mark), v.fact("reg.class", v.word("park_class", x.Class), mark), v.seat(x.Division, mark), operator,
		v.fact("reg.established", i18n.Day(v.l, x.Established), mark), v.website(x.Website, mark)}
	p.Facts = v.closing(facts, x.Note, x.Evidence)
	p.event(x.Established, v.say("reg.event.established"))
	p.event(x.Closed, v.say("reg.event.closed"))
	p.event(day(x.CreatedAt.Time), v.say("reg.event.recorded"))
	var events []Event
	if p.Relations, events, err = v.relations(x.ID); err != nil {
		return err
	}
	p.Events = append(p.Events, events...)
	if err := v.finish(&p, registry.KindPark, x.ID); err != nil {
		return err
	}
	return s.Render(w, r, "record", p)
}

// person is the page of one person.
func (s *Site) person(w http.ResponseWriter, r *http.Request) error {
	v, err := s.read(r)
	if err != nil {
		return err
	}
	x, err := s.svc.Registry.Person(v.ctx, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := v.open(x.SourceID); err != nil {
		return err
	}
	p := s.record(r, v, "people", x.Title())
	p.Unverified = v.unverified(x.Evidence, "")
	mark := v.mark(x.SourceID)
	p.Facts = []Fact{v.names(x.Names, mark)}
	if x.ORCID != "" {
		p.Facts = append(p.Facts, v.identifiers([]registry.Identifier{{Scheme: "orcid", Value: x.ORCID}}, mark)...)
	} else {
		p.Facts = append(p.Facts, v.fact("reg.scheme.orcid", "", nil))
	}
	p.Facts = v.closing(p.Facts, i18n.Text{}, x.Evidence)
	if p.Relations, p.Events, err = v.relations(x.ID); err != nil {
		return err
	}
	s.stands(&p, v, x.ID)
	if err := v.finish(&p, registry.KindPerson, x.ID); err != nil {
		return err
	}
	return s.Render(w, r, "record", p)
}
