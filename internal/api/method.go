package api

import (
	"context"
	"regexp"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory"
)

// FigureSheet is everything about a figure, and how its values were computed.
type FigureSheet struct {
	observatory.Sheet
	How *FigureMethod `json:"how,omitempty" doc:"How the present values were computed; absent for a figure that is only reported"`
}

// FigureMethod is as much as a reader needs to compute a figure again.
type FigureMethod struct {
	Words      i18n.Text         `json:"words,omitzero"`
	Statements []FigureStatement `json:"statements" nullable:"false"`
	Parameters map[string]string `json:"parameters,omitempty" doc:"What the names with a dollar sign in the SQL stand for"`
	Facts      []FigureFact      `json:"facts" nullable:"false" doc:"The tables that the SQL names, as they are now"`
	ChangeSeq  int64             `json:"change_seq" doc:"These facts show the records up to this change"`
}

// FigureStatement is one SQL text.
type FigureStatement struct {
	Name string `json:"name" enum:"value,records"`
	SQL  string `json:"sql"`
}

// FigureFact is one Parquet file that a computation reads.
type FigureFact struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

var sqlName = regexp.MustCompile(`[a-z_][a-z0-9_]*`)

// how tells how the values of a figure are computed, nil when they are not.
func (s *server) how(ctx context.Context, f *observatory.Figure) (*FigureMethod, error) {
	if !f.Computes() {
		return nil, nil
	}
	out := &FigureMethod{Words: f.Compute.Method, Statements: []FigureStatement{}, Facts: []FigureFact{}}
	text := ""
	for _, st := range []FigureStatement{{"value", f.Compute.SQL}, {"records", f.Compute.Records}} {
		if st.SQL = strings.TrimSpace(st.SQL); st.SQL != "" {
			out.Statements = append(out.Statements, st)
			text += st.SQL + "\n"
		}
	}
	named := map[string]bool{}
	for _, name := range sqlName.FindAllString(strings.ToLower(text), -1) {
		named[name] = true
	}
	m, err := s.Observatory.Store().Manifest()
	if err != nil {
		return nil, err
	}
	out.ChangeSeq = m.ChangeSeq
	for _, x := range m.Facts {
		if named[x.Name] {
			out.Facts = append(out.Facts, FigureFact{x.Name, x.Rows, x.Bytes, x.SHA256})
		}
	}
	params, err := s.factParams(ctx)
	for _, p := range params {
		if strings.Contains(text, p[0]) {
			if out.Parameters == nil {
				out.Parameters = map[string]string{}
			}
			out.Parameters[p[0]] = p[1]
		}
	}
	return out, err
}
