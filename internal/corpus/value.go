package corpus

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"
)

// unknown counts a field that the format does not have.
func (r *workReader) unknown(of string, name []byte) error {
	r.notes.field(of, name)
	return r.skip()
}

// typed notes a value of the wrong type; the field stays unknown.
func (r *workReader) typed(k kindOf, field string, err error) error {
	if err == nil && k == isOther {
		r.notes.add(faultWrongType, field+" · "+r.name())
	}
	return err
}

func (r *workReader) objectOrNull(field string, fn func([]byte) error) error {
	if r.space() == 'n' {
		return r.word("null")
	}
	ok, err := r.object(fn)
	if err == nil && !ok {
		r.notes.add(faultWrongType, field+" · "+r.name())
	}
	return err
}

func (r *workReader) arrayOrNull(field string, fn func() error) error {
	if r.space() == 'n' {
		return r.word("null")
	}
	ok, err := r.array(fn)
	if err == nil && !ok {
		r.notes.add(faultWrongType, field+" · "+r.name())
	}
	return err
}

// cleanText reads a text and mends what is no UTF-8.
func (r *workReader) cleanText(field string, to *[]byte) error {
	b, k, err := r.textValue()
	if k == isThere && !utf8.Valid(b) {
		b = bytes.ToValidUTF8(b, []byte("\ufffd"))
		r.notes.add(faultBadText, field+" · "+r.name())
	}
	*to = b
	return r.typed(k, field, err)
}

func (r *workReader) countValue(field string, to *int64) error {
	v, k, err := r.intValue()
	if k == isThere && v < 0 {
		kind := faultNegative
		if field == "cited_by_count" {
			kind = faultNegativeCitations
		}
		r.notes.add(kind, field+" = "+strconv.FormatInt(v, 10)+" · "+r.name())
		return err
	}
	if k == isThere {
		*to = v
	}
	return r.typed(k, field, err)
}

func (r *workReader) yearValue() error {
	v, k, err := r.intValue()
	if k == isThere {
		if v < firstYear || v > lastYear {
			r.notes.add(faultBadYear, strconv.FormatInt(v, 10)+" · "+r.name())
		} else {
			r.year = int(v)
		}
	}
	return r.typed(k, "publication_year", err)
}

// The years that a work may have.
const (
	firstYear = 1000
	lastYear  = 2999
)

func (r *workReader) dayValue(field string, to *int64) error {
	b, k, err := r.textValue()
	if k == isThere {
		day, ok := parseDay(b)
		if !ok {
			r.notes.add(faultBadDate, field+" = "+clip(b, 40)+" · "+r.name())
		}
		*to = day
	}
	return r.typed(k, field, err)
}

// parseDay reads the ISO day that a text begins with.
func parseDay(b []byte) (int64, bool) {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' || len(b) > 10 && b[10] != 'T' && b[10] != ' ' {
		return unknownDay, false
	}
	y, ok1 := whole64(b[:4])
	m, ok2 := whole64(b[5:7])
	d, ok3 := whole64(b[8:10])
	if !ok1 || !ok2 || !ok3 || y < firstYear || m < 1 || m > 12 || d < 1 || d > 31 {
		return unknownDay, false
	}
	day := time.Date(int(y), time.Month(m), int(d), 0, 0, 0, 0, time.UTC)
	if day.Day() != int(d) {
		return unknownDay, false
	}
	return day.Unix() / 86400, true
}

func yearOfDay(day int64) int64 { return int64(time.Unix(day*86400, 0).UTC().Year()) }

func (r *workReader) fwciValue() error {
	v, k, err := r.realValue()
	if k == isThere {
		if v < 0 {
			r.notes.add(faultNegative, "fwci · "+r.name())
		} else {
			r.fwci = v
		}
	}
	return r.typed(k, "fwci", err)
}

func (r *workReader) yearEntry() error {
	var c yearCount
	ok, err := r.object(func(name []byte) error {
		switch string(name) {
		case "year":
			return r.countValue("counts_by_year.year", &c.year)
		case "cited_by_count":
			return r.countValue("counts_by_year.cited_by_count", &c.cited)
		case "works_count", "oa_works_count":
			return r.skip()
		}
		return r.unknown("counts_by_year", name)
	})
	if err == nil && !ok {
		r.notes.add(faultWrongType, "counts_by_year[] · "+r.name())
	}
	r.byYear = append(r.byYear, c)
	return err
}

func (r *workReader) referenceList() error {
	n := int64(0)
	r.references = r.references[:0]
	err := r.arrayOrNull("referenced_works", func() error {
		n++
		if !r.withRefs {
			return r.skip()
		}
		var id int64
		err := r.idValue('W', "referenced_works[]", &id)
		if id != 0 {
			r.references = append(r.references, id)
		}
		return err
	})
	if r.refs < 0 {
		r.refs = n
	}
	return err
}

// idValue reads an id such as "https://openalex.org/W123".
func (r *workReader) idValue(letter byte, field string, to *int64) error {
	b, k, err := r.textValue()
	if err != nil || k != isThere {
		return r.typed(k, field, err)
	}
	id, ok := parseID(b, letter)
	if !ok {
		r.notes.add(faultBadReference, field+" = "+clip(b, 60)+" · "+r.name())
	}
	*to = id
	return nil
}

// parseID reads the number of an id, written as an address or bare.
func parseID(b []byte, letter byte) (int64, bool) {
	if at := bytes.LastIndexByte(b, '/'); at >= 0 {
		b = b[at+1:]
	}
	if len(b) > 1 && b[0]|0x20 == letter|0x20 {
		b = b[1:]
	}
	id, ok := whole64(b)
	if id == 0 || id < 0 && (letter != 'I' || id != -1) {
		return 0, false
	}
	return id, ok
}

// trimDOI takes the address off a DOI.
func trimDOI(b []byte) []byte {
	for _, prefix := range []string{"https://doi.org/", "http://doi.org/", "http://dx.doi.org/", "https://dx.doi.org/"} {
		if bytes.HasPrefix(b, []byte(prefix)) {
			return b[len(prefix):]
		}
	}
	return b
}
