package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// leftOut counts what an importer of a fixed format makes nothing of, for the
// report: "label_id (4,097)".
type leftOut map[string]int64

func (l leftOut) tell(j *job) {
	for name, n := range l {
		j.report.Unmapped = append(j.report.Unmapped, fmt.Sprintf("%s (%s)", name, i18n.Integer(n)))
	}
}

// fields counts the keys of an object that hold something, but for those that
// are read.
func (l leftOut) fields(raw []byte, read map[string]bool) {
	var all map[string]json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return // the record is rejected
	}
	for name, v := range all {
		switch string(v) {
		case `null`, `""`, `[]`, `{}`:
		default:
			if !read[name] {
				l[name]++
			}
		}
	}
}

// dataset reads JSON records of a fixed format: parse makes a record of each
// and gives its key.
func dataset(parse func(b *builder, raw []byte, left leftOut) (record any, key string, err error)) func(ctx context.Context, j *job, f *feed) error {
	return func(ctx context.Context, j *job, f *feed) error {
		in, s, err := j.openJSON()
		if err != nil {
			return err
		}
		defer s.Close()
		b, left := j.builder(ctx), leftOut{}
		for {
			raw, number, bad, err := in.next()
			if errors.Is(err, io.EOF) {
				left.tell(j)
				return nil
			}
			if err != nil {
				return err
			}
			it := &item{number: number, cells: []string{cutBytes(string(raw), rejectedRecord)}}
			id := ""
			if bad != nil {
				it.fault = bad
			} else if it.record, id, err = parse(b, raw, left); err != nil {
				it.fault, it.record = err, nil
			}
			if b.failed != nil {
				return b.failed
			}
			if err := f.emit(it, id); err != nil {
				return err
			}
		}
	}
}

// builder is one for records that no mapping describes.
func (j *job) builder(ctx context.Context) *builder {
	return &builder{ctx: ctx, j: j, refs: map[string]string{}, divisions: map[string]string{}}
}

// notOurs is the refusal of a record that has not the shape an importer reads.
func notOurs(key string, cause error) error { return errs.Wrap(cause, errs.Invalid, key) }
