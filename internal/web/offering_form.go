package web

import (
	"github.com/kapok-city/kapok/internal/transfer"
)

func (offeringStall) ask(m *fair) []chapter {
	return []chapter{
		{"form-what", m.say("market.form.what"), append(m.titleQuestions(),
			question{name: "kind", label: m.say("market.kind_is"), kind: "select", options: options(m, "offering", transfer.OfferingKinds, "reg.choose")},
			question{name: "text", label: m.say("market.offering_text"), kind: "area", size: 8, optional: true, hint: m.say("market.hint.offering_text")})},
		{"form-owner", m.say("market.form.who"), append(m.ownerQuestions("market.offering_owner"),
			question{name: "platform_text", label: m.say("market.platform_find"), kind: "text", optional: true, find: "find_platform", hint: m.say("market.hint.platform")})},
		{"form-terms", m.say("market.form.use"), []question{
			{name: "price_text", label: m.say("market.fee"), kind: "text", optional: true, hint: m.say("market.hint.fee")},
			{name: "contact", label: m.say("market.contact"), kind: "text", optional: true, hint: m.say("market.hint.contact")}}},
		{"form-field", m.say("market.form.field"), m.fieldQuestions()},
	}
}

func (offeringStall) values(of listed, v formValues) {
	o := of.(*transfer.Offering)
	v.set("kind", string(o.Kind))
	v.set("text", o.Text)
	v.set("platform_id", o.PlatformID)
	v.set("price_text", o.PriceText)
	v.set("contact", o.Contact)
}

func (offeringStall) answer(a *answers, of listed) listed {
	o := *of.(*transfer.Offering)
	a.common(&o.Common)
	o.Kind, o.Text, o.PlatformID = transfer.OfferingKind(a.text("kind")), a.text("text"), a.text("platform_id")
	o.PriceText, o.Contact = a.text("price_text"), a.text("contact")
	return &o
}

func (offeringStall) details(m *fair, p *ListingPage, of listed) {
	o := of.(*transfer.Offering)
	p.Terms = append(p.Terms[:3:3], Term{Label: m.say("market.listed_until"), Text: o.ExpiresOn, Note: noteLeft(m, &o.Common)})
	if lines := passageLines(o.Text); len(lines) > 0 {
		p.Text = []Passage{{Lines: lines, Mark: m.mark(o.SourceID)}}
	}
	mark := m.mark(o.SourceID)
	p.Facts = append([]Fact{m.fact("market.kind_is", m.known("offering", string(o.Kind)), mark)}, p.Facts...)
}
