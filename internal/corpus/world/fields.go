package world

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
)

//go:embed fields.csv
var fieldsCSV string

// node is a domain, field, subfield or topic of OpenAlex.
type node struct {
	level          string
	id, parent     int64
	nameEN, nameZH string
}

// firstField is the lowest id of the 26 fields, which follow each other.
const (
	firstField = 11
	fields     = 26
)

// habit is how the works of a field look; shapes from common knowledge of the
// fields, not measured.
type habit struct {
	share      float64 // of all works
	authors    float64 // mean of a work
	cited      float64 // mean citations of an article in its whole life
	references float64 // mean
	consortium float64 // share of works of a large collaboration
}

// habits are by field, from Agricultural and Biological Sciences (11) to Health
// Professions (36).
var habits = [fields]habit{
	{5.5, 4.6, 18, 42, 0}, {3.5, 1.5, 4, 28, 0}, {7.0, 6.0, 30, 46, 0.0002}, {2.5, 2.6, 20, 50, 0},
	{1.5, 4.8, 24, 42, 0}, {4.5, 5.0, 26, 44, 0}, {8.5, 3.4, 20, 32, 0}, {1.2, 2.7, 16, 36, 0},
	{2.5, 4.4, 22, 48, 0.0003}, {2.2, 2.3, 15, 38, 0}, {2.2, 4.4, 28, 40, 0}, {12.0, 3.8, 18, 32, 0},
	{4.5, 4.6, 26, 48, 0}, {1.8, 6.6, 28, 46, 0}, {5.5, 5.2, 30, 44, 0}, {3.0, 2.2, 9, 26, 0},
	{15.0, 6.2, 19, 36, 0.0004}, {2.2, 5.4, 28, 52, 0.0001}, {1.0, 4.4, 12, 36, 0}, {1.2, 5.6, 18, 42, 0},
	{5.5, 5.0, 20, 38, 0.004}, {3.0, 3.6, 22, 50, 0}, {9.0, 2.2, 10, 40, 0}, {0.6, 5.2, 12, 36, 0},
	{0.6, 5.0, 14, 34, 0}, {1.0, 4.6, 12, 34, 0},
}

func readFields() ([]node, error) {
	r := csv.NewReader(strings.NewReader(fieldsCSV))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("fields.csv: %w", err)
	}
	nodes := make([]node, 0, len(rows)-1)
	for _, row := range rows[1:] {
		n := node{level: row[0], nameEN: row[3], nameZH: row[4]}
		if n.id, err = strconv.ParseInt(row[1], 10, 64); err != nil {
			return nil, fmt.Errorf("fields.csv: %w", err)
		}
		if row[2] != "" {
			if n.parent, err = strconv.ParseInt(row[2], 10, 64); err != nil {
				return nil, fmt.Errorf("fields.csv: %w", err)
			}
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// topic is a topic with what is above it.
type topic struct {
	id       int64
	subfield int64
	field    int // index
	node     int
}

// topicsOf returns the topics and, for each field, a pick of them: some are
// larger than others.
func topicsOf(nodes []node, seed uint64) ([]topic, [fields]pick) {
	fieldOf := map[int64]int{}
	for _, n := range nodes {
		if n.level == "subfield" {
			fieldOf[n.id] = int(n.parent) - firstField
		}
	}
	var topics []topic
	var by [fields]picker
	for i, n := range nodes {
		if n.level != "topic" {
			continue
		}
		f := fieldOf[n.parent]
		s := newStream(seed, ofWorld, n.id)
		by[f].add(len(topics), s.lognormal(1, 0.8))
		topics = append(topics, topic{id: n.id, subfield: n.parent, field: f, node: i})
	}
	var picks [fields]pick
	for f := range by {
		picks[f] = by[f].seal()
	}
	return topics, picks
}
