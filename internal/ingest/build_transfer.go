package ingest

import (
	"cmp"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/registry/resolve"
	"github.com/kapok-city/kapok/internal/transfer"
)

// choice reads a word of a list: a code, or one of the words for it. An empty
// cell is the zero value.
func choice[S ~string](r *record, name, text string, words map[string]S, codes []S) S {
	key := strings.ToLower(strings.Join(strings.Fields(text), ""))
	if key == "" {
		return ""
	}
	for _, c := range codes {
		if key == string(c) || key == strings.ReplaceAll(string(c), "_", "") {
			return c
		}
	}
	if w, known := words[key]; known {
		return w
	}
	r.bad("transfer.import_word", name, errs.A{"value": cutBytes(text, 60), "allowed": allowedWords(words, codes)})
	return ""
}

// allowedWords lists the codes and, for each, one word.
func allowedWords[S ~string](words map[string]S, codes []S) string {
	var out []string
	for _, c := range codes {
		shortest := ""
		for w, code := range words {
			if code == c && strings.ContainsFunc(w, fold.IsHan) && (shortest == "" || len(w) < len(shortest) || len(w) == len(shortest) && w < shortest) {
				shortest = w
			}
		}
		if shortest != "" {
			shortest = "（" + shortest + "）"
		}
		out = append(out, string(c)+shortest)
	}
	return strings.Join(out, "、")
}

func choices[S ~string](r *record, name string, words map[string]S, codes []S) []S {
	var out []S
	for _, text := range r.list(name) {
		for _, one := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == '，' || c == '/' }) {
			if c := choice(r, name, one, words, codes); c != "" && !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

var amountForm = regexp.MustCompile(`^(-?\d{1,15}(?:\.\d{1,6})?)\s*(亿元|亿|万元|万|元)?$`)

// fen reads an amount of money: in yuan, or in the unit that the cell or the
// heading names. Thousands separators are refused: in a file they hide a wrong
// column.
func (r *record) fen(name string) *money.Fen {
	text := r.get(name)
	if text == "" {
		return nil
	}
	m := amountForm.FindStringSubmatch(text)
	if m == nil {
		r.bad("transfer.import_amount", name, errs.A{"value": cutBytes(text, 60)})
		return nil
	}
	unit := money.Yuan
	switch heading := r.heading(name); {
	case strings.HasPrefix(m[2], "亿"):
		unit = money.Yi
	case strings.HasPrefix(m[2], "万"):
		unit = money.Wan
	case m[2] == "元":
	case strings.Contains(heading, "亿"):
		unit = money.Yi
	case strings.Contains(heading, "万"):
		unit = money.Wan
	}
	v, _ := new(big.Rat).SetString(m[1]) // the form has been checked
	v.Mul(v, new(big.Rat).SetInt64(int64(unit)))
	if !v.IsInt() || !v.Num().IsInt64() {
		r.bad("transfer.import_amount", name, errs.A{"value": cutBytes(text, 60)})
		return nil
	}
	fen := money.Fen(v.Num().Int64())
	return &fen
}

// fullDay reads a whole day.
func (r *record) fullDay(name string) string {
	day := r.day(name)
	if day != "" && len(day) < len("2006-01-02") {
		r.bad("transfer.import_day", name, errs.A{"value": r.get(name)})
		return ""
	}
	return day
}

// sharedFields are what results, needs and services have in common.
func (b *builder) sharedFields(r *record, word string) transfer.Common {
	c := transfer.Common{
		Title: i18n.Text{ZH: cleanText(r.get("title_zh"), 1000), EN: cleanText(r.get("title_en"), 1000)}, Summary: i18n.Text{ZH: r.get("summary_zh"), EN: r.get("summary_en")},
		OwnerText: cleanText(r.get("owner"), 500), Division: b.division(r), Note: note(r), Evidence: r.get("evidence"), SourceID: b.source(r),
		Fields: transfer.Fields{IPC: codeList(r, "ipc"), IPCEdition: r.get("ipc_edition"), Industry: codeList(r, "industry"), Keywords: r.list("keywords")},
		Level: choice(r, "level", r.get("level"), map[string]level.Level{"公开": level.Public, "合作方": level.Partner, "合作伙伴": level.Partner, "内部": level.Internal, "保密": level.Confidential,
			"机密": level.Confidential}, level.Levels),
		Status: choice(r, "status", r.get("status"), map[string]transfer.Status{"草稿": transfer.Draft, "在架": transfer.Listed, "上架": transfer.Listed, "发布": transfer.Listed, "已发布": transfer.Listed, "暂停": transfer.Paused,
			"撤回": transfer.Withdrawn, "下架": transfer.Withdrawn, "过期": transfer.Expired, "完成": transfer.Closed, "已对接": transfer.Closed, "结束": transfer.Closed}, transfer.Statuses),
		ListedOn: r.fullDay("listed_on"), ExpiresOn: r.fullDay("expires_on"),
	}
	if c.Title.EN == "" && c.Title.ZH != "" && !strings.ContainsFunc(c.Title.ZH, fold.IsHan) {
		c.Title.ZH, c.Title.EN = "", c.Title.ZH // a column called "title" may hold either
	}
	if c.Summary.EN == "" && c.Summary.ZH != "" && !strings.ContainsFunc(c.Summary.ZH, fold.IsHan) {
		c.Summary.ZH, c.Summary.EN = "", c.Summary.ZH
	}
	c.OwnerID = b.owner(c.OwnerText, resolve.Hint{})
	key := r.get("key")
	if key == "" {
		key = db.DerivedID("key", word, fold.Name(c.Title.ZH), fold.Name(c.Title.EN), fold.Name(c.OwnerText))
	}
	c.Key = c.SourceID + ":" + key
	return c
}

// codeList cuts a cell of codes; these have no blanks or commas of their own
// that matter.
func codeList(r *record, name string) []string {
	var out []string
	for _, part := range r.list(name) {
		for _, c := range strings.FieldsFunc(part, func(c rune) bool { return c == ',' || c == '，' }) {
			if c = strings.TrimSpace(c); c != "" {
				out = append(out, c)
			}
		}
	}
	return out
}

// owner finds the organisation that a text names: by its exact name, its
// 统一社会信用代码 or its key, and then as the resolver finds affiliations. More
// than one, or none, is left as text.
func (b *builder) owner(text string, hint resolve.Hint) string {
	if text == "" || b.failed != nil {
		return ""
	}
	if id, known := b.refs[text]; known {
		return id
	}
	id, err := b.lookup(text)
	if err == nil && id != "" {
		if b.org(id) == nil { // a key, or an id, that nothing stands for
			id = ""
		}
	}
	if err == nil && id == "" {
		id, err = b.resolved(text, hint)
	}
	if err != nil {
		b.fail(err)
		return ""
	}
	b.refs[text] = id
	return id
}

func (b *builder) resolved(text string, hint resolve.Hint) (string, error) {
	index, err := b.j.s.reg.Resolver(b.ctx)
	if err != nil {
		return "", err
	}
	answer := index.Resolve(text, hint)
	if len(answer.Matches) != 1 {
		return "", nil
	}
	return answer.Matches[0].OrgID, nil
}

var editionEnd = regexp.MustCompile(`[-—](\d{4})$`)

// scale reads a scale of readiness with the edition that may follow it:
// "GB/T 22900-2009".
func scale(r *record, name string) (transfer.Scale, string) {
	text, edition := r.get(name), ""
	if m := editionEnd.FindStringSubmatch(text); m != nil {
		text, edition = strings.TrimSuffix(text, m[0]), m[1]
	}
	return choice(r, name, text, scaleWords, transfer.Scales), edition
}

func buildResult(b *builder, r *record) {
	v := transfer.Result{Common: b.sharedFields(r, "result"),
		Type:  cmp.Or(choice(r, "type", r.get("type"), resultTypeWords, transfer.ResultTypes), transfer.OtherType),
		Stage: choice(r, "stage", r.get("stage"), stageWords, transfer.Stages), Forms: choices(r, "forms", formWords, transfer.Forms),
		Price: transfer.Price{Min: r.fen("price_min"), Max: r.fen("price_max"), Negotiable: r.yes("negotiable")}}
	for _, text := range r.list("team") {
		v.Team = append(v.Team, b.member(r, text))
	}
	if n := r.whole("trl", 1, 9); n > 0 {
		s, edition := scale(r, "trl_scale")
		v.Maturity = []transfer.TRL{{Level: n, Scale: s, Edition: cmp.Or(r.get("trl_edition"), edition), On: r.day("trl_on"), Assessor: r.get("trl_assessor"), Evidence: r.get("trl_evidence")}}
	}
	kind := choice(r, "right_kind", r.get("right_kind"), rightKindWords, transfer.RightKinds)
	status := choice(r, "right_status", r.get("right_status"), rightStatusWords, transfer.RightStatuses)
	numbers := r.list("right_number")
	switch {
	case kind == "" && len(numbers) > 0:
		r.bad("ingest.empty_cell", "right_kind")
	case kind != "" && len(numbers) == 0:
		v.Rights = []transfer.Right{{Kind: kind, Status: status}}
	}
	for _, n := range numbers {
		v.Rights = append(v.Rights, transfer.Right{Kind: kind, Number: n, Status: status})
	}
	r.told(v.Check())
	r.result, r.id = v, "result:"+v.Key
}

// member reads one of a team: a name, or a name with the person it stands for
// ("张示例=person:zhang").
func (b *builder) member(r *record, text string) transfer.Member {
	name, key, known := strings.Cut(text, "=")
	m := transfer.Member{Name: strings.TrimSpace(name)}
	if known {
		m.PersonID = b.ref(r, "person", strings.TrimSpace(key))
	}
	return m
}

func buildNeed(b *builder, r *record) {
	v := transfer.Need{Common: b.sharedFields(r, "need"), Text: r.get("text"), Prize: r.fen("prize"), Deadline: r.fullDay("deadline"),
		Kind: cmp.Or(choice(r, "kind", r.get("kind"), needKindWords, transfer.NeedKinds), transfer.Technical),
		Constraints: transfer.Constraints{TRLMin: r.whole("trl_min", 1, 9), Regions: b.regions(r), BudgetMin: r.fen("budget_min"), BudgetMax: r.fen("budget_max"),
			Rights: choice(r, "rights", r.get("rights"), rightStatusWords, []transfer.RightStatus{transfer.Granted}), Forms: choices(r, "forms", formWords, transfer.Forms), DeliverBy: r.fullDay("deliver_by")}}
	v.Constraints.TRLScale, _ = scale(r, "trl_scale")
	if r.get("kind") == "" && v.Prize != nil {
		v.Kind = transfer.OpenChallenge
	}
	r.told(v.Check())
	r.result, r.id = v, "need:"+v.Key
}

func buildService(b *builder, r *record) {
	v := transfer.Offering{Common: b.sharedFields(r, "service"), Text: r.get("text"), PriceText: r.get("price_text"), Contact: r.get("contact"),
		Kind: cmp.Or(choice(r, "kind", r.get("kind"), offeringWords, transfer.OfferingKinds), transfer.ServiceOffered)}
	if text := r.get("platform"); text != "" {
		v.PlatformID = b.platform(r, text)
	}
	r.told(v.Check())
	r.result, r.id = v, "service:"+v.Key
}

// platform turns a key, an id or the exact name of one platform into its id.
func (b *builder) platform(r *record, text string) string {
	if strings.HasPrefix(text, "platform:") || strings.HasPrefix(text, "platform-") {
		return b.ref(r, "platform", text)
	}
	id, err := b.platformNamed(text)
	if err != nil {
		b.fail(err)
	}
	if id == "" && err == nil {
		r.bad("ingest.unknown_ref", "platform", errs.A{"value": cutBytes(text, 60)})
	}
	return id
}

func (b *builder) platformNamed(text string) (string, error) {
	ids, err := db.Collect(b.ctx, b.j.s.d, db.Column[string], `SELECT id FROM platform WHERE folded = $1 OR folded LIKE $2 OR folded LIKE $3 OR folded LIKE $4 LIMIT 2`,
		fold.Name(text), fold.Name(text)+"\n%", "%\n"+fold.Name(text), "%\n"+fold.Name(text)+"\n%")
	if len(ids) == 1 {
		return ids[0], err
	}
	return "", err
}

// regions reads divisions, by code or by name.
func (b *builder) regions(r *record) []string {
	var out []string
	for _, text := range codeList(r, "regions") {
		if sixDigits.MatchString(text) {
			out = append(out, text)
			continue
		}
		found, err := b.j.s.reg.DivisionsByName(b.ctx, text, "")
		if err != nil {
			b.fail(err)
			return nil
		}
		if len(found) != 1 {
			r.bad("ingest.unknown_division", "regions", errs.A{"value": text})
			continue
		}
		out = append(out, found[0].Code)
	}
	return out
}

// transferFields are the columns of what a fault of a record is about, where
// they have another name.
var transferFields = map[string]string{"title": "title_zh", "summary": "summary_zh", "note": "note_zh", "maturity": "trl", "on": "trl_on", "edition": "trl_edition", "assessor": "trl_assessor",
	"rights": "right_number", "number": "right_number", "owner_text": "owner", "name": "team", "text": "text"}

// told takes the faults of a record, under the row's headings. A row that is at
// fault already says enough.
func (r *record) told(err error) {
	if err == nil || len(r.faults) > 0 {
		return
	}
	for _, e := range errs.ListOf(err) {
		name := strings.TrimPrefix(e.Field, "/")
		r.faults = append(r.faults, e.At(r.heading(cmp.Or(transferFields[name], name))))
	}
}

// yes reads a cell that answers yes or no; what answers neither is a fault.
func (r *record) yes(name string) bool {
	switch text := strings.ToLower(r.get(name)); text {
	case "是", "yes", "y", "true", "1", "可", "面议":
		return true
	case "", "否", "no", "n", "false", "0", "不可":
		return false
	default:
		r.bad("transfer.import_yes", name, errs.A{"value": cutBytes(text, 60)})
		return false
	}
}
