package ingest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/money"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

// Fields that the tables of companies' money share.
var (
	companyField  = must(field("company", "企业", "Company", "广州木棉示例科技有限公司", "企业名称", "公司", "公司名称", "被投企业", "融资企业", "单位名称", "获奖单位", "投保企业", "被担保人", "company name", "enterprise", "organisation"))
	currencyField = field("currency", "币种", "Currency", "CNY", "货币", "currency code")
)

// dayField is the field of a record's own day.
func dayField(zh, en string, aliases ...string) Field {
	return field("on", zh, en, "2024-05-20", append(aliases, "日期", "时间", "date", "on")...)
}

// capitalTargets are the tables of rounds, listings, contests, guarantees and
// premiums.
var capitalTargets = []Target{
	{Name: "round", Label: i18n.Text{ZH: "融资轮次", EN: "Financing round"}, build: buildRound, Fields: []Field{
		transferKey, companyField, dayField("融资日期", "Day of the round", "融资时间", "投资日期", "announced on"),
		must(field("stage", "轮次", "Stage", "a", "融资轮次", "投资轮次", "round", "series", "funding stage")),
		field("amount", "融资金额", "Amount", "3000万元", "融资额", "投资金额", "金额", "raised", "amount raised"),
		field("investors", "投资方", "Investors", "示例资本*|示例创投", "投资机构", "投资人", "investor", "investor names"),
		field("pre", "投前估值", "Pre-money valuation", "", "pre money", "pre-money"),
		field("post", "投后估值", "Post-money valuation", "2亿元", "估值", "post money", "post-money", "valuation"),
		currencyField, levelField, sourceField, evidenceField, noteZH, noteEN,
	}},
	{Name: "listing", Label: i18n.Text{ZH: "上市", EN: "Listing"}, build: buildListing, Fields: []Field{
		transferKey, companyField,
		must(field("market", "交易所", "Market", "SSE", "上市地", "证券交易所", "exchange", "stock exchange")),
		field("board", "板块", "Board", "star", "上市板块"),
		field("code", "证券代码", "Stock code", "688001", "股票代码", "代码", "ticker", "symbol"),
		field("tutoring", "辅导日期", "Tutoring since", "2022-03-01", "辅导备案日期", "tutoring"),
		field("filed", "申报日期", "Filed on", "2023-02-10", "受理日期", "filed"),
		field("approved", "过会日期", "Approved on", "", "approved"),
		field("registered", "注册日期", "Registered on", "", "同意注册日期", "registered"),
		field("listed", "上市日期", "Listed on", "", "挂牌日期", "listed"),
		field("left", "离开日期", "Left on", "", "终止日期", "撤回日期", "ended on"),
		field("left_as", "离开方式", "Left by", "", "终止方式", "outcome"),
		field("raised", "募集资金", "Raised", "", "首发募集资金", "募资额", "proceeds"),
		currencyField, levelField, sourceField, evidenceField, noteZH, noteEN,
	}},
	{Name: "contest", Label: i18n.Text{ZH: "参赛获奖", EN: "Contest award"}, build: buildContest, Fields: []Field{
		transferKey, companyField, dayField("获奖日期", "Day of the award", "颁奖日期", "awarded on"),
		must(field("contest", "赛事", "Contest", "创新创业大赛", "大赛", "赛事名称", "大赛名称", "competition")),
		field("edition", "届次", "Edition", "2024", "年度"),
		field("track", "赛道", "Track", "生物医药", "组别", "行业组"),
		field("project", "参赛项目", "Project", "", "项目名称", "project name"),
		field("place", "名次", "Place", "1", "排名", "rank"),
		field("award", "奖项", "Award", "一等奖", "等次", "获奖等级", "prize class"),
		field("prize", "奖金", "Prize", "50万元", "奖励金额", "奖补金额", "prize money"),
		currencyField, levelField, sourceField, evidenceField, noteZH, noteEN,
	}},
	{Name: "guarantee", Label: i18n.Text{ZH: "担保", EN: "Guarantee"}, build: buildGuarantee, Fields: []Field{
		transferKey, companyField, must(field("guarantor", "担保机构", "Guarantor", "示例融资担保有限公司", "担保人", "担保公司")),
		dayField("担保起始日", "Since", "起始日", "担保日期", "from"), field("until", "担保到期日", "Until", "2025-05-20", "到期日", "到期日期", "to", "expires on"),
		field("contract", "合同编号", "Contract", "", "担保合同编号", "contract number"),
		field("amount", "担保金额", "Amount", "500万元", "担保额", "金额", "guaranteed amount"),
		field("fee", "担保费", "Fee", "", "保费", "guarantee fee"),
		field("state", "担保状态", "State", "active", "状态", "status"),
		currencyField, levelField, sourceField, evidenceField, noteZH, noteEN,
	}},
	{Name: "premium", Label: i18n.Text{ZH: "保费补贴", EN: "Premium subsidy"}, build: buildPremium, Fields: []Field{
		transferKey, companyField, must(field("insurer", "保险公司", "Insurer", "示例财产保险公司", "承保机构", "保险机构", "insurance company")),
		must(field("policy", "险种", "Policy", "专利保险", "保险产品", "保险名称", "kind of insurance")),
		field("number", "保单号", "Policy number", "", "保单编号", "policy no"),
		dayField("补贴日期", "Day of the subsidy", "拨付日期", "subsidised on"), field("year", "补贴年度", "Year of the subsidy", "2024", "年度"),
		field("premium", "保费", "Premium", "10万元", "保险费", "premium paid"),
		field("subsidy", "补贴金额", "Subsidy", "5万元", "保费补贴", "补贴", "subsidy paid"),
		currencyField, levelField, sourceField, evidenceField, noteZH, noteEN,
	}},
}

var levelWords = map[string]level.Level{"公开": level.Public, "合作方": level.Partner, "合作伙伴": level.Partner, "内部": level.Internal, "保密": level.Confidential, "机密": level.Confidential}

// moneyOf is what the records of companies' money share. A row without a key of
// its own is known by what it says who, when and what it is.
func (b *builder) moneyOf(r *record, word string, what ...string) capital.Common {
	c := capital.Common{Company: b.party(r.get("company")), Level: choice(r, "level", r.get("level"), levelWords, level.Levels), Evidence: r.get("evidence"), Note: note(r).In(i18n.ZH), SourceID: b.source(r)}
	if b.target.field("on") != nil {
		c.On = r.day("on")
	}
	key := r.get("key")
	if key == "" {
		key = db.DerivedID("key", append([]string{word, fold.Name(r.get("company")), c.On}, what...)...)
	}
	c.Key = c.SourceID + ":" + key
	return c
}

// party is an organisation of the registry, where the text names one, with what
// the source calls it.
func (b *builder) party(text string) capital.Party {
	text = cleanText(text, 300)
	return capital.Party{OrgID: b.owner(text, resolve.Hint{}), Name: text}
}

// sum reads an amount in the currency of the row, renminbi where it names none.
func (r *record) sum(name string) *capital.Amount {
	fen := r.fen(name)
	if fen == nil {
		return nil
	}
	unit := quantity.Unit(strings.ToUpper(cmp.Or(r.get("currency"), "CNY")))
	switch unit {
	case "人民币", "元", "CNY", "RMB":
		return capital.Yuan(*fen)
	case "美元":
		unit = "USD"
	case "港元", "港币":
		unit = "HKD"
	}
	return capital.Of(float64(*fen)/float64(money.Yuan), unit)
}

var stageOfRound = map[string]capital.Stage{"种子轮": capital.Seed, "种子": capital.Seed, "天使轮": capital.Angel, "天使": capital.Angel, "pre-a": capital.PreA, "pre-a轮": capital.PreA, "a轮": capital.RoundA, "a+轮": capital.RoundA, "a+": capital.RoundA,
	"b轮": capital.RoundB, "b+轮": capital.RoundB, "b": capital.RoundB, "b+": capital.RoundB, "c轮": capital.RoundC, "c": capital.RoundC, "c+轮": capital.RoundC, "d轮": capital.RoundC, "d": capital.RoundC, "e轮": capital.RoundC, "风险投资": capital.Venture,
	"战略融资": capital.Strategic, "战略投资": capital.Strategic, "私募股权": capital.PrivateEquity, "pre-ipo": capital.PreIPO, "pre-ipo轮": capital.PreIPO, "上市后": capital.PostIPO, "定增": capital.PostIPO, "众筹": capital.Crowdfunding, "其他": capital.OtherStage}

func buildRound(b *builder, r *record) {
	v := capital.Round{Common: b.moneyOf(r, "round", r.get("stage")), Stage: choice(r, "stage", r.get("stage"), stageOfRound, capital.Stages), StageText: r.get("stage"), Amount: r.sum("amount")}
	for _, text := range r.list("investors") {
		name := strings.TrimSpace(strings.TrimRight(text, "*"))
		v.Investors = append(v.Investors, capital.Investor{Party: b.party(name), Lead: name != text})
	}
	for name, to := range map[string]**capital.Valuation{"pre": &v.Pre, "post": &v.Post} {
		if a := r.sum(name); a != nil {
			*to = &capital.Valuation{Amount: *a, Basis: capital.Reported}
		}
	}
	r.result, r.id = v, "round:"+v.Key
}

var (
	marketWords = map[string]capital.Market{"上交所": capital.SSE, "上海证券交易所": capital.SSE, "上证": capital.SSE, "sh": capital.SSE, "sse": capital.SSE, "深交所": capital.SZSE, "深圳证券交易所": capital.SZSE, "sz": capital.SZSE, "szse": capital.SZSE, "北交所": capital.BSE, "北京证券交易所": capital.BSE, "bse": capital.BSE,
		"新三板": capital.NEEQ, "全国股转系统": capital.NEEQ, "neeq": capital.NEEQ, "港交所": capital.HKEX, "香港交易所": capital.HKEX, "hkex": capital.HKEX, "纳斯达克": capital.NASDAQ, "nasdaq": capital.NASDAQ, "纽交所": capital.NYSE, "nyse": capital.NYSE, "其他": capital.OtherMarket}
	boardWords = map[string]capital.Board{"主板": capital.MainBoard, "科创板": capital.STAR, "创业板": capital.ChiNext, "创新层": capital.Innovation, "基础层": capital.Basic}
	exitWords  = map[string]capital.ListingState{"撤回": capital.Withdrawn, "主动撤回": capital.Withdrawn, "终止": capital.Terminated, "被否": capital.Rejected, "未通过": capital.Rejected, "退市": capital.Delisted, "摘牌": capital.Delisted}
	exits      = []capital.ListingState{capital.Withdrawn, capital.Terminated, capital.Rejected, capital.Delisted}
)

func buildListing(b *builder, r *record) {
	v := capital.Listing{Common: b.moneyOf(r, "listing", r.get("market"), r.get("code")), Market: choice(r, "market", r.get("market"), marketWords, capital.Markets),
		Board: choice(r, "board", r.get("board"), boardWords, capital.Boards), Code: r.get("code"), Raised: r.sum("raised")}
	for _, s := range capital.ListingStates[:5] {
		if day := r.day(string(s)); day != "" {
			v.Steps = append(v.Steps, capital.Step{State: s, On: day})
		}
	}
	if as := choice(r, "left_as", r.get("left_as"), exitWords, exits); as != "" {
		v.Steps = append(v.Steps, capital.Step{State: as, On: r.day("left")})
	}
	r.result, r.id = v, "listing:"+v.Key
}

func buildContest(b *builder, r *record) {
	v := capital.Contest{Common: b.moneyOf(r, "contest", r.get("contest"), r.get("edition"), r.get("track"), r.get("project")), Contest: r.get("contest"), Edition: r.get("edition"), Track: r.get("track"), Project: r.get("project"),
		Place: r.whole("place", 1, 100_000), Award: r.get("award"), Prize: r.sum("prize")}
	r.result, r.id = v, "contest:"+v.Key
}

var guaranteeWords = map[string]capital.GuaranteeState{"在保": capital.Active, "解除": capital.Ended, "已解除": capital.Ended, "代偿": capital.Called, "已代偿": capital.Called}

func buildGuarantee(b *builder, r *record) {
	v := capital.Guarantee{Common: b.moneyOf(r, "guarantee", r.get("guarantor"), r.get("contract"), r.get("amount")), Guarantor: b.party(r.get("guarantor")), Contract: r.get("contract"), Amount: r.sum("amount"), Fee: r.sum("fee"), Until: r.day("until"),
		State: choice(r, "state", r.get("state"), guaranteeWords, []capital.GuaranteeState{capital.Active, capital.Ended, capital.Called})}
	r.result, r.id = v, "guarantee:"+v.Key
}

func buildPremium(b *builder, r *record) {
	v := capital.Premium{Common: b.moneyOf(r, "premium", r.get("insurer"), r.get("policy"), r.get("number")), Insurer: b.party(r.get("insurer")), Policy: r.get("policy"), Number: r.get("number"), Year: r.get("year"), Premium: r.sum("premium"), Subsidy: r.sum("subsidy")}
	r.result, r.id = v, "premium:"+v.Key
}

// capitalKinds are the kinds of package capital that a batch can bring.
var capitalKinds = []string{capital.KindRound, capital.KindAcquisition, capital.KindListing, capital.KindContest, capital.KindGuarantee, capital.KindPremium}

func isCapital(kind string) bool { return slices.Contains(capitalKinds, kind) }

// unmovable refuses to take back what moved money or decided on it: a fund's
// event is cancelled, and a loan withdrawn, in its own room, one by one and with
// a reason.
func unmovable(kind, id string) error {
	return errs.New(errs.Conflict, "ingest.undo_money", errs.A{"kind": kind, "id": id})
}
