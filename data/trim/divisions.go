package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What is made of GB/T 2260: one table of provinces, cities and county-level
// units with their parents. Hong Kong and Macao keep their 18 and 8 districts.
// The parent of a unit is its city, or its province where there is no city level
// (municipalities, units run by the province). Added here: English names for
// Guangdong, its cities and the districts of Guangzhou, and the codes that
// Guangzhou retired, with dates. A date that is not known stays empty; a code is
// valid from valid_from up to, not including, valid_to.

type division struct {
	code, name, level, parent, from, to, english, source, noteZH, noteEN string
}

const (
	codes2260 = "gb2260-npm-8.5.8"
	year2005  = "guo-han-2005-35"
	year2014  = "guangzhou-districts-2014"
	unseen    = "common-knowledge"
)

func trimDivisions(from, to string) (cities []string, err error) {
	rows, err := readDivisions(from)
	if err != nil {
		return nil, err
	}
	rows = amend(rows)
	slices.SortFunc(rows, func(a, b division) int {
		return strings.Compare(a.code+a.from, b.code+b.from)
	})
	for _, r := range rows {
		if r.level == "city" {
			cities = append(cities, strings.TrimSuffix(r.name, "市"))
		}
	}
	cities = append(cities, "北京", "上海", "天津", "重庆", "香港", "澳门")
	return cities, writeDivisions(to, rows)
}

func readDivisions(from string) ([]division, error) {
	var rows []division
	known := map[string]bool{}
	for _, f := range []struct{ file, level string }{
		{"province.csv", "province"}, {"city.csv", "city"}, {"area.csv", "district"},
		{"hongkong.csv", "district"}, {"macau.csv", "district"},
	} {
		records, err := readCSV(filepath.Join(from, "geo_china", "gb2260", f.file))
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			code := r[0]
			known[code] = true
			rows = append(rows, division{code: code, name: r[1], level: f.level, parent: parentOf(code, f.level, known), source: codes2260})
		}
	}
	return rows, nil
}

// parentOf takes the city when it is in the table and the province otherwise.
func parentOf(code, level string, known map[string]bool) string {
	if level == "province" {
		return ""
	}
	if city := code[:4] + "00"; level == "district" && known[city] && city != code {
		return city
	}
	return code[:2] + "0000"
}

func readCSV(path string) ([][]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(records) == 0 || len(records[0]) < 2 {
		return nil, fmt.Errorf("%s: no rows", path)
	}
	return records[1:], nil
}

// amend sets the English names and the dates, and adds the retired codes.
func amend(rows []division) []division {
	for i, r := range rows {
		rows[i].english = english[r.code]
		if d, ok := founded[r.code]; ok {
			rows[i].from, rows[i].source, rows[i].noteZH, rows[i].noteEN = d.from, d.source, d.noteZH, d.noteEN
		}
	}
	return append(rows, retired...)
}

// founded are codes in force that began, or began anew, on a known day: the day
// of the approval by the State Council (2005), the day on which the province
// passed the approval on (2014).
var founded = map[string]division{
	"440115": {from: "2005-04-28", source: year2005},
	"440112": {from: "2014-02-12", source: year2014, noteZH: "新的黄埔区：原黄埔、萝岗两区合并，沿用原代码", noteEN: "new Huangpu: the former Huangpu and Luogang under the old code"},
	"440117": {from: "2014-02-12", source: year2014, noteZH: "原县级从化市（440184）", noteEN: "was the county-level city 440184"},
	"440118": {from: "2014-02-12", source: year2014, noteZH: "原县级增城市（440183）", noteEN: "was the county-level city 440183"},
}

var retired = []division{
	{"440102", "东山区", "district", "440100", "", "2005-04-28", "Dongshan", year2005, "并入越秀区（440104）", "merged into 440104 Yuexiu"},
	{"440107", "芳村区", "district", "440100", "", "2005-04-28", "Fangcun", year2005, "并入荔湾区（440103）", "merged into 440103 Liwan"},
	{"440112", "黄埔区", "district", "440100", "", "2014-02-12", "Huangpu", year2014, "原黄埔区，与萝岗区（440116）合并为新的黄埔区，代码不变", "the former Huangpu, merged with 440116 into the new 440112"},
	{"440116", "萝岗区", "district", "440100", "2005-04-28", "2014-02-12", "Luogang", year2014, "并入新的黄埔区（440112）", "merged into the new 440112 Huangpu"},
	{"440181", "番禺市", "district", "440100", "", "2000-05-21", "Panyu City", unseen, "改设番禺区（440113）；日期待核", "became 440113 Panyu; date unverified"},
	{"440182", "花都市", "district", "440100", "", "2000-05-21", "Huadu City", unseen, "改设花都区（440114）；日期待核", "became 440114 Huadu; date unverified"},
	{"440183", "增城市", "district", "440100", "", "2014-02-12", "Zengcheng City", year2014, "改设增城区（440118）", "became 440118 Zengcheng"},
	{"440184", "从化市", "district", "440100", "", "2014-02-12", "Conghua City", year2014, "改设从化区（440117）", "became 440117 Conghua"},
}

var english = map[string]string{
	"440000": "Guangdong", "810000": "Hong Kong", "820000": "Macao",
	"440100": "Guangzhou", "440200": "Shaoguan", "440300": "Shenzhen", "440400": "Zhuhai",
	"440500": "Shantou", "440600": "Foshan", "440700": "Jiangmen", "440800": "Zhanjiang",
	"440900": "Maoming", "441200": "Zhaoqing", "441300": "Huizhou", "441400": "Meizhou",
	"441500": "Shanwei", "441600": "Heyuan", "441700": "Yangjiang", "441800": "Qingyuan",
	"441900": "Dongguan", "442000": "Zhongshan", "445100": "Chaozhou", "445200": "Jieyang",
	"445300": "Yunfu",
	"440103": "Liwan", "440104": "Yuexiu", "440105": "Haizhu", "440106": "Tianhe",
	"440111": "Baiyun", "440112": "Huangpu", "440113": "Panyu", "440114": "Huadu",
	"440115": "Nansha", "440117": "Conghua", "440118": "Zengcheng",
}

func writeDivisions(path string, rows []division) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	w := csv.NewWriter(f)
	records := [][]string{{"code", "name", "name_en", "level", "parent", "valid_from", "valid_to", "source_id", "note_zh", "note_en"}}
	for _, r := range rows {
		records = append(records, []string{r.code, r.name, r.english, r.level, r.parent, r.from, r.to, r.source, r.noteZH, r.noteEN})
	}
	if err := w.WriteAll(records); err != nil {
		return err
	}
	report(path, len(rows))
	return f.Close()
}
