package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/transfer"
)

// DisclosedResult is a result as a stranger may state it.
type DisclosedResult struct {
	RecordIn
	ResultFacts
}

// DisclosedNeed is a need as a stranger may state it.
type DisclosedNeed struct {
	RecordIn
	NeedFacts
}

// DisclosureIn is what the public form sends: one of result and need.
type DisclosureIn struct {
	Result    *DisclosedResult   `json:"result,omitempty"`
	Need      *DisclosedNeed     `json:"need,omitempty"`
	Submitter transfer.Submitter `json:"submitter" doc:"Who submits, with e-mail or telephone; shown to the office only"`
}

func (b *DisclosureIn) submission() transfer.Submission {
	out := transfer.Submission{Submitter: b.Submitter}
	if b.Result != nil {
		out.Side, out.Result = transfer.KindResult, &transfer.Result{}
		b.Result.RecordIn.fill(&out.Result.Common)
		b.Result.ResultFacts.fill(out.Result)
	}
	if b.Need != nil {
		out.Side, out.Need = transfer.KindNeed, &transfer.Need{}
		b.Need.RecordIn.fill(&out.Need.Common)
		b.Need.NeedFacts.fill(out.Need)
	}
	return out
}

// mended brings the faults of a disclosure to their places in the body.
func (b *DisclosureIn) mended(err error) error {
	for _, e := range errs.ListOf(err) {
		switch name := strings.TrimPrefix(e.Field, "/"); {
		case name == "submitter_name":
			e.Field = "/submitter/name"
		case name == "email" || name == "phone":
			e.Field = "/submitter/" + name
		case e.Field == "" || name == "side":
			e.Field = ""
		case b.Result != nil:
			repoint(e, fieldNames)
			repoint(e, resultNames)
			e.Field = "/result" + e.Field
		case b.Need != nil:
			needFault(&b.Need.RecordIn, e)
			e.Field = "/need" + e.Field
		}
	}
	return err
}

// ReceiptOut is what a submitter takes home.
type ReceiptOut struct {
	Number string `json:"number"`
	Token  string `json:"token" doc:"Opens the disclosure again; it is told once"`
	Page   string `json:"page" doc:"Where the submitter follows it, within this site"`
}

// DisclosuresIn asks for a page of the desk.
type DisclosuresIn struct {
	Status []string `query:"status" enum:"received,returned,accepted,declined" doc:"States, parted by commas"`
	Side   string   `query:"side" enum:"result,need"`
	Query  string   `query:"q" maxLength:"200" doc:"Number, or part of the title"`
	Paging
}

// TriageIn is the office's answer to a submitter.
type TriageIn struct {
	Reason string `json:"reason" minLength:"1" doc:"Shown to the submitter"`
}

// AcceptedResult is a result as the office has edited it.
type AcceptedResult struct {
	DisclosedResult
	OfficeIn
}

// AcceptedNeed is a need as the office has edited it.
type AcceptedNeed struct {
	DisclosedNeed
	OfficeIn
}

// AcceptIn makes a record of a disclosure.
type AcceptIn struct {
	Result *AcceptedResult `json:"result,omitempty" doc:"As the office has edited it; as submitted when absent"`
	Need   *AcceptedNeed   `json:"need,omitempty"`
	Status string          `json:"status,omitempty" enum:"listed,draft" doc:"listed when absent"`
	Reason string          `json:"reason,omitempty" maxLength:"500" doc:"Kept in the change log"`
}

func (b *AcceptIn) acceptance() transfer.Acceptance {
	out := transfer.Acceptance{Status: transfer.Status(b.Status)}
	if b.Result != nil {
		out.Result = &transfer.Result{}
		b.Result.RecordIn.fill(&out.Result.Common)
		b.Result.OfficeIn.fill(&out.Result.Common)
		b.Result.ResultFacts.fill(out.Result)
	}
	if b.Need != nil {
		out.Need = &transfer.Need{}
		b.Need.RecordIn.fill(&out.Need.Common)
		b.Need.OfficeIn.fill(&out.Need.Common)
		b.Need.NeedFacts.fill(out.Need)
	}
	return out
}

// RevealIn says why personal data are looked at.
type RevealIn struct {
	Reason string `json:"reason" minLength:"1" maxLength:"500" doc:"Kept in the change log with who asked"`
}

func (s *server) disclosures() {
	const tag = "disclosures"
	add(s, route{id: "disclose", method: http.MethodPost, path: "/disclosures", tag: tag, status: http.StatusCreated}, s.disclose)
	addList(s, route{id: "list_disclosures", path: "/disclosures", tag: tag, needs: account.Edit}, disclosureTable(), s.listDisclosures)
	add(s, route{id: "get_disclosure", path: "/disclosures/{id}", tag: tag, needs: account.Edit}, s.getDisclosure)
	s.triage("return_disclosure", "return", func(ctx context.Context, t *transfer.Service, id string, b *TriageIn) error {
		return t.Return(ctx, callOf(ctx).viewer(), author(ctx, b.Reason), id, callOf(ctx).match, b.Reason)
	})
	s.triage("decline_disclosure", "decline", func(ctx context.Context, t *transfer.Service, id string, b *TriageIn) error {
		return t.Decline(ctx, callOf(ctx).viewer(), author(ctx, b.Reason), id, callOf(ctx).match, b.Reason)
	})
	add(s, route{id: "accept_disclosure", method: http.MethodPost, path: "/disclosures/{id}/accept", tag: tag, needs: account.Edit, versioned: true, once: true}, s.acceptDisclosure)
	// Revealed data are in no stored answer: each look is asked for and logged by itself.
	add(s, route{id: "reveal_submitter", method: http.MethodPost, path: "/disclosures/{id}/reveal", tag: tag, needs: account.ReadPrivate}, s.revealSubmitter)
}

func (s *server) disclose(ctx context.Context, in *struct{ Body DisclosureIn }) (*answer[ReceiptOut], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	b := &in.Body
	if (b.Result == nil) == (b.Need == nil) {
		return nil, errs.New(errs.Invalid, "api.one_side")
	}
	receipt, err := t.Submit(ctx, s.clientIP(callOf(ctx).r), b.submission())
	if err != nil {
		return nil, b.mended(err)
	}
	return of(ReceiptOut{receipt.Number, receipt.Token, "/submitted/" + receipt.Token}).with("Cache-Control", "no-store"), nil
}

func (s *server) listDisclosures(ctx context.Context, in *DisclosuresIn) (part[transfer.Disclosure], error) {
	t, err := s.transferRoom()
	if err != nil {
		return part[transfer.Disclosure]{}, err
	}
	f := transfer.DisclosureFilter{Side: in.Side, Query: in.Query, Page: in.page()}
	for _, v := range in.Status {
		f.Status = append(f.Status, transfer.DisclosureStatus(v))
	}
	return fromList(t.Disclosures(ctx, callOf(ctx).viewer(), f))
}

func (s *server) getDisclosure(ctx context.Context, in *ID) (*answer[transfer.Disclosure], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	d, err := t.Disclosure(ctx, callOf(ctx).viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return row(d, d.Version), nil
}

// triage registers one of the office's answers to a submitter.
func (s *server) triage(id, verb string, act func(ctx context.Context, t *transfer.Service, id string, b *TriageIn) error) {
	add(s, route{id: id, method: http.MethodPost, path: "/disclosures/{id}/" + verb, tag: "disclosures", needs: account.Edit, versioned: true, once: true},
		func(ctx context.Context, in *struct {
			ID
			Body TriageIn
		}) (*answer[transfer.Disclosure], error) {
			t, err := s.transferRoom()
			if err != nil {
				return nil, err
			}
			if err := act(ctx, t, in.ID.ID, &in.Body); err != nil {
				return nil, err
			}
			return s.getDisclosure(ctx, &in.ID)
		})
}

func (s *server) acceptDisclosure(ctx context.Context, in *struct {
	ID
	Body AcceptIn
}) (*answer[transfer.Disclosure], error) {
	d, err := s.getDisclosure(ctx, &in.ID)
	if err != nil {
		return nil, err
	}
	b := &in.Body
	if b.Result != nil && d.Body.Side != transfer.KindResult || b.Need != nil && d.Body.Side != transfer.KindNeed {
		return nil, errs.New(errs.Invalid, "api.other_side")
	}
	if _, err := s.Transfer.Accept(ctx, callOf(ctx).viewer(), author(ctx, b.Reason), in.ID.ID, callOf(ctx).match, b.acceptance()); err != nil {
		return nil, b.mended(err)
	}
	return s.getDisclosure(ctx, &in.ID)
}

func (b *AcceptIn) mended(err error) error {
	form := DisclosureIn{}
	if b.Result != nil {
		form.Result = &b.Result.DisclosedResult
	}
	if b.Need != nil {
		form.Need = &b.Need.DisclosedNeed
	}
	return form.mended(err)
}

func (s *server) revealSubmitter(ctx context.Context, in *struct {
	ID
	Body RevealIn
}) (*answer[transfer.Submitter], error) {
	t, err := s.transferRoom()
	if err != nil {
		return nil, err
	}
	who, err := t.Reveal(ctx, callOf(ctx).viewer(), author(ctx, in.Body.Reason), in.ID.ID, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return of(who).with("Cache-Control", "no-store"), nil
}

// disclosureTable leaves out who submitted: that leaves in no file.
func disclosureTable() table[transfer.Disclosure] {
	type v = transfer.Disclosure
	return table[v]{name: "disclosures", columns: []column[v]{
		{"id", func(x *v) any { return x.ID }}, {"number", func(x *v) any { return x.Number }}, {"side", func(x *v) any { return x.Side }},
		{"title_zh", func(x *v) any { return x.Title.ZH }}, {"title_en", func(x *v) any { return x.Title.EN }}, {"status", func(x *v) any { return string(x.Status) }},
		{"record_id", func(x *v) any { return x.RecordID }}, {"version", func(x *v) any { return x.Version }},
		{"created_at", func(x *v) any { return instant(x.CreatedAt) }}, {"updated_at", func(x *v) any { return instant(x.UpdatedAt) }},
	}}
}
