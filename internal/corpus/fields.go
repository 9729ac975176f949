package corpus

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
)

// fieldNames are the fields and domains of OpenAlex, with our Chinese for them.
var fieldNames = map[int64][2]string{
	11: {"Agricultural and Biological Sciences", "农业与生物科学"}, 12: {"Arts and Humanities", "艺术与人文"},
	13: {"Biochemistry, Genetics and Molecular Biology", "生物化学、遗传学与分子生物学"}, 14: {"Business, Management and Accounting", "商业、管理与会计"},
	15: {"Chemical Engineering", "化学工程"}, 16: {"Chemistry", "化学"}, 17: {"Computer Science", "计算机科学"}, 18: {"Decision Sciences", "决策科学"},
	19: {"Earth and Planetary Sciences", "地球与行星科学"}, 20: {"Economics, Econometrics and Finance", "经济学、计量经济学与金融"}, 21: {"Energy", "能源"},
	22: {"Engineering", "工程"}, 23: {"Environmental Science", "环境科学"}, 24: {"Immunology and Microbiology", "免疫学与微生物学"},
	25: {"Materials Science", "材料科学"}, 26: {"Mathematics", "数学"}, 27: {"Medicine", "医学"}, 28: {"Neuroscience", "神经科学"}, 29: {"Nursing", "护理学"},
	30: {"Pharmacology, Toxicology and Pharmaceutics", "药理学、毒理学与药剂学"}, 31: {"Physics and Astronomy", "物理学与天文学"}, 32: {"Psychology", "心理学"},
	33: {"Social Sciences", "社会科学"}, 34: {"Veterinary", "兽医学"}, 35: {"Dentistry", "牙医学"}, 36: {"Health Professions", "卫生职业"},
}

var domainNames = map[int64][2]string{1: {"Life Sciences", "生命科学"}, 2: {"Social Sciences", "社会科学"}, 3: {"Physical Sciences", "物质科学"}, 4: {"Health Sciences", "健康科学"}}

// fieldDomains is the domain of each of the 26 fields.
var fieldDomains = map[int64]int64{11: 1, 13: 1, 24: 1, 28: 1, 30: 1, 12: 2, 14: 2, 18: 2, 20: 2, 32: 2, 33: 2, 15: 3, 16: 3, 17: 3, 19: 3, 21: 3, 22: 3, 23: 3, 25: 3, 26: 3, 31: 3,
	27: 4, 29: 4, 34: 4, 35: 4, 36: 4}

// fieldByName finds a field by its English name, 0 when there is none.
func fieldByName(name string) int64 {
	for id, names := range fieldNames {
		if names[0] == name {
			return id
		}
	}
	return 0
}

type fieldRow struct {
	id     int64
	level  string
	parent int64
	en, zh string
}

// writeFields makes the table field of the topics met: the 26 fields and the
// domains are always there.
func writeFields(dir string, topics map[int64]stagedTopic, press *presser) (finished, error) {
	rows := map[[2]any]fieldRow{}
	put := func(r fieldRow) {
		if r.id != 0 {
			rows[[2]any{r.level, r.id}] = r
		}
	}
	for id, n := range domainNames {
		put(fieldRow{id, "domain", 0, n[0], n[1]})
	}
	for id, n := range fieldNames {
		put(fieldRow{id, "field", fieldDomains[id], n[0], n[1]})
	}
	for _, id := range slices.Sorted(maps.Keys(topics)) {
		t := topics[id]
		put(fieldRow{id, "topic", t.Subfield, t.Name, ""})
		put(fieldRow{t.Subfield, "subfield", t.Field, t.Names[0], ""})
		if _, known := fieldNames[t.Field]; !known {
			put(fieldRow{t.Field, "field", t.Domain, t.Names[1], ""})
		}
	}
	var list []fieldRow
	for _, r := range rows {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b fieldRow) int { return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.id, b.id)) })
	table, _ := TableOf("field")
	f := newParquetFile(filepath.Join(dir, ".tmp-field.parquet"), table, press)
	for _, r := range list {
		f.cols[0].int(r.id)
		f.cols[1].text([]byte(r.level))
		f.cols[2].known(r.parent)
		f.cols[3].text([]byte(r.en))
		f.cols[4].text([]byte(r.zh))
		if err := f.endRow(); err != nil {
			return finished{}, err
		}
	}
	return finished{"field", 0, int64(len(list)), f.path}, f.finish()
}

// writeSources makes the table source.
func writeSources(dir string, sources map[int64]stagedSource, press *presser) (finished, error) {
	var ids []int64
	for id := range sources {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	table, _ := TableOf("source")
	f := newParquetFile(filepath.Join(dir, ".tmp-source.parquet"), table, press)
	for _, id := range ids {
		s := sources[id]
		f.cols[0].int(id)
		f.cols[1].text([]byte(s.Name))
		f.cols[2].text([]byte(s.ISSN))
		f.cols[3].text([]byte(s.Kind))
		if err := f.endRow(); err != nil {
			return finished{}, err
		}
	}
	return finished{"source", 0, int64(len(ids)), f.path}, f.finish()
}
