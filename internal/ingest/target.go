package ingest

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/identifier"
)

// Namespace is where the keys of bundle rows ("org:gibh") live.
const Namespace = "kapok-gz"

// Field is something that a column can be mapped onto.
type Field struct {
	Name     string    `json:"name"`
	Label    i18n.Text `json:"label"`
	Required bool      `json:"required,omitempty"`
	Example  string    `json:"example,omitempty"`
	aliases  []string  // further headings under which the column is met
}

// Target is a kind of record that a table can be imported as.
type Target struct {
	Name   string    `json:"name"`
	Label  i18n.Text `json:"label"`
	Fields []Field   `json:"fields"`
	hidden bool      // of the bundle only
	oneOf  []string  // at least one of these fields must have a value
	build  func(b *builder, r *record)
}

// field describes one: name, Chinese label, English label, example, other
// headings.
func field(name, zh, en, example string, aliases ...string) Field {
	return Field{Name: name, Label: i18n.Text{ZH: zh, EN: en}, Example: example, aliases: aliases}
}

func must(f Field) Field {
	f.Required = true
	return f
}

var (
	sourceField   = field("source_id", "来源编号", "Source id", "", "来源", "source")
	evidenceField = field("evidence", "依据", "Evidence", "", "证据")
	noteZH        = field("note_zh", "备注", "Note", "", "说明", "remarks", "notes")
	noteEN        = field("note_en", "英文备注", "Note in English", "")
	divisionField = field("division", "行政区划", "Division", "440106", "区划代码", "所在区", "区县", "行政区", "行政区划代码", "区", "district", "division code", "county")
	aliasesField  = field("aliases", "别名", "Other names", "", "曾用名", "简称", "其他名称", "alias", "aliases", "also known as")
	nameZH        = "名称"
)

// targets lists every target, the most used first.
func targets() []Target {
	return slices.Concat(cityTargets(), transferTargets, capitalTargets, []Target{termTarget})
}

// cityTargets are those of the register and of the figures.
func cityTargets() []Target {
	return []Target{
		{Name: "organisation", Label: i18n.Text{ZH: "机构", EN: "Organisation"}, build: buildOrg, oneOf: []string{"name_zh", "name_en"}, Fields: []Field{
			field("name_zh", nameZH, "Name in Chinese", "广州木棉示例科技有限公司", "机构名称", "单位名称", "企业名称", "公司名称", "中文名称", "中文名", "全称", "单位全称", "name", "name zh", "chinese name", "organisation name", "organization name", "company", "company name"),
			field("name_en", "英文名称", "Name in English", "Guangzhou Kapok Example Technology Co., Ltd.", "英文名", "外文名称", "english name", "name en"),
			aliasesField,
			field("kind", "类型", "Kind", "enterprise", "机构类型", "单位类型", "单位性质", "类别", "type", "organisation kind", "organization type"),
			field("uscc", "统一社会信用代码", "Unified social credit code", "91350100M000100Y43", "信用代码", "社会信用代码", "统一信用代码", "机构代码", "credit code", "uscc code"),
			field("ror", "ROR", "ROR id", "", "ror id"),
			field("key", "关键字", "Key", "", "编号", "key", "id"),
			divisionField,
			field("country", "国家", "Country", "CN", "国别", "country code"),
			field("city", "城市", "City", "", "所在城市", "市"),
			field("website", "网址", "Website", "", "官网", "网站", "主页", "url", "homepage", "web site"),
			field("established", "成立日期", "Established", "2019-05-20", "成立时间", "注册日期", "成立年份", "founded", "date of establishment", "established on"),
			field("closed", "注销日期", "Closed", "", "注销时间", "dissolved"),
			field("status", "状态", "Status", "active", "存续状态", "经营状态"),
			sourceField, evidenceField, noteZH, noteEN,
		}},
		{Name: "platform", Label: i18n.Text{ZH: "平台", EN: "Platform"}, build: buildPlatform, oneOf: []string{"name_zh", "name_en"}, Fields: []Field{
			field("key", "关键字", "Key", "example-lab", "编号", "key", "id"),
			field("name_zh", nameZH, "Name in Chinese", "示例重点实验室", "平台名称", "实验室名称", "中文名称", "name", "name zh", "platform name", "platform"),
			field("name_en", "英文名称", "Name in English", "", "英文名", "english name", "name en"),
			aliasesField,
			must(field("class", "类别", "Class", "provincial_lab", "平台类别", "平台类型", "类型", "kind", "type", "platform class")),
			field("group", "体系分组", "Group", "N", "分组", "体系"),
			field("level", "级别", "Level", "provincial", "平台级别", "层级"),
			field("field_zh", "领域", "Field", "生物医药", "技术领域", "研究方向", "field zh", "research field", "area"),
			field("field_en", "英文领域", "Field in English", "biomedicine"),
			field("organisation", "本体机构", "Organisation", "", "法人单位", "organization", "legal body"),
			field("host", "依托单位", "Host", "中山大学", "牵头单位", "承担单位", "建设单位", "主管单位", "host organisation", "host institution", "hosts"),
			divisionField,
			field("established", "认定日期", "Established", "", "成立日期", "批准日期", "批准时间", "认定时间", "year", "approved on"),
			field("website", "网址", "Website", "", "官网"),
			sourceField, evidenceField, noteZH, noteEN,
		}},
		{Name: "park", Label: i18n.Text{ZH: "园区", EN: "Park"}, build: buildPark, oneOf: []string{"name_zh", "name_en"}, Fields: []Field{
			field("key", "关键字", "Key", "example-park", "编号", "key", "id"),
			field("name_zh", nameZH, "Name in Chinese", "示例科技园", "园区名称", "基地名称", "孵化器名称", "中文名称", "name", "name zh", "park name", "park"),
			field("name_en", "英文名称", "Name in English", "", "英文名", "english name", "name en"),
			aliasesField,
			must(field("kind", "类别", "Class", "science_park", "园区类型", "类型", "class", "type", "park kind")),
			field("level", "级别", "Level", "", "层级"),
			field("operator", "运营单位", "Operator", "", "运营机构", "运营主体", "管理单位", "operated by"),
			divisionField,
			field("established", "成立日期", "Established", "", "开园日期", "认定日期"),
			field("website", "网址", "Website", "", "官网"),
			sourceField, evidenceField, noteZH, noteEN,
		}},
		{Name: "person", Label: i18n.Text{ZH: "人员", EN: "Person"}, build: buildPerson, oneOf: []string{"name_zh", "name_en"}, Fields: []Field{
			field("key", "关键字", "Key", "", "编号", "key", "id"),
			field("name_zh", "姓名", "Name in Chinese", "张示例", "中文姓名", "名字", "name", "name zh"),
			field("name_en", "英文姓名", "Name in English", "", "english name", "name en"),
			field("orcid", "ORCID", "ORCID iD", "", "orcid id"),
			field("organisation", "所在单位", "Organisation", "", "工作单位", "单位", "任职单位", "affiliation", "organization", "employer"),
			sourceField, evidenceField,
		}},
		{Name: "paper", Label: i18n.Text{ZH: "论文", EN: "Paper"}, build: buildPaper, Fields: []Field{
			field("key", "编号", "Key", "", "论文编号", "key", "id"),
			must(field("title", "题名", "Title", "示例论文题名", "标题", "论文题目", "篇名", "论文题名", "title zh", "paper title")),
			field("doi", "DOI", "DOI", "", "doi号"),
			field("year", "年份", "Year", "2024", "发表年份", "出版年", "年", "publication year"),
			field("month", "月份", "Month", "", "月"),
			field("lang", "语种", "Language", "", "语言", "lang"),
			field("clc", "中图分类号", "CLC", "", "分类号"),
			field("keywords", "关键词", "Keywords", "", "主题词", "keyword"),
			field("affiliations", "作者单位", "Affiliations", "中山大学|华南理工大学", "机构", "单位", "署名单位", "affiliation", "addresses"),
			field("funding", "基金", "Funding", "", "资助", "基金项目", "funder"),
			sourceField, evidenceField,
		}},
		{Name: "reported", Label: i18n.Text{ZH: "公开数值", EN: "Reported value"}, build: buildReported, Fields: []Field{
			must(field("figure_id", "指标编号", "Figure id", "awards.guangzhou.all", "指标", "figure", "figure id", "indicator")),
			field("bound", "界", "Bound", "eq", "口径词"),
			must(field("value", "数值", "Value", "26", "值", "数", "amount")),
			field("high", "上界", "Upper end", "", "上限"),
			field("unit", "单位", "Unit", "count", "计量单位"),
			field("step", "末位大小", "Step", "1"),
			field("period_kind", "期间类型", "Kind of period", "year"),
			field("period_start", "期初", "Period start", "2023-01-01", "起始日期", "start"),
			field("period_end", "期末", "Period end", "2023-12-31", "截止日期", "截至日期", "end", "as of"),
			field("edition", "版次", "Edition", "2023"),
			field("data_year", "数据年", "Data year", ""),
			field("locator", "出处位置", "Locator", "", "页码", "段落", "page"),
			sourceField, noteZH, noteEN,
		}},
		statisticsTarget, entryTarget,
		{Name: "relation", Label: i18n.Text{ZH: "关系", EN: "Relation"}, build: buildRelation, Fields: []Field{
			must(field("from", "甲方", "From", "org:example-lab", "主体", "上级", "from")),
			must(field("kind", "关系", "Kind", "parent", "关系类型", "relation", "role")),
			must(field("to", "乙方", "To", "ror:0064kty71", "客体", "下级", "to")),
			field("valid_from", "起始", "Valid from", "", "开始日期", "since"),
			field("valid_to", "终止", "Valid to", "", "结束日期", "until"),
			field("share", "份额", "Share", "", "占比", "持股比例", "percentage"),
			sourceField, evidenceField, noteZH, noteEN,
		}},
		{Name: "division", Label: i18n.Text{ZH: "行政区划", EN: "Division"}, build: buildDivision, hidden: true, Fields: []Field{
			must(field("code", "代码", "Code", "440106")), must(field("name", nameZH, "Name", "天河区", "name_zh")), field("name_en", "英文名称", "Name in English", ""),
			field("level", "级别", "Level", ""), field("parent", "上级", "Parent", ""), field("valid_from", "起始", "Valid from", ""),
			field("valid_to", "终止", "Valid to", ""), sourceField, noteZH, noteEN, field("province", "省", "", ""), field("city", "市", "", ""), field("area", "县", "", ""),
		}},
		{Name: "award", Label: i18n.Text{ZH: "奖励", EN: "Award"}, build: buildAward, hidden: true, Fields: []Field{
			must(field("edition", "年度", "Edition", "")), must(field("scope", "范围", "Scope", "")), field("division", "行政区划", "", ""), must(field("award", "奖种", "Award", "")),
			field("all", "参与", "All", ""), field("led", "牵头", "Led", ""), sourceField,
		}},
		{Name: "superlative", Label: i18n.Text{ZH: "之最", EN: "Superlative"}, build: buildSuperlative, hidden: true, Fields: []Field{
			must(field("id", "编号", "Id", "")), must(field("subject", "主体", "Subject", "")), must(field("kind", "类型", "Kind", "")), must(field("scope", "范围", "Scope", "")),
			field("scope_zh", "范围（中文）", "", ""), field("scope_en", "范围（英文）", "", ""), field("object_zh", "内容", "", ""), field("object_en", "英文内容", "", ""),
			field("status", "状态", "", ""), evidenceField, field("locator", "出处位置", "", ""), sourceField, noteZH, noteEN,
		}},
	}
}

// Targets lists what a table can be imported as.
func Targets() []Target {
	return slices.DeleteFunc(targets(), func(t Target) bool { return t.hidden })
}

func findTarget(name string) (Target, error) {
	for _, t := range targets() {
		if t.Name == name {
			return t, nil
		}
	}
	return Target{}, errs.New(errs.NotFound, "ingest.no_target", errs.A{"target": name})
}

func (t *Target) field(name string) *Field {
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return &t.Fields[i]
		}
	}
	return nil
}

// record is a row on its way to becoming one: it reads fields, collects faults
// under the columns' own headings, and takes the result.
type record struct {
	cells   []string
	at      map[string]int    // field to column
	heads   []string          // column to heading
	fixed   map[string]string // field to value for every row
	faults  errs.List
	result  any
	id      string // names the record, to find repeated rows
	key     string
	blank   bool // the row states nothing
	also    []registry.Relation
	checked map[string]bool
}

// get returns the text of a field, "" when it has no column or is empty.
func (r *record) get(name string) string {
	v, ok := r.fixed[name]
	if i, mapped := r.at[name]; mapped && i < len(r.cells) && strings.TrimSpace(r.cells[i]) != "" {
		v, ok = r.cells[i], true
	}
	if !ok {
		return ""
	}
	v = strings.TrimSpace(v)
	if scientific.MatchString(v) {
		if !r.checked[name] {
			if r.checked == nil {
				r.checked = map[string]bool{}
			}
			r.checked[name] = true
			r.bad("ingest.scientific", name, errs.A{"value": v})
		}
		return ""
	}
	return v
}

// scientific is how a spreadsheet writes a long code that it took for a number.
var scientific = regexp.MustCompile(`^\d(\.\d+)?[eE]\+?(1[1-9]|[2-9]\d)$`)

func (r *record) heading(name string) string {
	if i, ok := r.at[name]; ok && i < len(r.heads) {
		return r.heads[i]
	}
	return name
}

func (r *record) bad(key, name string, args ...errs.A) {
	a := errs.A{"column": r.heading(name)}
	for _, more := range args {
		for k, v := range more {
			a[k] = v
		}
	}
	r.faults = append(r.faults, errs.New(errs.Invalid, key, a).At(r.heading(name)))
}

// list cuts a cell at | ; 、 and their kin.
func (r *record) list(name string) []string {
	var out []string
	for _, p := range strings.FieldsFunc(r.get(name), func(c rune) bool { return strings.ContainsRune("|;；、\n", c) }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

var dayForms = []*regexp.Regexp{
	regexp.MustCompile(`^(\d{4})$`),
	regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})$`),
	regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]\d.*)?$`),
	regexp.MustCompile(`^(\d{4})年(?:(\d{1,2})月(?:(\d{1,2})日?)?)?$`),
	regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})$`),
}

// day reads a day as people write it and returns it as an ISO date, cut to
// what is stated.
func (r *record) day(name string) string {
	v := r.get(name)
	if v == "" {
		return ""
	}
	if iso, ok := parseDay(v); ok {
		return iso
	}
	r.bad("ingest.bad_day", name, errs.A{"value": v})
	return ""
}

func parseDay(text string) (iso string, ok bool) {
	for _, form := range dayForms {
		if m := form.FindStringSubmatch(text); m != nil {
			if iso, ok := isoDay(m[1:]); ok {
				return iso, true
			}
		}
	}
	return "", false
}

// builder turns rows into records with what it knows of the registry. Its
// answers are those of the committed state, so that a dry run and the real run
// see the same.
type builder struct {
	ctx       context.Context
	j         *job
	target    Target
	refs      map[string]string // reference as written to id
	divisions map[string]string // name to code
	figures   map[string]*observatory.Figure
	failed    error // a failure that is not the row's
}

// source is the source of a row: its own, or the batch's.
func (b *builder) source(r *record) string {
	if v := r.get("source_id"); v != "" {
		return v
	}
	return b.j.srcID
}

func (b *builder) fail(err error) {
	if b.failed == nil {
		b.failed = err
	}
}

// ref turns a reference into an id: "ror:0064kty71", "org:gibh", "platform:…",
// "park:…", "person:…", an id, a 统一社会信用代码, or the exact name of one
// organisation.
func (b *builder) ref(r *record, name, text string) string {
	if text == "" {
		return ""
	}
	if id, known := b.refs[text]; known {
		if id == "" {
			r.bad("ingest.unknown_ref", name, errs.A{"value": text})
		}
		return id
	}
	id, err := b.lookup(text)
	if err != nil {
		b.fail(err)
		return ""
	}
	if b.refs[text] = id; id == "" {
		r.bad("ingest.unknown_ref", name, errs.A{"value": text})
	}
	return id
}

var idForm = regexp.MustCompile(`^(org|platform|park|person)-[0-9a-z]{16}$`)

func (b *builder) lookup(text string) (string, error) {
	scheme, value, _ := strings.Cut(text, ":")
	switch scheme {
	case "ror":
		v, err := identifier.Parse(identifier.ROR, value)
		if err != nil {
			return "", nil
		}
		return rorID(v), nil
	case "org", "platform", "park", "person":
		return b.byKey(scheme, value)
	}
	if idForm.MatchString(text) {
		return text, nil
	}
	if v, err := identifier.Parse(identifier.USCC, text); err == nil {
		found, err := registry.IDsByIdentifier(b.ctx, b.j.s.d, identifier.USCC, []string{v})
		return found[v], err
	}
	found, err := registry.IDsByName(b.ctx, b.j.s.d, []string{text})
	if ids := found[fold.Name(text)]; len(ids) == 1 {
		return ids[0], err
	}
	return "", err
}

// byKey finds what a bundle key stands for: what an import noted, or the id
// that the key gives.
func (b *builder) byKey(kind, key string) (string, error) {
	id, ok, err := findKey(b.ctx, b.j.s.d, kind+":"+key)
	if err != nil || ok {
		return id, err
	}
	return keyedID(kind, key), nil
}

// keyedID is the id of a record that has a key and nothing better.
func keyedID(kind, key string) string {
	switch kind {
	case "platform":
		return db.DerivedID(registry.KindPlatform, key)
	case "park":
		return db.DerivedID(registry.KindPark, key)
	}
	return db.DerivedID(kind, Namespace, key)
}

var sixDigits = regexp.MustCompile(`^\d{6}$`)

// division turns a code or the name of one division into its code.
func (b *builder) division(r *record) string {
	text := r.get("division")
	if text == "" || sixDigits.MatchString(text) {
		return text
	}
	code, known := b.divisions[text]
	if !known {
		found, err := b.j.s.reg.DivisionsByName(b.ctx, text, "")
		if err != nil {
			b.fail(err)
			return ""
		}
		if len(found) == 1 {
			code = found[0].Code
		}
		b.divisions[text] = code
	}
	if code == "" {
		r.bad("ingest.unknown_division", "division", errs.A{"value": text})
	}
	return code
}

// org returns an organisation as it stands, nil when there is none.
func (b *builder) org(id string) *registry.Org {
	o, err := b.j.s.reg.Org(b.ctx, id)
	switch {
	case errs.KindOf(err) == errs.NotFound:
		return nil
	case err != nil:
		b.fail(err)
		return nil
	}
	if o.ID != id || o.MergedInto != "" {
		return nil // another record answers for it
	}
	return &o
}

// namesOf gathers the names of a row.
func namesOf(r *record) []registry.Name {
	var out []registry.Name
	if v := r.get("name_zh"); v != "" {
		lang := "zh"
		if !strings.ContainsFunc(v, fold.IsHan) {
			lang = "" // a column called "name" may hold either
		}
		out = append(out, registry.Name{Text: v, Lang: lang, Kind: registry.Official})
	}
	if v := r.get("name_en"); v != "" {
		out = append(out, registry.Name{Text: v, Lang: "en", Kind: registry.Official})
	}
	for _, v := range r.list("aliases") {
		kind := registry.Alias
		if isAcronym(v) {
			kind = registry.Acronym
		}
		out = append(out, registry.Name{Text: v, Kind: kind})
	}
	return unionNames(nil, out)
}

func isAcronym(s string) bool {
	return utf8.RuneCountInString(s) <= 8 && strings.ToUpper(s) == s && !strings.ContainsFunc(s, func(c rune) bool { return c > 127 || c == ' ' }) &&
		strings.ContainsFunc(s, func(c rune) bool { return c >= 'A' && c <= 'Z' })
}
