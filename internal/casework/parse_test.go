package casework_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/kapok-city/kapok/internal/casework"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// TestParseFaults spoils the example in one place and asks for the one fault.
func TestParseFaults(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("testdata/grant.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, key, at string }{
		{"version: 1", "version: 0", "casework.kind_version", "/version"},
		{"version: 1", "version: one", "casework.kind_syntax", ""},
		{"version: 1", "version: 1\nspeed: 9", "casework.kind_syntax", ""},
		{"version: 1", "version: 1\n---\nkind: b", "casework.kind_one_document", ""},
		{"kind: example.grant", "kind: Example", "casework.kind_word", "/kind"},
		{"{zh: 小额资助, en: Small grant}", "{zh: 小额资助}", "casework.kind_name", "/name"},
		{"start: draft", "start: nowhere", "casework.kind_unknown", "/start"},
		{"recusers: [example.head]", "recusers: [example.tail]", "casework.kind_unknown", "/recusers/0"},
		{"{id: approved,", "{id: submitted,", "casework.kind_twice", "/states/2"},
		{"{id: example.head,", "{id: clock,", "casework.kind_twice", "/roles/2"},
		{"action: submit,", "action: open,", "casework.kind_reserved", "/transitions/0/action"},
		{"from: [draft], to: submitted", "from: [], to: submitted", "casework.kind_empty", "/transitions/0"},
		{"from: [draft], to: submitted", "from: [draft], to: sent", "casework.kind_unknown", "/transitions/0/to"},
		{"{action: return,", "{action: refuse,", "casework.kind_ambiguous", "/transitions/4"},
		{"from: [draft], to: submitted", "from: [draft], to: refused", "casework.kind_unreachable", "/states/1"},
		{"en: Paid}, final: true", "en: Paid}, final: false", "casework.kind_dead_end", "/states/3"},
		{"en: Approved}", "en: Approved}, final: true", "casework.kind_final_leaves", "/states/2"},
		{"unit: working, notify: [example.head]", "unit: working", "casework.kind_unhandled", "/transitions/2/deadline"},
		{"days: 10", "days: 0", "casework.kind_days", "/transitions/2/deadline/days"},
		{"unit: working", "unit: lunar", "casework.kind_unit", "/transitions/2/deadline/unit"},
		{"then: lapse", "then: pay", "casework.kind_then", "/transitions/5/deadline/then"},
		{"then: lapse, ", "", "casework.kind_idle_clock", "/transitions/6"},
		{"not_by: [approve]", "not_by: [bless]", "casework.kind_unknown", "/transitions/5/not_by/0"},
		{"roles: [clock]", "roles: [robot]", "casework.kind_unknown", "/transitions/6/roles/0"},
	} {
		spoiled := strings.Replace(string(raw), c.old, c.new, 1)
		if spoiled == string(raw) {
			t.Fatalf("%q does not stand in the example", c.old)
		}
		_, err := casework.ParseKind([]byte(spoiled))
		if !hasFault(err, c.key, c.at) {
			t.Errorf("%s: got %v, want %s at %q", c.new, err, c.key, c.at)
		}
	}
	if _, err := casework.ParseKind(append(raw, "\n---\n{}\n"...)); !hasFault(err, "casework.kind_one_document", "") {
		t.Errorf("two documents: %v", err)
	}
	if _, err := casework.ParseKind(make([]byte, 300<<10)); errs.KindOf(err) != errs.TooLarge {
		t.Errorf("a large file: %v", err)
	}
}

func hasFault(err error, key, at string) bool {
	for _, e := range errs.ListOf(err) {
		if e.Key == key && (e.Field == at || at == "") && i18n.Has(key) {
			return true
		}
	}
	return false
}

func TestUnknownWordsAreRefused(t *testing.T) {
	t.Parallel()
	err := casework.NewRegistry().Add(parse(t, "testdata/grant.yaml"))
	if !hasFault(err, "casework.kind_guard", "/transitions/0/guards") || !hasFault(err, "casework.kind_effect", "/transitions/2/effects") {
		t.Errorf("got %v", err)
	}
	r := registry()
	if err := r.AddFS(os.DirFS("testdata"), "*.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := r.Add(parse(t, "testdata/grant.yaml")); !hasFault(err, "casework.kind_twice", "") {
		t.Errorf("the same version twice: %v", err)
	}
	if err := r.AddFS(os.DirFS("testdata"), "*.xml"); err == nil {
		t.Error("a pattern that finds nothing is a mistake")
	}
	if k, err := r.Kind("example.grant", 0); err != nil || k.Version != 2 {
		t.Errorf("the newest is %v, %v", k, err)
	}
	if _, err := r.Kind("example.grant", 9); errs.KindOf(err) != errs.NotFound {
		t.Errorf("version 9: %v", err)
	}
}

func TestHashIsOfTheRules(t *testing.T) {
	t.Parallel()
	raw, _ := os.ReadFile("testdata/grant.yaml")
	hash := func(old, new string) string {
		k, err := casework.ParseKind([]byte(strings.Replace(string(raw), old, new, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return k.Hash()
	}
	if hash("", "") != hash("en: Small grant", "en: Little grant") || hash("", "") != hash("# A small", "# Another") {
		t.Error("a name or a comment is no rule")
	}
	if hash("", "") == hash("days: 10", "days: 11") || hash("", "") == hash("not_by: [submit]", "not_by: []") {
		t.Error("another rule has another hash")
	}
}

func FuzzParseKind(f *testing.F) {
	for _, file := range []string{"testdata/grant.yaml", "testdata/claim.yaml"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte("{kind: a, version: 1, states: [&a [*a]]}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		k, err := casework.ParseKind(raw)
		if err != nil {
			if kind := errs.KindOf(err); kind != errs.Invalid && kind != errs.TooLarge {
				t.Fatalf("%s: %v", kind, err)
			}
			if e := (*errs.Error)(nil); !errors.As(err, &e) {
				t.Fatal("an error without a key")
			}
			return
		}
		for _, l := range i18n.Langs { // what is accepted can be drawn
			if len(casework.Diagram(k, casework.Look{Lang: l})) == 0 || len(k.Rows()) == 0 && len(k.Transitions) > 0 {
				t.Fatal("nothing drawn")
			}
		}
	})
}
