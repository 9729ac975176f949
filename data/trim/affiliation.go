package main

import (
	"regexp"
	"strings"
	"unicode"
)

var (
	phone = regexp.MustCompile(`(^|\D)1[3-9]\d{9}(\D|$)`)

	// orgWord ends the name of an organisation or of a part of one.
	orgWord = regexp.MustCompile(`(大学|学院|研究院|研究所|科学院|医院|实验室|中心|公司|集团|图书馆|植物园|局|所|站|院|系|部|馆|校)$`)

	// parent ends the name of an organisation that can stand on its own.
	parentWord = regexp.MustCompile(`(大学|医院|研究院|科学院|研究所|公司|集团|学院)$`)

	// hanBefore is the run of Chinese and blanks right before a place.
	hanBefore = regexp.MustCompile(`[\p{Han}\t \x{3000}·]+$`)

	// zhPlace is Guangzhou as the city of an affiliation: after a separator, and
	// followed by a postcode or the end of the affiliation.
	zhPlace = regexp.MustCompile(`([\p{Han}\t \x{3000}()（）·]{4,60})[，,、\s]\s*(?:广东省?\s*)?广州市?[，,\s]*(\d{6})?\s*[)）;；。.\n$]`)

	// enPlace is Guangzhou as the city of an English affiliation: after a comma, or
	// before a postcode or the country.
	enPlace = regexp.MustCompile(`(?i)(?:[,，]\s*guangzhou\b|guangzhou[,，\s]*\d{6}|guangzhou[,，\s]+(?:p\.?\s?r\.?\s?)?china)[,，\s]*(\d{6})?`)

	postcode = regexp.MustCompile(`\d{6}`)

	// enUnit is a part of an English affiliation that cannot be a person: it
	// begins with the word of an institution or of a place that names one.
	enUnit = regexp.MustCompile(`(?:The |Key |State Key |National |Provincial |First |Second |Third |Affiliated )*(?:School|Department|College|Institute|State|Key|Laboratory|Guangdong|Guangzhou|South China|Southern|Sun Yat-[Ss]en|Zhongshan|Zhujiang|Nanfang|Jinan University|Center|Centre|Faculty|Division|Academy|Hospital|Chinese Academy|University of|Joint|Collaborative|MOE|CAS Key|Research|Graduate|Medical)[A-Za-z&'’()./ -]*`)

	enOrg = regexp.MustCompile(`University|Institute|Hospital|Academy|College|Laborator|Cent(er|re)|School|Garden|Observatory|Bureau|Company|Ltd`)
)

// mend repairs the entries of the source and adds those in Guangzhou that the
// source's pattern missed. An entry that names nothing is dropped.
func mend(list []affiliation, head string, cities []string) []affiliation {
	var out []affiliation
	seen := map[string]bool{}
	add := func(a affiliation) {
		if a.Org == "" || strings.ContainsAny(a.Org, "@＠") || seen[a.Org+a.City] {
			return
		}
		seen[a.Org+a.City] = true
		out = append(out, a)
	}
	found := false
	for _, a := range list {
		a = withParent(joinCut(a, cities), head)
		a.Org = withoutName(a.Org)
		found = found || isGuangzhou(a.Org+a.City)
		add(a)
	}
	if !found {
		for _, a := range fromHead(head) {
			add(a)
		}
	}
	if out == nil {
		out = []affiliation{}
	}
	return out
}

var provinces = []string{"广东", "广东省", "湖南", "湖北", "江苏", "浙江", "四川", "河北", "河南", "山东", "山西", "陕西", "云南", "广西", "福建", "江西", "安徽", "吉林", "辽宁", "黑龙江", "海南", "贵州", "甘肃", "青海", "新疆", "内蒙古", "宁夏", "西藏"}

// joinCut puts the end of an organisation that was cut off into the city back:
// {"广东省科", "学院广州"} becomes {"广东省科学院", "广州"}.
func joinCut(a affiliation, cities []string) affiliation {
	for _, c := range cities {
		rest, ok := strings.CutSuffix(a.City, c)
		if !ok || rest == "" {
			continue
		}
		a.City = c
		for _, p := range provinces {
			if rest == p {
				return a
			}
		}
		a.Org += rest
		return a
	}
	return a
}

// withParent puts the organisation before a sub-unit that stands alone, if the
// head has it right before: "广东工业大学 计算机学院".
func withParent(a affiliation, head string) affiliation {
	at := strings.Index(head, a.Org)
	if at <= 0 || parentWord.MatchString(a.Org) && !strings.HasSuffix(a.Org, "学院") {
		return a
	}
	before := strings.Fields(hanBefore.FindString(head[:at]))
	var parts []string
	for _, p := range before {
		if orgWord.MatchString(p) {
			parts = append(parts, p)
		} else {
			parts = nil
		}
	}
	if len(parts) > 0 && parentWord.MatchString(parts[0]) {
		a.Org = strings.Join(append(parts, a.Org), " ")
	}
	return a
}

// fused is a university with up to four characters run on before it: an author,
// or the end of one.
var fused = regexp.MustCompile(`^\p{Han}{1,4}?((?:南方医科|中山|暨南|华南理工|华南农业|华南师范|广州医科|广州中医药|广东工业|广州|广东药科|广东外语外贸|中国科学院|北京)(?:大学|医学院|华南|广州|南海).*)$`)

var notNames = regexp.MustCompile(`^(国立|原|附属|台湾|教育部|农业部|卫生部|中国|广东省?|广州市?|[\p{Han}]*[省市部委院所局与和及])$`)

// bracketed is a name of two to four characters and the bracket that opens the
// affiliation.
var bracketed = regexp.MustCompile(`^(\p{Han}{2,4})[（(]`)

// withoutName cuts what stands before an opening bracket that is never closed,
// a name run on before a university, and brackets and marks at the ends.
func withoutName(org string) string {
	if m := fused.FindStringSubmatch(org); m != nil && !notNames.MatchString(strings.TrimSuffix(org, m[1])) {
		org = m[1]
	}
	if m := bracketed.FindStringSubmatch(org); m != nil && !orgWord.MatchString(m[1]) {
		org = org[len(m[0]):]
	}
	if i := strings.LastIndexAny(org, "(（"); i >= 0 && !strings.ContainsAny(org[i:], ")）") {
		org = strings.TrimLeft(org[i:], "(（")
	}
	return strings.TrimFunc(org, func(c rune) bool {
		return unicode.IsSpace(c) || strings.ContainsRune(")）·,，、.:：", c)
	})
}

// fromHead finds the affiliations in Guangzhou in a head.
func fromHead(head string) []affiliation {
	var out []affiliation
	for _, m := range zhPlace.FindAllStringSubmatch(head, -1) {
		if org := withoutName(zhOrg(m[1])); org != "" {
			out = append(out, affiliation{org, "广州", m[2], "head"})
		}
	}
	return append(out, fromEnglish(head)...)
}

// fromEnglish takes what stands before each place, back to the last mark that
// parts affiliations or to the place before.
func fromEnglish(head string) []affiliation {
	var out []affiliation
	start := 0
	for _, at := range enPlace.FindAllStringIndex(head, -1) {
		before := head[start:at[0]]
		start = at[1]
		if i := strings.LastIndexAny(before, ";；\n$*"); i >= 0 {
			before = before[i:]
		}
		if org := englishOrg(before); org != "" {
			out = append(out, affiliation{org, "Guangzhou", postcode.FindString(head[at[0]:at[1]]), "head"})
		}
	}
	return out
}

// zhOrg keeps the last unbroken run of words that end as organisations do.
func zhOrg(s string) string {
	if i := strings.LastIndexAny(s, "(（"); i >= 0 && !strings.ContainsAny(s[i:], ")）") {
		s = strings.TrimLeft(s[i:], "(（")
	}
	var parts []string
	for _, p := range strings.Fields(s) {
		if orgWord.MatchString(p) {
			parts = append(parts, p)
		} else {
			parts = nil
		}
	}
	return strings.Join(parts, " ")
}

// englishOrg keeps the parts between commas that begin as institutions do.
func englishOrg(s string) string {
	var parts []string
	for _, p := range strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == '，' }) {
		unit := strings.TrimSpace(enUnit.FindString(p))
		if !enOrg.MatchString(unit) || !strings.ContainsAny(unit, " ") {
			parts = nil
			continue
		}
		parts = append(parts, unit)
	}
	return strings.Join(parts, ", ")
}
