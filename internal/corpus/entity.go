package corpus

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"math"
	"strconv"
)

// entityFiles reads the records of institutions, topics and sources, which say
// more than a work does of them. The newest record of an id counts: the inputs
// come in the order of their partitions. Their faults are told under names of
// their own, since a record of them is no work.
func (r *run) entityFiles(ctx context.Context, f found, sources map[int64]stagedSource, topics map[int64]stagedTopic) (map[int64]*institution, error) {
	e := entityReader{institutions: map[int64]*institution{}, sources: map[int64]stagedSource{}, topics: map[int64]stagedTopic{}}
	for i := range f.inputs {
		in := &f.inputs[i]
		if in.entity == "works" {
			continue
		}
		e.notes = newNotes(in.name)
		if err := e.file(ctx, r, in); err != nil {
			return nil, err
		}
		r.report.join(e.asEntity(), 0)
	}
	maps.Copy(sources, e.sources)
	maps.Copy(topics, e.topics)
	return e.institutions, nil
}

// entityReader reads records that are not works. The reader of works lends it
// its way with fields and their faults.
type entityReader struct {
	workReader
	institutions map[int64]*institution
	sources      map[int64]stagedSource
	topics       map[int64]stagedTopic
}

// asEntity is what was noted, under names that are not those of works.
func (e *entityReader) asEntity() *notes {
	out := newNotes(e.notes.File)
	for kind, f := range e.notes.Faults {
		if !ofFile[kind] {
			kind = "entity_" + kind
		}
		out.Faults[kind] = f
	}
	return out
}

func (e *entityReader) file(ctx context.Context, r *run, in *input) error {
	line := func(b []byte, oversize bool) {
		e.notes.line++
		switch {
		case len(b) == 0:
		case oversize:
			e.notes.add(faultOversize, clip(b, sampleLength))
		case e.record(b, in.entity) != nil:
			e.notes.add(faultBrokenLine, clip(b, sampleLength))
		}
	}
	if in.format == "parquet" {
		return r.parquetRows(ctx, in.path, func(b []byte) error { line(b, len(b) > lineMost); return nil })
	}
	t, err := openText(in.path)
	if err != nil {
		return err
	}
	defer t.Close()
	l := newLineReader(t)
	b := builder{notes: e.notes}
	for ctx.Err() == nil {
		text, oversize, err := l.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return b.damaged(in, err)
		}
		line(text, oversize)
	}
	return ctx.Err()
}

func (e *entityReader) record(line []byte, entity string) error {
	e.scanner.reset(line)
	e.work.reset()
	var err error
	switch entity {
	case "institutions":
		err = e.institutionRecord()
	case "topics":
		err = e.topicRecord()
	case "sources":
		err = e.sourceRecord()
	}
	if err == nil {
		err = e.end()
	}
	return err
}

func (e *entityReader) fields(fn func(name []byte) error) error {
	ok, err := e.object(fn)
	if err == nil && !ok {
		err = errBroken
	}
	return err
}

func (e *entityReader) institutionRecord() error {
	in := newInstitution(0)
	var ror, name, kind []byte
	err := e.fields(func(field []byte) error {
		switch string(field) {
		case "id":
			return e.idValue('I', "id", &in.number)
		case "ror":
			return e.cleanText("ror", &ror)
		case "display_name":
			return e.cleanText("display_name", &name)
		case "type":
			return e.cleanText("type", &kind)
		case "country_code":
			b, k, err := e.textValue()
			in.country = countryCode(b)
			return e.typed(k, "country_code", err)
		case "geo":
			return e.objectOrNull("geo", func(field []byte) error { return e.geo(in, field) })
		case "international":
			return e.objectOrNull("international", func(field []byte) error { return e.international(in, field) })
		case "lineage":
			return e.arrayOrNull("lineage", func() error {
				var up int64
				err := e.idValue('I', "lineage[]", &up)
				if up > 0 {
					in.above = append(in.above, up)
				}
				return err
			})
		case "associated_institutions":
			return e.arrayOrNull("associated_institutions", func() error { return e.associated(in) })
		}
		return e.skip()
	})
	in.ror, in.nameEN, in.kind = string(ror), string(name), string(kind)
	if err != nil || in.number <= 0 {
		return errOr(err, e.badID())
	}
	if in.kind != "healthcare" {
		in.associated = nil
	}
	if math.Abs(in.lat) > 90 || math.Abs(in.lon) > 180 {
		e.notes.add(faultBadCoordinates, "I"+strconv.FormatInt(in.number, 10)+" · "+strconv.FormatFloat(in.lat, 'f', -1, 64)+", "+strconv.FormatFloat(in.lon, 'f', -1, 64))
		in.lat, in.lon = math.NaN(), math.NaN()
	}
	e.institutions[in.number] = in
	return nil
}

// badID notes a record without a usable id; it is no broken line.
func (e *entityReader) badID() error {
	e.notes.add(faultBadID, clip(e.b, sampleLength))
	return nil
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (e *entityReader) geo(in *institution, field []byte) error {
	switch string(field) {
	case "city":
		b, k, err := e.textValue()
		in.cityEN = string(bytes.ToValidUTF8(b, nil))
		return e.typed(k, "geo.city", err)
	case "geonames_city_id":
		if c := e.space(); c == '"' {
			b, _, err := e.textValue()
			in.geonames, _ = whole64(b)
			return err
		}
		v, k, err := e.intValue()
		in.geonames = v
		return e.typed(k, "geo.geonames_city_id", err)
	case "latitude", "longitude":
		v, k, err := e.realValue()
		if k == isThere && field[1] == 'a' {
			in.lat = v
		} else if k == isThere {
			in.lon = v
		}
		return e.typed(k, "geo."+string(field), err)
	}
	return e.skip()
}

func (e *entityReader) international(in *institution, field []byte) error {
	if string(field) != "display_name" {
		return e.skip()
	}
	return e.objectOrNull("international.display_name", func(lang []byte) error {
		switch string(lang) {
		case "zh", "zh-cn", "zh-hans":
			if in.nameZH != "" && string(lang) != "zh-cn" {
				return e.skip()
			}
			b, k, err := e.textValue()
			in.nameZH = string(bytes.ToValidUTF8(b, nil))
			return e.typed(k, "international.display_name", err)
		}
		return e.skip()
	})
}

// associated reads one related institution. A hospital's related university is
// one that it is associated with.
func (e *entityReader) associated(in *institution) error {
	var id int64
	var relation, kind []byte
	err := e.objectOrNull("associated_institutions[]", func(field []byte) error {
		switch string(field) {
		case "id":
			return e.idValue('I', "associated_institutions.id", &id)
		case "relationship":
			return e.cleanText("associated_institutions.relationship", &relation)
		case "type":
			return e.cleanText("associated_institutions.type", &kind)
		}
		return e.skip()
	})
	if string(relation) == "related" && string(kind) == "education" && id > 0 {
		in.associated = append(in.associated, id)
	}
	return err
}

func (e *entityReader) topicRecord() error {
	var id, domain int64
	var t stagedTopic
	var name []byte
	var names [3][]byte
	level := func(to *int64, name *[]byte) error {
		return e.objectOrNull("level", func(field []byte) error {
			switch string(field) {
			case "id":
				return e.levelID(to)
			case "display_name":
				return e.cleanText("display_name", name)
			}
			return e.skip()
		})
	}
	err := e.fields(func(field []byte) error {
		switch string(field) {
		case "id":
			return e.idValue('T', "id", &id)
		case "display_name":
			return e.cleanText("display_name", &name)
		case "subfield":
			return level(&t.Subfield, &names[0])
		case "field":
			return level(&t.Field, &names[1])
		case "domain":
			return level(&domain, &names[2])
		}
		return e.skip()
	})
	if err != nil || id <= 0 {
		return errOr(err, e.badID())
	}
	t.Name, t.Domain, t.Names = string(name), domain, [3]string{string(names[0]), string(names[1]), string(names[2])}
	e.topics[id] = t
	return nil
}

func (e *entityReader) sourceRecord() error {
	var id int64
	var name, issn, kind []byte
	err := e.fields(func(field []byte) error {
		switch string(field) {
		case "id":
			return e.idValue('S', "id", &id)
		case "display_name":
			return e.cleanText("display_name", &name)
		case "issn_l":
			return e.cleanText("issn_l", &issn)
		case "type":
			return e.cleanText("type", &kind)
		}
		return e.skip()
	})
	if err != nil || id <= 0 {
		return errOr(err, e.badID())
	}
	e.sources[id] = stagedSource{string(name), string(issn), string(kind)}
	return nil
}
