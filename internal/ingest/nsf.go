package ingest

import (
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry/resolve"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

var nsfSource = source.Source{ID: "nsf-awards", Kind: "dataset", Title: i18n.Text{ZH: "美国国家科学基金会资助项目", EN: "NSF awards"},
	Publisher: "U.S. National Science Foundation", URL: "https://www.nsf.gov/awardsearch/", Licence: "U.S. Government work", LicenceTag: source.Green}

// nsfColumns are the columns that are read; what else stands in the file is
// told as left out.
var nsfColumns = []string{"award_id", "program_prefix", "title_clean", "pi_first", "pi_last", "institution", "division_full", "program_name", "start_date", "end_date", "abstract"}

// noResearch are awards that pay for a meeting, a journey or teaching: no
// result comes of them.
var noResearch = regexp.MustCompile(`(?i)\b(conference|travel|workshop|symposium|REU site|RET site)\b`)

// readNSF reads awards. An award is a project that has money, not a result: it
// is kept as one at an early stage, and says so. In what form it may be had,
// and what it costs, is not known; the amount of the award is no price.
func readNSF(ctx context.Context, j *job, f *feed) error {
	t, err := j.openTable()
	if err != nil {
		return err
	}
	defer t.close()
	at := map[string]int{}
	for _, name := range nsfColumns {
		i := slices.Index(t.header(), name)
		if i < 0 {
			return errs.New(errs.Invalid, "transfer.not_nsf", errs.A{"file": j.file.name, "column": name})
		}
		at[name] = i
	}
	b, left := j.builder(ctx), leftOut{}
	for {
		in, err := t.next()
		if errors.Is(err, io.EOF) {
			left.tell(j)
			return nil
		}
		if err != nil {
			return err
		}
		it, id := &item{number: in.number, cells: in.cells}, ""
		if in.fault != nil {
			it.fault = in.fault
		} else if it.record, id, err = parseNSF(b, t.header(), in.cells, at, left); err != nil {
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

func parseNSF(b *builder, heads, cells []string, at map[string]int, left leftOut) (any, string, error) {
	get := func(name string) string { return strings.TrimSpace(cells[at[name]]) }
	if get("award_id") == "" || get("title_clean") == "" {
		return nil, "", errs.New(errs.Invalid, "transfer.nsf_row")
	}
	if kind := noResearch.FindString(get("program_prefix")); kind != "" {
		return nil, "", fault("transfer.nsf_no_research", "program_prefix", errs.A{"kind": kind})
	}
	for i, head := range heads {
		if _, read := at[head]; !read && strings.TrimSpace(cells[i]) != "" {
			left[head]++
		}
	}
	from, to := usDay(get("start_date")), usDay(get("end_date"))
	r := transfer.Result{
		Common: transfer.Common{Key: "nsf:" + get("award_id"), Title: i18n.Text{EN: cleanText(get("title_clean"), 1000)}, Summary: i18n.Text{EN: paragraphs(get("abstract"))},
			OwnerText: cleanText(get("institution"), 500), Level: level.Public, SourceID: b.j.srcID, Evidence: "NSF award " + get("award_id"),
			Note: i18n.Text{ZH: "资助项目，尚不是成果：" + from + " 至 " + to, EN: "A funded project, not a result yet: " + from + " to " + to}},
		Type: transfer.OtherType, Stage: transfer.Early,
		Team: []transfer.Member{{Name: cleanText(get("pi_first")+" "+get("pi_last"), 200), Role: "principal investigator"}},
	}
	for _, k := range []string{get("program_name"), get("division_full"), get("program_prefix")} {
		if k != "" {
			r.Fields.Keywords = append(r.Fields.Keywords, cutBytes(cleanText(k, 100), 100))
		}
	}
	r.OwnerID = b.owner(r.OwnerText, resolve.Hint{Country: "US"})
	if r.OwnerID == "" && r.OwnerText != "" {
		left["institution without organisation"]++
	}
	return r, r.Key, nil
}

// usDay turns "08/01/2026" into "2026-08-01"; "?" when it is written otherwise.
func usDay(text string) string {
	t, err := time.Parse("01/02/2006", text)
	if err != nil {
		return "?"
	}
	return t.Format(time.DateOnly)
}
