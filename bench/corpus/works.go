//go:build ignore

// Works writes invented works in the layout of an OpenAlex snapshot, with every
// field that a real record has: go run works.go N FILES FOLDER [gz].
package main

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	files, _ := strconv.Atoi(os.Args[2])
	for f := range files {
		if err := file(f, n/files, os.Args[3], len(os.Args) > 4); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func file(f, n int, dir string, packed bool) error {
	dir = filepath.Join(dir, "data", "jsonl", "works", fmt.Sprintf("updated_date=2026-%02d-01", f%12+1))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	name := filepath.Join(dir, fmt.Sprintf("part_%04d.jsonl", f))
	if packed {
		name = filepath.Join(dir, fmt.Sprintf("part_%04d.gz", f))
	}
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer out.Close()
	var to io.Writer = out
	if packed {
		z := gzip.NewWriter(out)
		defer z.Close()
		to = z
	}
	w := bufio.NewWriterSize(to, 1<<20)
	defer w.Flush()
	r := rand.New(rand.NewPCG(uint64(f), 7))
	for i := range n {
		record(w, r, int64(f*n+i)*7+4000000000)
	}
	return nil
}

var words = []string{"the", "of", "and", "graphene", "catalyst", "in", "measured", "with", "a", "cells", "we", "show", "that", "regional", "innovation", "networks", "deep", "learning", "model", "protein", "for", "is", "on", "quantum", "transport", "temperature", "results", "large", "scale", "policy"}

func record(w *bufio.Writer, r *rand.Rand, id int64) {
	year := 2015 + r.IntN(10)
	field := 11 + r.IntN(26)
	title := ""
	for range 6 + r.IntN(9) {
		title += words[r.IntN(len(words))] + " "
	}
	source := r.IntN(20000) + 1
	fmt.Fprintf(w, `{"id":"https://openalex.org/W%d","doi":"https://doi.org/10.1000/x.%d","title":"%s","display_name":"%s","publication_year":%d,"publication_date":"%d-%02d-%02d","ids":{"openalex":"https://openalex.org/W%d","doi":"https://doi.org/10.1000/x.%d"},"language":"en",`, id, id, title, title, year, year, r.IntN(12)+1, r.IntN(28)+1, id, id)
	location := fmt.Sprintf(`{"is_oa":true,"landing_page_url":"https://doi.org/10.1000/x.%d","pdf_url":null,"source":{"id":"https://openalex.org/S%d","display_name":"Journal of %d","issn_l":"1234-%04d","issn":["1234-%04d"],"is_oa":false,"is_in_doaj":false,"is_core":true,"host_organization":"https://openalex.org/P4310320990","host_organization_name":"Elsevier BV","host_organization_lineage":["https://openalex.org/P4310320990"],"type":"journal"},"license":null,"license_id":null,"version":"publishedVersion","is_accepted":true,"is_published":true}`, id, source, source, source%10000, source%10000)
	fmt.Fprintf(w, `"primary_location":%s,"type":"article","type_crossref":"journal-article","indexed_in":["crossref"],"open_access":{"is_oa":true,"oa_status":"gold","oa_url":null,"any_repository_has_fulltext":false},"authorships":[`, location)
	authors := 1 + r.IntN(9)
	for a := range authors {
		if a > 0 {
			w.WriteByte(',')
		}
		inst := r.IntN(30000) + 1
		text := fmt.Sprintf("Department of %s, University %d, Road %d, City %d", words[r.IntN(len(words))], inst, inst%100, inst%300)
		country := []string{"CN", "US", "GB", "DE", "JP"}[inst%5]
		fmt.Fprintf(w, `{"author_position":"middle","author":{"id":"https://openalex.org/A%d","display_name":"Author %d","orcid":null},"institutions":[{"id":"https://openalex.org/I%d","display_name":"University %d","ror":"https://ror.org/0%06d","country_code":"%s","type":"education","lineage":["https://openalex.org/I%d"]}],"countries":["%s"],"is_corresponding":false,"raw_author_name":"Author %d","raw_affiliation_strings":["%s"],"affiliations":[{"raw_affiliation_string":"%s","institution_ids":["https://openalex.org/I%d"]}]}`,
			5000000000+r.Int64N(3000000), id, inst, inst, inst, country, inst, country, a, text, text, inst)
	}
	subfield := field*100 + r.IntN(12)
	topic := 10000 + subfield
	one := fmt.Sprintf(`{"id":"https://openalex.org/T%d","display_name":"Topic %d","score":0.99,"subfield":{"id":"https://openalex.org/subfields/%d","display_name":"Subfield %d"},"field":{"id":"https://openalex.org/fields/%d","display_name":"Field %d"},"domain":{"id":"https://openalex.org/domains/%d","display_name":"Domain"}}`, topic, topic, subfield, subfield, field, field, field%4+1)
	cited := int64(r.ExpFloat64() * 12)
	fmt.Fprintf(w, `],"institution_assertions":[],"countries_distinct_count":1,"institutions_distinct_count":%d,"corresponding_author_ids":[],"corresponding_institution_ids":[],"apc_list":null,"apc_paid":null,"fwci":%.4f,"has_fulltext":false,"cited_by_count":%d,"citation_normalized_percentile":{"value":0.9,"is_in_top_1_percent":false,"is_in_top_10_percent":true},"cited_by_percentile_year":{"min":90,"max":94},"biblio":{"volume":"1","issue":"2","first_page":"3","last_page":"9"},"is_retracted":false,"is_paratext":false,"primary_topic":%s,"topics":[%s,%s,%s],"keywords":[{"id":"https://openalex.org/keywords/x","display_name":"X","score":0.5}],`,
		authors, r.Float64()*3, cited, one, one, one, one)
	fmt.Fprintf(w, `"concepts":[{"id":"https://openalex.org/C86803240","wikidata":"https://www.wikidata.org/wiki/Q420","display_name":"Biology","level":0,"score":0.5},{"id":"https://openalex.org/C86803241","wikidata":"https://www.wikidata.org/wiki/Q421","display_name":"Physics","level":0,"score":0.4}],"mesh":[],"locations_count":1,"locations":[%s],"best_oa_location":%s,"sustainable_development_goals":[],"grants":[],"datasets":[],"versions":[],"referenced_works_count":30,"referenced_works":[`, location, location)
	for i := range 30 {
		if i > 0 {
			w.WriteByte(',')
		}
		fmt.Fprintf(w, `"https://openalex.org/W%d"`, 4000000000+r.Int64N(1+id-4000000000))
	}
	w.WriteString(`],"related_works":["https://openalex.org/W1","https://openalex.org/W2"],"abstract_inverted_index":{`)
	for i := range 80 {
		if i > 0 {
			w.WriteByte(',')
		}
		fmt.Fprintf(w, `"%s%d":[%d,%d]`, words[r.IntN(len(words))], i, i, i+80)
	}
	w.WriteString(`},"cited_by_api_url":"https://api.openalex.org/works?filter=cites:W1","counts_by_year":[`)
	for y := year; y < year+3; y++ {
		if y > year {
			w.WriteByte(',')
		}
		fmt.Fprintf(w, `{"year":%d,"cited_by_count":%d}`, y, cited/4)
	}
	fmt.Fprintf(w, `],"updated_date":"2026-06-01T00:00:00.000000","created_date":"%d-01-01"}`+"\n", year)
}
