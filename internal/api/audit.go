package api

import (
	"context"
	"net/http"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/claims"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// AuditIn is a text to check.
type AuditIn struct {
	Text string `json:"text" minLength:"1" doc:"Plain text in Chinese or English, up to 512 KiB. It is not kept"`
	Lang string `json:"lang,omitempty" enum:"zh-CN,en" doc:"Language of the reader; Accept-Language when absent. Reasons come in both"`
}

// maxText bounds a text that is audited, in bytes; a newspaper has about 60 KiB.
const maxText = 512 << 10

func (s *server) auditing() {
	// The body may be longer than the text: JSON may write each character as
	// six (\u6728).
	add(s, route{id: "audit_text", method: http.MethodPost, path: "/audit", tag: "audit", needs: account.Read, maxBody: 4 * maxText}, s.audit)
}

func (s *server) audit(ctx context.Context, in *struct{ Body AuditIn }) (*answer[claims.Report], error) {
	switch {
	case s.Audit == nil:
		return nil, errs.New(errs.Unavailable, "api.not_offered")
	case len(in.Body.Text) > maxText:
		return nil, errs.New(errs.TooLarge, "errs.too_large", errs.A{"limit": "512 KiB"})
	}
	select {
	case s.audits <- struct{}{}:
		defer func() { <-s.audits }()
	case <-ctx.Done():
		return nil, errs.Wrap(ctx.Err(), errs.Unavailable, "errs.busy")
	}
	l := callOf(ctx).lang
	if in.Body.Lang != "" {
		l = i18n.Lang(in.Body.Lang)
	}
	report, err := s.Audit(ctx, in.Body.Text, l)
	if err != nil {
		return nil, err
	}
	return of(report), nil
}
