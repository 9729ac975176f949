package pool

import (
	"context"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/i18n"
)

// ask says what the actions of a claim ask beside a reason: where one is like
// another claim, why it is none (Check); what came back (Recovery); else
// nothing.
func (s *Service) ask(reg *casework.Registry) {
	nothing := func(context.Context, db.Querier, casework.Case) ([]casework.Question, error) { return nil, nil }
	for _, action := range []string{"approve", "suspend", "resume", "pay", "revoke", "close", "claw_back", "reject", "withdraw"} {
		reg.RegisterQuestions(ClaimKind, action, nothing)
	}
	reg.RegisterQuestions(ClaimKind, "check", s.askCheck)
	reg.RegisterQuestions(ClaimKind, "recover", func(context.Context, db.Querier, casework.Case) ([]casework.Question, error) {
		return []casework.Question{
			{Name: "gross", Path: []string{"gross"}, Answer: casework.InMoney, Label: i18n.Text{ZH: "收回金额(元)", EN: "Came back (yuan)"}, Hint: i18n.Text{ZH: "扣除费用以前的金额", EN: "before costs"}},
			{Name: "costs", Path: []string{"costs"}, Answer: casework.InMoney, Label: i18n.Text{ZH: "追偿费用(元)", EN: "Costs of recovery (yuan)"}, Hint: i18n.Text{ZH: "诉讼费、执行费等；没有就写 0", EN: "court and enforcement fees; 0 when there were none"}},
			{Name: "day", Path: []string{"day"}, Answer: casework.OnDay, Label: i18n.Text{ZH: "到账日", EN: "Day of receipt"}, Hint: i18n.Text{ZH: "不填就是今天", EN: "today when left empty"}, Optional: true},
		}, nil
	})
}

// askCheck asks of each lesser likeness why it is none. A certain one is not
// asked for: nothing clears it.
func (s *Service) askCheck(ctx context.Context, q db.Querier, file casework.Case) ([]casework.Question, error) {
	claim, _, err := s.claimOf(ctx, q, file)
	if err != nil {
		return nil, err
	}
	hits, err := s.Doubles(ctx, q, claim)
	var out []casework.Question
	for _, h := range hits {
		if h.Score >= certain {
			continue
		}
		key := h.Scheme + "/" + h.B
		out = append(out, casework.Question{
			Name: db.DerivedID("cleared", key), Path: []string{"cleared", key}, Answer: casework.InLines,
			Label: i18n.Text{ZH: "为什么与 " + key + " 不是同一笔损失", EN: "Why it is not the same loss as " + key},
			Hint:  i18n.Text{ZH: "写明核对了什么，例如合同原件、放款凭证", EN: "say what was looked at, such as the contract itself or the proof of payment"},
		})
	}
	return out, err
}
