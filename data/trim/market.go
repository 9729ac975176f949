package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The market of the demo city is made up: results, services, experts and needs
// that the judged set holds as its own texts. Where that set says nothing that a
// listing needs (the day of listing, the last day, who stands behind a result),
// it is drawn from the id, the same on every run.

// judgedRecord is a record of the judged set.
type judgedRecord struct {
	ID        string   `json:"id"`
	Kind      string   `json:"kind"`
	TitleZH   string   `json:"title_zh"`
	TitleEN   string   `json:"title_en"`
	TextZH    string   `json:"text_zh"`
	TextEN    string   `json:"text_en"`
	Owner     string   `json:"owner"`
	IPC       []string `json:"ipc"`
	Industry  []string `json:"industry"`
	Division  string   `json:"division"`
	TRL       *int     `json:"trl"`
	Rights    string   `json:"rights"`
	PriceMin  *int64   `json:"price_min"` // fen
	PriceMax  *int64   `json:"price_max"`
	Forms     []string `json:"forms"`
	Until     string   `json:"available_until"`
	Simulated bool     `json:"simulated"`
}

// judgedNeed is a need of the judged set.
type judgedNeed struct {
	ID          string   `json:"id"`
	Lang        string   `json:"lang"`
	Seeks       []string `json:"seeks"`
	Title       string   `json:"title"`
	Text        string   `json:"text"`
	Constraints struct {
		TRLMin    *int     `json:"trl_min"`
		Regions   []string `json:"regions"`
		BudgetMax *int64   `json:"budget_max"`
		Rights    string   `json:"rights"`
		Forms     []string `json:"forms"`
	} `json:"constraints"`
}

const marketSource = "kapok-simulated-market"

// listedFrom begins the year over which listings are spread.
var listedFrom = time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC)

// drawn is a number below n that depends on the id alone.
func drawn(id, what string, n int) int {
	h := fnv.New32a()
	_, _ = io.WriteString(h, id+"/"+what) // a hash takes everything
	return int(h.Sum32() % uint32(n))
}

// listedDay is drawn too, but for a listing that is over by then: that one began
// half a year before its end.
func listedDay(id, until string) string {
	day := listedFrom.AddDate(0, 0, drawn(id, "listed", 380))
	if end, err := time.Parse(time.DateOnly, until); err == nil && end.Before(day) {
		day = end.AddDate(0, -6, 0)
	}
	return day.Format(time.DateOnly)
}

// writeMarket writes the tables of the market from the judged set.
func writeMarket(judged, to string) error {
	var records []judgedRecord
	err := eachLine(filepath.Join(judged, "records.jsonl.gz"), func(line []byte) error {
		var r judgedRecord
		err := json.Unmarshal(line, &r)
		if r.Simulated {
			records = append(records, r)
		}
		return err
	})
	if err != nil {
		return err
	}
	needs, err := readNeeds(filepath.Join(judged, "needs.jsonl"))
	if err != nil {
		return err
	}
	return writeTables(to, map[string][][]string{
		"people.csv": people(records), "results.csv": results(records), "services.csv": services(records), "needs.csv": needRows(needs),
	})
}

func readNeeds(path string) ([]judgedNeed, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var out []judgedNeed
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var n judgedNeed
		if err := json.Unmarshal(lines.Bytes(), &n); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, n)
	}
	return out, lines.Err()
}

// people are the experts. Their field stands behind a colon in the title.
func people(records []judgedRecord) [][]string {
	out := [][]string{{"key", "name_zh", "name_en", "source_id", "evidence"}}
	for _, r := range records {
		if r.Kind == "expert" {
			zh, en := expertName(r)
			out = append(out, []string{r.ID, zh, en, marketSource, r.ID})
		}
	}
	return out
}

func expertName(r judgedRecord) (zh, en string) {
	zh, _, _ = strings.Cut(r.TitleZH, "：")
	en, _, _ = strings.Cut(r.TitleEN, ":")
	return strings.TrimSpace(zh), strings.TrimSpace(en)
}

// team puts behind a result the experts whose class is its own, at most two.
func team(r judgedRecord, records []judgedRecord) string {
	var out []string
	for _, e := range records {
		if e.Kind == "expert" && len(out) < 2 && len(r.IPC) > 0 && slices.Contains(e.IPC, r.IPC[0]) {
			zh, en := expertName(e)
			if zh == "" {
				zh = en
			}
			out = append(out, zh+"=person:"+e.ID)
		}
	}
	return strings.Join(out, "|")
}

func results(records []judgedRecord) [][]string {
	out := [][]string{{"key", "title_zh", "title_en", "summary_zh", "summary_en", "type", "owner", "team", "division", "ipc", "industry", "stage", "forms", "trl", "trl_scale", "trl_edition", "trl_on", "trl_assessor", "trl_evidence",
		"right_kind", "right_status", "price_min", "price_max", "level", "listed_on", "expires_on", "source_id", "evidence"}}
	for _, r := range records {
		if r.Kind != "result" && r.Kind != "patent" {
			continue
		}
		row := []string{r.ID, r.TitleZH, r.TitleEN, r.TextZH, r.TextEN, resultType(r), r.Owner, team(r, records), r.Division, strings.Join(r.IPC, "|"), strings.Join(r.Industry, "|"), stage(r.TRL), strings.Join(r.Forms, "|")}
		if r.TRL != nil {
			row = append(row, strconv.Itoa(*r.TRL), "gbt22900", "2009", listedDay(r.ID, r.Until), "self", "模拟数据 "+r.ID)
		} else {
			row = append(row, "", "", "", "", "", "")
		}
		right := ""
		if r.Rights != "" {
			right = "invention"
		}
		out = append(out, append(row, right, r.Rights, yuan(r.PriceMin), yuan(r.PriceMax), "public", listedDay(r.ID, r.Until), r.Until, marketSource, r.ID))
	}
	return out
}

// resultType follows the section of the patent class.
func resultType(r judgedRecord) string {
	if len(r.IPC) == 0 {
		return "other"
	}
	switch r.IPC[0][0] {
	case 'C':
		return "material"
	case 'B', 'F', 'E', 'H':
		return "device"
	case 'G':
		return "method"
	}
	return "process"
}

// stage follows the readiness level: to 4, to 7, above.
func stage(trl *int) string {
	switch {
	case trl == nil:
		return ""
	case *trl <= 4:
		return "early"
	case *trl <= 7:
		return "middle"
	}
	return "mature"
}

func services(records []judgedRecord) [][]string {
	out := [][]string{{"key", "title_zh", "title_en", "kind", "owner", "text", "division", "ipc", "industry", "level", "listed_on", "expires_on", "source_id", "evidence"}}
	for _, r := range records {
		if r.Kind == "service" {
			out = append(out, []string{r.ID, r.TitleZH, r.TitleEN, "service", r.Owner, strings.TrimSpace(r.TextZH + "\n" + r.TextEN), r.Division, strings.Join(r.IPC, "|"), strings.Join(r.Industry, "|"), "public", listedDay(r.ID, r.Until), r.Until, marketSource, r.ID})
		}
	}
	return out
}

// needRows lists the needs that look for results, services or experts; every
// twelfth is an open challenge.
func needRows(needs []judgedNeed) [][]string {
	out := [][]string{{"key", "title_zh", "title_en", "text", "kind", "owner", "division", "trl_min", "trl_scale", "regions", "budget_max", "rights", "forms", "prize", "deadline", "level", "listed_on", "expires_on", "source_id", "evidence"}}
	districts := []string{"440103", "440104", "440105", "440106", "440111", "440112", "440113", "440114", "440115", "440117", "440118"}
	for i, n := range needs {
		if !slices.ContainsFunc(n.Seeks, func(k string) bool { return k == "result" || k == "service" || k == "expert" || k == "patent" }) {
			continue
		}
		zh, en := n.Title, ""
		if n.Lang == "en" {
			zh, en = "", n.Title
		}
		kind, prize, deadline := "technical", "", ""
		if slices.Equal(n.Seeks, []string{"expert"}) {
			kind = "expert"
		} else if i%12 == 5 {
			kind, prize, deadline = "open_challenge", strconv.Itoa(500_000+100_000*drawn(n.ID, "prize", 26)), "2027-06-30"
			if c := n.Constraints.BudgetMax; c != nil {
				prize = yuan(c)
			}
		}
		trl, scale := "", ""
		if n.Constraints.TRLMin != nil {
			trl, scale = strconv.Itoa(*n.Constraints.TRLMin), "gbt22900"
		}
		regions := make([]string, len(n.Constraints.Regions))
		for j, c := range n.Constraints.Regions {
			regions[j] = c + strings.Repeat("0", 6-len(c))
		}
		out = append(out, []string{n.ID, zh, en, n.Text, kind, fmt.Sprintf("示例企业%02d（模拟）", 1+drawn(n.ID, "owner", 60)), districts[drawn(n.ID, "district", len(districts))], trl, scale, strings.Join(regions, "|"),
			yuan(n.Constraints.BudgetMax), n.Constraints.Rights, strings.Join(n.Constraints.Forms, "|"), prize, deadline, "public", listedDay(n.ID, ""), "2027-12-31", marketSource, n.ID})
	}
	return out
}

func yuan(fen *int64) string {
	if fen == nil {
		return ""
	}
	return strconv.FormatInt(*fen/100, 10)
}

func writeTables(to string, tables map[string][][]string) error {
	for name, rows := range tables {
		file, err := os.Create(filepath.Join(to, name))
		if err != nil {
			return err
		}
		w := csv.NewWriter(file)
		err = w.WriteAll(rows)
		if closed := file.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
