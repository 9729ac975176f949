package corpus

import (
	"maps"
	"slices"
)

// The kinds of faults. What they mean is in docs and in the catalogue under
// "corpus.fault_…".
const (
	faultBrokenLine        = "broken_line"
	faultOversize          = "oversize_line"
	faultBadID             = "bad_id"
	faultNoYear            = "no_year"
	faultBadYear           = "bad_year"
	faultOlder             = "older_version"
	faultDuplicate         = "duplicate_id"
	faultDeleted           = "deleted"
	faultNoPlace           = "no_place"
	faultNoAuthors         = "no_authors"
	faultCutList           = "cut_list_without_count"
	faultWrongType         = "wrong_type"
	faultNegative          = "negative_number"
	faultNegativeCitations = "negative_citations"
	faultBadDate           = "bad_date"
	faultBadText           = "bad_text"
	faultBadReference      = "bad_reference"
	faultBadCoordinates    = "coordinates_out_of_range"
	faultSentinel          = "sentinel_institution"
	faultNoInventors       = "no_inventors"
	faultNoPatent          = "inventor_without_patent"
	faultNoCoordinates     = "no_coordinates"
	faultFileTruncated     = "file_truncated"
	faultFileBomb          = "file_bomb"
	faultFileUnreadable    = "file_unreadable"
)

// dropped are the faults that keep a record out of the corpus. A record has one
// of them at most, so that the records read are those kept and those dropped.
var dropped = map[string]bool{faultBrokenLine: true, faultOversize: true, faultBadID: true, faultNoYear: true, faultOlder: true,
	faultDuplicate: true, faultDeleted: true, faultNoPlace: true, faultNoPatent: true}

// ofFile are the faults of whole files: they are no records.
var ofFile = map[string]bool{faultFileTruncated: true, faultFileBomb: true, faultFileUnreadable: true}

const (
	samplesShown = 5
	sampleLength = 160
	unknownMost  = 500 // distinct names of unknown fields that are told apart
)

// notes collects what a part of the input shows, with lines counted from where
// the part begins.
type notes struct {
	Read    int64            `json:"read"`
	Faults  map[string]Fault `json:"faults"`
	Unknown map[string]int64 `json:"unknown"`
	File    string           `json:"file"`
	line    int64            // the one being read
}

func newNotes(file string) *notes {
	return &notes{Faults: map[string]Fault{}, Unknown: map[string]int64{}, File: file}
}

func (n *notes) add(kind, text string) { n.at(kind, n.line, text) }

func (n *notes) at(kind string, line int64, text string) {
	f := n.Faults[kind]
	f.Count++
	f.Kept = !dropped[kind] && !ofFile[kind]
	if len(f.Samples) < samplesShown {
		f.Samples = append(f.Samples, Sample{File: n.File, Line: line, Text: clip([]byte(text), sampleLength)})
	}
	n.Faults[kind] = f
}

// field counts an unknown field.
func (n *notes) field(of string, name []byte) {
	if of == "" {
		n.unknown(clip(name, 60), 1)
		return
	}
	n.unknown(of+"."+clip(name, 60), 1)
}

func (n *notes) unknown(name string, count int64) {
	if _, known := n.Unknown[name]; !known && len(n.Unknown) >= unknownMost {
		name = "…"
	}
	n.Unknown[name] += count
}

// join adds the notes of the part that follows; its lines begin after before.
func (n *notes) join(o *notes, before int64) {
	n.Read += o.Read
	for _, kind := range slices.Sorted(maps.Keys(o.Faults)) {
		more, f := o.Faults[kind], n.Faults[kind]
		f.Count, f.Kept = f.Count+more.Count, more.Kept
		for _, s := range more.Samples {
			if len(f.Samples) < samplesShown {
				s.Line += before
				f.Samples = append(f.Samples, s)
			}
		}
		n.Faults[kind] = f
	}
	for _, name := range slices.Sorted(maps.Keys(o.Unknown)) {
		n.unknown(name, o.Unknown[name])
	}
}

// report is what the manifest keeps.
func (n *notes) report(kept int64) Report {
	return Report{Read: n.Read, Kept: kept, Faults: n.Faults, Unknown: n.Unknown}
}
