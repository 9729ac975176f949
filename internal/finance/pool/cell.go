package pool

import (
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/pool/rules"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// reader reads the cells of one row and gathers its faults.
type reader struct {
	t      *Table
	row    []string
	faults errs.List
}

func (r *reader) fault(key, field string) {
	text := r.t.cell(r.row, field)
	r.faults = append(r.faults, errs.New(errs.Invalid, key, errs.A{"column": fields[field][0], "value": text}).At(field))
}

func (r *reader) text(field string, must bool) string {
	text := r.t.cell(r.row, field)
	if must && text == "" {
		r.fault("pool.row_missing", field)
	}
	return text
}

func (r *reader) creditCode() string {
	text := r.text("credit_code", false)
	if text == "" {
		return ""
	}
	code, err := identifier.Parse(identifier.USCC, text)
	if err != nil {
		r.fault("pool.row_credit_code", "credit_code")
	}
	return code
}

func (r *reader) tri(field string) rules.Tri {
	switch strings.ToLower(r.text(field, false)) {
	case "是", "有", "yes", "y", "1", "true":
		return rules.Yes
	case "否", "无", "no", "n", "0", "false":
		return rules.No
	case "":
	default:
		r.fault("pool.row_value", field)
	}
	return rules.Unknown
}

func (r *reader) day(field string, must bool) string {
	day, ok := dayCell(r.text(field, must))
	if !ok {
		r.fault("pool.row_day", field)
	}
	return day
}

func (r *reader) principal() money.Fen {
	text := r.text("principal", true)
	if text == "" {
		return 0
	}
	var f money.Fen
	var err error
	if r.t.wan {
		f, err = parseWan(text)
	} else {
		f, err = money.Parse(text)
	}
	if err != nil || f <= 0 {
		r.fault("pool.row_amount", "principal")
		return 0
	}
	return f
}

// parseWan reads an amount in 万元 with at most six decimals, which are whole fen.
func parseWan(text string) (money.Fen, error) {
	whole, frac, _ := strings.Cut(text, ".")
	if len(frac) > 6 || whole == "" || strings.ContainsAny(text, "+-_, ") {
		return 0, errs.New(errs.Invalid, "money.bad_amount", errs.A{"text": text})
	}
	n, err := strconv.ParseInt(whole+(frac + "000000")[:6], 10, 64)
	if err != nil {
		return 0, errs.New(errs.Invalid, "money.bad_amount", errs.A{"text": text})
	}
	return money.Fen(n), nil
}

func (r *reader) months() *int64 {
	text := r.text("months", false)
	if text == "" {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n > 600 {
		r.fault("pool.row_value", "months")
		return nil
	}
	return &n
}

var (
	classWords = words(rules.Classes, map[string]rules.Class{
		"小微企业": rules.SmallMicro, "小型企业": rules.SmallMicro, "微型企业": rules.SmallMicro, "小型": rules.SmallMicro, "微型": rules.SmallMicro,
		"小微企业主": rules.MicroOwner, "个体工商户": rules.SoleTrader, "中型": rules.Medium, "中型企业": rules.Medium, "大型": rules.Large, "大型企业": rules.Large, "科技企业": rules.SciTech,
	})
	modeWords = words(rules.Modes, map[string]rules.Mode{"政银": rules.ByBank, "政担": rules.ByGuarantor})
	riskWords = words(rules.Risks, map[string]rules.Risk{"正常": rules.Normal, "关注": rules.Special, "次级": rules.Substandard, "可疑": rules.Doubtful, "损失": rules.Lost})
)

// words adds the words of the rules themselves to those that banks write.
func words[T ~string](own []T, written map[string]T) map[string]T {
	for _, w := range own {
		written[string(w)] = w
	}
	return written
}

func oneOf[T ~string](r *reader, field string, words map[string]T) T {
	text := r.text(field, false)
	v, ok := words[text]
	if !ok && text != "" {
		r.fault("pool.row_value", field)
	}
	return v
}
