package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var someCities = []string{"广州", "深圳", "连云港"}

func TestMend(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		list []affiliation
		head string
		want []affiliation
	}{
		{"cut in the middle of a word", []affiliation{{Org: "广东省科", City: "学院广州", Postcode: "510070"}}, "",
			[]affiliation{{Org: "广东省科学院", City: "广州", Postcode: "510070"}}},
		{"a province before the city is no part of the name", []affiliation{{Org: "神经内科", City: "广东广州"}}, "",
			[]affiliation{{Org: "神经内科", City: "广州"}}},
		{"a sub-unit alone takes the body before it", []affiliation{{Org: "计算机学院", City: "广州"}}, "（1. 广东工业大学 计算机学院，广州 510006）",
			[]affiliation{{Org: "广东工业大学 计算机学院", City: "广州"}}},
		{"the word before it is a name", []affiliation{{Org: "计算机学院", City: "广州"}}, "甲某某 计算机学院，广州 510006",
			[]affiliation{{Org: "计算机学院", City: "广州"}}},
		{"a name run on", []affiliation{{Org: "甲某某南方医科大学药学院", City: "广州"}}, "",
			[]affiliation{{Org: "南方医科大学药学院", City: "广州"}}},
		{"a name before a bracket", []affiliation{{Org: "甲某某（中山大学岭南（大学）学院", City: "广州"}}, "",
			[]affiliation{{Org: "中山大学岭南（大学）学院", City: "广州"}}},
		{"twice the same", []affiliation{{Org: "暨南大学", City: "广州"}, {Org: "暨南大学", City: "广州"}}, "",
			[]affiliation{{Org: "暨南大学", City: "广州"}}},
		{"from an English head", nil, "Some One1, Some Other2\n\n1 School of Physics, Sun Yat-sen University, Guangzhou 510275, China; 2 Nowhere",
			[]affiliation{{Org: "School of Physics, Sun Yat-sen University", City: "Guangzhou", Postcode: "510275", From: "head"}}},
		{"the city inside a name is no place", nil, "The Second Affiliated Hospital of Guangzhou Medical University, Guangzhou, China",
			[]affiliation{{Org: "The Second Affiliated Hospital of Guangzhou Medical University", City: "Guangzhou", From: "head"}}},
		{"only about the city", nil, "以广州市增城区为例，研究生态经济区划。", []affiliation{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, mend(c.list, c.head, someCities)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCleanFunding(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"广东省科技计划项目(2015A020214017)作者简介：甲某,主治医师": "广东省科技计划项目(2015A020214017)",
		"国家自然科学基金(31860047)":                    "国家自然科学基金(31860047)",
		"基金项目；a.b@example.org":                  "",
		"基金项目，电话13800000000":                    "",
		"国家自然科学基金(13812345678901)":              "国家自然科学基金(13812345678901)",
	} {
		if got := cleanFunding(in); got != want {
			t.Errorf("cleanFunding(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestParseRORBothSchemas(t *testing.T) {
	t.Parallel()
	v1, err := parseROR([]byte(`{"id":"https://ror.org/1","name":"One","aliases":["A"],"labels":[{"label":"一"}],"country":{"country_code":"CN"},"relationships":[{"type":"Parent","id":"https://ror.org/2"}],"external_ids":{"GRID":{"preferred":"x"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	v2, err := parseROR([]byte(`{"id":"https://ror.org/2","names":[{"value":"Two","types":["label"]},{"value":"TW","types":["acronym"]}],"locations":[{"geonames_details":{"country_code":"HK"}}],"relationships":[{"type":"child","id":"https://ror.org/1"}],"external_ids":[{"preferred":"y"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"One", "A", "一"}, v1.names); d != "" || v1.country != "CN" || v1.related[0] != "https://ror.org/2" {
		t.Errorf("v1: %+v %s", v1, d)
	}
	if d := cmp.Diff([]string{"Two"}, v2.names); d != "" || v2.country != "HK" || v2.related[0] != "https://ror.org/1" {
		t.Errorf("v2: %+v %s", v2, d)
	}
}

func TestNamedInNeedsWholeWords(t *testing.T) {
	t.Parallel()
	records := []rorRecord{{id: "a", names: []string{"Jinan University"}}, {id: "b", names: []string{"Otis"}}}
	got := namedIn([]string{"School of Physics, JINAN University; Otis", "Jinan Universityx"}, records)
	if d := cmp.Diff(map[string]bool{"a": true}, got); d != "" {
		t.Error(d)
	}
}

func TestParentOfDivision(t *testing.T) {
	t.Parallel()
	known := map[string]bool{"440000": true, "440100": true, "110000": true}
	for code, want := range map[string]string{"440103": "440100", "110101": "110000", "440100": "440000"} {
		level := "district"
		if code == "440100" {
			level = "city"
		}
		if got := parentOf(code, level, known); got != want {
			t.Errorf("parentOf(%s) = %s, want %s", code, got, want)
		}
	}
}
