package ingest

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/registry/resolve"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/transfer"
)

var techportSource = source.Source{ID: "nasa-techport", Kind: "dataset", Title: i18n.Text{ZH: "NASA TechPort 技术项目", EN: "NASA TechPort, technology projects"},
	Publisher: "NASA", URL: "https://techport.nasa.gov", Licence: "U.S. Government work", LicenceTag: source.Green}

// techportProject is one project. People other than the principal
// investigators, offices, destinations and documents are not read.
type techportProject struct {
	ID          int64         `json:"id"`
	Updated     string        `json:"lastUpdated"`
	Title       string        `json:"title"`
	Status      string        `json:"status"`
	Start       string        `json:"startDate"` // "Aug 2016"
	End         string        `json:"endDate"`
	Description string        `json:"description"`
	Benefits    string        `json:"benefits"`
	Closeout    string        `json:"closeoutSummary"`
	TRLStart    string        `json:"technologyMaturityStart"`
	TRLCurrent  string        `json:"technologyMaturityCurrent"`
	TRLEnd      string        `json:"technologyMaturityEnd"`
	Lead        techportOrg   `json:"leadOrganization"`
	Principal   []string      `json:"principalInvestigators"`
	Areas       []techportTas `json:"primaryTas"`
	More        []techportTas `json:"additionalTas"`
}

type techportOrg struct {
	Name    string `json:"name"`
	City    string `json:"city"`
	Country string `json:"country"`
}

type techportTas struct {
	Title string `json:"title"`
}

var techportRead = map[string]bool{"id": true, "lastUpdated": true, "title": true, "status": true, "startDate": true, "endDate": true, "description": true, "benefits": true,
	"closeoutSummary": true, "technologyMaturityStart": true, "technologyMaturityCurrent": true, "technologyMaturityEnd": true, "leadOrganization": true,
	"principalInvestigators": true, "primaryTas": true, "additionalTas": true}

// parseTechPort makes a result of a project. Its readiness is dated: at the
// start, as of the last update, and planned for the end, which is not reached
// because it was planned.
func parseTechPort(b *builder, raw []byte, left leftOut) (any, string, error) {
	var p techportProject
	if err := json.Unmarshal(raw, &p); err != nil || p.ID == 0 || p.Title == "" || p.TRLStart+p.TRLCurrent+p.TRLEnd == "" {
		return nil, "", notOurs("transfer.not_techport", err)
	}
	left.fields(raw, techportRead)
	id := strconv.FormatInt(p.ID, 10)
	r := transfer.Result{
		Common: transfer.Common{Key: "techport:" + id, Title: i18n.Text{EN: cleanText(p.Title, 1000)}, Summary: i18n.Text{EN: paragraphs(p.Description, p.Benefits, p.Closeout)},
			OwnerText: cleanText(p.Lead.Name, 500), Level: level.Public, SourceID: b.j.srcID, Evidence: "TechPort " + id + ", " + p.Updated,
			Note: i18n.Text{ZH: techportNote(p, "项目（状态 ", "），", " 至 "), EN: techportNote(p, "Project (status ", "), ", " to ")}},
		Type: transfer.OtherType,
	}
	r.OwnerID = b.owner(r.OwnerText, resolve.Hint{City: p.Lead.City, Country: countryCode(p.Lead.Country)})
	if r.OwnerID == "" && r.OwnerText != "" {
		left["leadOrganization without organisation"]++
	}
	for _, t := range append(p.Areas, p.More...) {
		r.Fields.Keywords = append(r.Fields.Keywords, cutBytes(cleanText(t.Title, 100), 100))
	}
	for _, name := range p.Principal {
		r.Team = append(r.Team, transfer.Member{Name: cleanText(name, 200), Role: "principal investigator"})
	}
	for _, m := range []struct {
		level, on string
		planned   bool
	}{{p.TRLStart, monthOf(p.Start), false}, {p.TRLCurrent, p.Updated, false}, {p.TRLEnd, monthOf(p.End), true}} {
		n, err := strconv.Atoi(m.level)
		if err != nil {
			continue // not stated
		}
		r.Maturity = append(r.Maturity, transfer.TRL{Level: n, Scale: transfer.NASA, On: m.on, Assessor: "NASA TechPort", Evidence: "TechPort " + id, Planned: m.planned})
	}
	return r, r.Key, nil
}

func techportNote(p techportProject, open, shut, to string) string {
	return open + p.Status + shut + monthOf(p.Start) + to + monthOf(p.End)
}

// monthOf turns "Aug 2016" into "2016-08"; "" when it is written otherwise.
func monthOf(text string) string {
	t, err := time.Parse("Jan 2006", text)
	if err != nil {
		return ""
	}
	return t.Format("2006-01")
}

// paragraphs joins texts that say something.
func paragraphs(texts ...string) string {
	var out []string
	for _, t := range texts {
		if t = strings.TrimSpace(cleanLines(t)); t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, "\n\n")
}

// cleanLines drops control characters but line ends.
func cleanLines(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

// countryCode is the code of the one country that this set writes out.
func countryCode(name string) string {
	if name == "United States" {
		return "US"
	}
	return ""
}
