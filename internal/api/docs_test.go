package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/db/dbtest"
)

// TestDocumentation runs each example of docs/api.md against a small city, in
// their order.
func TestDocumentation(t *testing.T) {
	raw, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, inJune(dbtest.SQLite(t)), withRankings(t), withLedger, withReleases(t), withFinance)
	w.money = w.invest()
	w.compute()
	w.publishEditions()
	w.publish("annual-1")
	w.trade()
	draft := w.freeze(account.Admin, "annual-2")
	env := map[string]string{"KAPOK": w.served().URL, "TOKEN": w.tokens[account.Editor], "ORG": sysu, "FIGURE": exampleFigure,
		"FUND": w.money.sub, "POOL": w.money.pool, "CASE": w.money.caseID,
		"RELEASE": draft.Name, "MANIFEST": draft.ManifestSHA256,
		"RESULT": openResult, "NEED": openNeed, "DISCLOSURE": w.ids["disclosures"]}
	n := 0
	for _, line := range examples(string(raw)) {
		words, want, err := shell(line, env)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if words[0] != "curl" {
			continue
		}
		n++
		req, err := curl(t.Context(), words[1:])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		res, body := fetchURL(t, req)
		if fmt.Sprint(res.StatusCode) != want {
			t.Errorf("%s\nanswers %d, not %s: %s", line, res.StatusCode, want, body)
		}
	}
	if n < 30 {
		t.Errorf("only %d examples were found", n)
	}
}

// TestDocumentedProblem holds the problem that the page shows against the one
// that is sent.
func TestDocumentedProblem(t *testing.T) {
	raw, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(raw), "```json\n")
	text, _, _ = strings.Cut(text, "```")
	var shown, sent map[string]any
	if err := json.Unmarshal([]byte(text), &shown); err != nil {
		t.Fatal(err)
	}
	newWorld(t, dbtest.SQLite(t)).get(base+"/organisations?limit=900", "Accept-Language", "en").in(&sent)
	delete(shown, "trace_id")
	delete(sent, "trace_id")
	if fmt.Sprint(shown) != fmt.Sprint(sent) {
		t.Errorf("the page shows\n%v\nthe API sends\n%v", shown, sent)
	}
}

// examples returns the commands of all blocks marked sh, continued lines
// joined.
func examples(page string) []string {
	var out []string
	for i, block := range strings.Split(page, "\n```") {
		text, ok := strings.CutPrefix(block, "sh\n")
		if i == 0 || !ok {
			continue
		}
		for line := range strings.SplitSeq(strings.ReplaceAll(text, "\\\n", " "), "\n") {
			if strings.TrimSpace(line) != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

// shell cuts a command into words as a shell does, with quotes and variables,
// and returns the comment after it.
func shell(line string, env map[string]string) (words []string, comment string, err error) {
	word, open := strings.Builder{}, false
	for rest := line; rest != ""; {
		switch c := rest[0]; {
		case c == '#' && !open:
			return words, strings.TrimSpace(rest[1:]), nil
		case c == ' ':
			if open {
				words = append(words, word.String())
				word.Reset()
				open = false
			}
			rest = rest[1:]
		case c == '\'' || c == '"':
			text, after, ok := strings.Cut(rest[1:], string(c))
			if !ok {
				return nil, "", fmt.Errorf("a quote is not closed")
			}
			if c == '"' {
				text = os.Expand(text, func(name string) string { return env[name] })
			}
			word.WriteString(text)
			open, rest = true, after
		default:
			word.WriteByte(c)
			open, rest = true, rest[1:]
		}
	}
	if open {
		words = append(words, word.String())
	}
	return words, "", nil
}

// curl makes the request that a curl command would send.
func curl(ctx context.Context, words []string) (*http.Request, error) {
	method, body, address, header := http.MethodGet, "", "", http.Header{}
	for i := 0; i < len(words); i++ {
		option := words[i]
		if !strings.HasPrefix(option, "-") {
			address = option
			continue
		}
		i++
		switch option {
		case "-X":
			method = words[i]
		case "-H":
			name, value, _ := strings.Cut(words[i], ": ")
			header.Set(name, value)
		case "-d":
			body = words[i]
		case "-o":
		default:
			return nil, fmt.Errorf("unknown option %s", option)
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	u.RawQuery = u.Query().Encode() // curl sends Chinese as it is, which the standard library's server takes too
	req, err := http.NewRequestWithContext(ctx, method, u.String(), strings.NewReader(body))
	if err == nil {
		req.Header = header
	}
	return req, err
}

func TestShell(t *testing.T) {
	words, comment, err := shell(`curl -H 'If-Match: "v1"' "$A/x?q=1"y   # 200`, map[string]string{"A": "http://h"})
	if err != nil || strings.Join(words, "|") != `curl|-H|If-Match: "v1"|http://h/x?q=1y` || comment != "200" {
		t.Errorf("%q, %q, %v", words, comment, err)
	}
}
