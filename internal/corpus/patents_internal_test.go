package corpus

import (
	"context"
	"encoding/csv"
	"math"
	"strings"
	"testing"
)

// FuzzPatents reads tables of anything: each row that is read is taken or noted
// as dropped, once, and what is taken is on the map or nowhere.
func FuzzPatents(f *testing.F) {
	f.Add("patent_id,year,inventor,lon,lat,weight\n1,2020,a,1,2,0.5\n1,2020,a,1\n\"2,x\n")
	f.Add("patent_id,patent_date\n1,2020-01-01\n\"1,2\n2,\n")
	f.Add("from,lon,lat,patents\n2020,1,2,3\n,,,\n2020,NaN,Inf,-1\n")
	f.Add("patent_id,inventor_sequence,location_id\n1,0,x\n1,-1,x\n")
	f.Fuzz(func(t *testing.T, text string) {
		p := &patentTables{all: newNotes(""), notes: newNotes("f")}
		r := csv.NewReader(newLimited(strings.NewReader(text)))
		r.FieldsPerRecord, r.ReuseRecord, r.LazyQuotes = -1, true, true
		row, kind, err := p.head(r)
		if err != nil || kind == nil || kind.name == "location" {
			return
		}
		taken := int64(0)
		err = p.each(context.Background(), r, row, func(row patentRow) error {
			values, ok := kind.read(p, row)
			if !ok {
				return nil
			}
			taken++
			for _, v := range values {
				if x, isReal := v.(float64); isReal && math.IsInf(x, 0) {
					t.Fatalf("%q: took %v", text, values)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for kind, fault := range p.notes.Faults {
			if dropped[kind] {
				taken += fault.Count
			}
		}
		if taken != p.notes.Read {
			t.Fatalf("%q: read %d, accounted for %d: %+v", text, p.notes.Read, taken, p.notes.Faults)
		}
	})
}

// FuzzDiffusion reads rows of PatentWorld's table.
func FuzzDiffusion(f *testing.F) {
	f.Add([]byte(`{"tech_area":"AI","period_start":2010,"city":"X","lat":1.5,"lng":2,"patent_count":3}`))
	f.Add([]byte(`{"period_start":2010,"lat":null,"lng":1e400,"patent_count":"x"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p := &patentTables{notes: newNotes("f")}
		values, ok := p.diffusionRow(raw)
		n := int64(0)
		for kind, fault := range p.notes.Faults {
			if dropped[kind] {
				n += fault.Count
			}
		}
		if ok && n != 0 || !ok && n != 1 {
			t.Fatalf("%q: %v %+v", raw, values, p.notes.Faults)
		}
	})
}
