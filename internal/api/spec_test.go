package api

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/i18n"
)

var update = flag.Bool("update", false, "rewrite golden files")

const golden = "openapi.golden.yaml"

// TestOpenAPIDocument holds the document still: whoever changes an operation
// also raises Version, and then runs the test with -update.
func TestOpenAPIDocument(t *testing.T) {
	s, err := build(Services{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := s.huma.OpenAPI().YAML()
	if err != nil {
		t.Fatal(err)
	}
	got := string(raw)
	before, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	if want := string(before); got != want {
		same := strings.Contains(want, "\n  version: "+Version+"\n")
		if *update && (!same || os.Getenv("KAPOK_API_UNRELEASED") != "") {
			if err := os.WriteFile(golden, raw, 0o644); err != nil {
				t.Fatal(err)
			}
			return
		}
		if *update {
			t.Fatalf("the document differs but Version is still %s: raise it, then run with -update (before a first release, KAPOK_API_UNRELEASED=1 keeps the number)", Version)
		}
		t.Errorf("%s differs; raise Version and run: go test ./internal/api -run OpenAPI -update\n%s", golden, cmp.Diff(want, got))
	}
}

// TestRoutesAreDescribed asks for words in both languages and for operations
// that the rules of the API hold for.
func TestRoutesAreDescribed(t *testing.T) {
	s, err := build(Services{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, rt := range s.routes {
		for _, key := range []string{"api.op." + rt.id, "api.area." + rt.tag, "api.needs." + rt.needsText()} {
			if !i18n.Has(key) {
				t.Errorf("%s: no message %s", rt.id, key)
			}
		}
		if seen[rt.id] {
			t.Errorf("%s stands twice", rt.id)
		}
		seen[rt.id] = true
		open := slices.Contains([]string{"sign_in", "audit_text", "query_facts", "match"}, rt.id) // these write nothing that belongs to the city
		public := rt.id == "disclose"                                                             // whose sender has no name to repeat under
		kept := rt.id != "reveal_submitter"                                                       // whose answer may not be kept
		if rt.writes() && !open && !public && !rt.signed && (rt.needs == "" || rt.needs == "read") {
			t.Errorf("%s writes and is open to readers", rt.id)
		}
		if (rt.method == "PATCH" || rt.method == "PUT") && !rt.versioned {
			t.Errorf("%s overwrites without If-Match", rt.id)
		}
		if rt.method == "POST" && !open && !public && kept != rt.once {
			t.Errorf("%s takes no Idempotency-Key", rt.id)
		}
	}
	for _, k := range shapeKeys {
		if !i18n.Has(k.key) {
			t.Errorf("no message %s", k.key)
		}
	}
}
