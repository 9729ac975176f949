package ingest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry/resolve"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

// The two sets of the CCF BDCI contests. Neither has a licence: they are for
// private use, and no record of them is public.
var (
	bdciNeedSource = source.Source{ID: "bdci-2019-needs", Kind: "dataset", Title: i18n.Text{ZH: "CCF BDCI 2019 技术需求", EN: "CCF BDCI 2019, technology needs of enterprises"},
		Publisher: "中国计算机学会大数据与计算智能大赛", Licence: "未注明", LicenceTag: source.Red}
	bdciPatentSource = source.Source{ID: "bdci-2022-patents", Kind: "dataset", Title: i18n.Text{ZH: "CCF BDCI 2022 专利", EN: "CCF BDCI 2022, patents"},
		Publisher: "中国计算机学会大数据与计算智能大赛", Licence: "未注明", LicenceTag: source.Red}
)

// bdciNeed is a line of Requirements.csv: id, title and text in single quotes,
// parted by a comma between blanks. There is no heading.
var bdciNeed = regexp.MustCompile(`^'([0-9A-Za-z-]{1,64})' , '(.*?)' , '(.*)'\s*$`)

// parseBDCINeed makes a need of a line. A line end within the text is written
// as the two characters \n.
func parseBDCINeed(line string) (transfer.Need, bool) {
	m := bdciNeed.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
	if m == nil {
		return transfer.Need{}, false
	}
	return transfer.Need{
		Common: transfer.Common{Key: "bdci2019:" + m[1], Title: i18n.Text{ZH: cleanText(m[2], 1000)}, Level: level.Internal, Evidence: m[1]},
		Kind:   transfer.Technical, Text: strings.TrimSpace(strings.ReplaceAll(m[3], `\n`, "\n")),
	}, true
}

func readBDCINeeds(ctx context.Context, j *job, f *feed) error {
	s, err := j.file.open()
	if err != nil {
		return err
	}
	defer s.Close()
	if kind, err := j.file.sniff(s); err != nil || kind != formatCSV {
		return cmpErr(err, errs.New(errs.Invalid, "transfer.not_bdci_needs", errs.A{"file": j.file.name}))
	}
	in, d, err := j.file.text(s, j.req.Encoding)
	if err != nil {
		return err
	}
	j.report.Detection, j.head = &d, []string{"record"}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), j.lim.Line)
	for number := int64(1); lines.Scan(); number++ {
		line := lines.Text()
		if strings.TrimSpace(line) == "" {
			continue
		}
		if number > j.lim.Rows {
			return errs.New(errs.TooLarge, "ingest.too_many_rows", errs.A{"file": j.file.name, "limit": j.lim.Rows})
		}
		it := &item{number: number, cells: []string{cutBytes(line, rejectedRecord)}}
		n, ok := parseBDCINeed(line)
		switch {
		case ok:
			n.SourceID = j.srcID
			it.record = n
		case number == 1: // another file altogether
			return errs.New(errs.Invalid, "transfer.not_bdci_needs", errs.A{"file": j.file.name})
		default:
			it.fault = fault("transfer.bdci_line", "", errs.A{"row": number})
		}
		if err := f.emit(it, n.Key); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return errs.New(errs.TooLarge, "ingest.line_long", errs.A{"file": j.file.name, "row": 1, "limit": bytesText(int64(j.lim.Line))})
	}
	return lines.Err()
}

func cmpErr(err, other error) error {
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return other
}

// bdciPatent is a line of the patents. What the classes of label_id mean was
// never published.
type bdciPatent struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Assignee string `json:"assignee"`
	Abstract string `json:"abstract"`
	Label    *int   `json:"label_id"`
}

var bdciPatentRead = map[string]bool{"id": true, "title": true, "assignee": true, "abstract": true}

// parseBDCIPatent makes a result of a patent. The set has neither numbers nor
// dates nor IPC; the kind of patent is what the abstract itself says, and where
// it says nothing no right is noted. What type of result it is, is not stated.
func parseBDCIPatent(b *builder, raw []byte, left leftOut) (any, string, error) {
	var p bdciPatent
	if err := json.Unmarshal(raw, &p); err != nil || p.ID == "" || p.Title == "" || p.Label == nil {
		return nil, "", notOurs("transfer.not_bdci_patent", err)
	}
	left.fields(raw, bdciPatentRead)
	r := transfer.Result{
		Common: transfer.Common{Key: "bdci2022:" + p.ID, Title: i18n.Text{ZH: cleanText(p.Title, 1000)}, Summary: i18n.Text{ZH: cleanText(p.Abstract, transfer.MaxText)},
			OwnerText: cleanText(p.Assignee, 500), Level: level.Internal, SourceID: b.j.srcID, Evidence: p.ID},
		Type: transfer.OtherType,
	}
	r.OwnerID = b.owner(r.OwnerText, resolve.Hint{Country: "CN"})
	if r.OwnerID == "" && r.OwnerText != "" {
		left["assignee without organisation"]++
	}
	switch {
	case strings.Contains(p.Abstract, "实用新型"):
		r.Rights = []transfer.Right{{Kind: transfer.Utility}}
	case strings.Contains(p.Abstract, "发明"):
		r.Rights = []transfer.Right{{Kind: transfer.Invention}}
	default:
		left["kind of patent not stated"]++
	}
	return r, r.Key, nil
}
