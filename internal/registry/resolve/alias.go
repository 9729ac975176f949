package resolve

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed zh_alias.csv
var zhAliasText string

// zhAliases maps bare ROR ids to Chinese names that the records lack.
var zhAliases = sync.OnceValue(func() map[string][]Name {
	out := map[string][]Name{}
	for line := range strings.Lines(zhAliasText) {
		id, text, ok := strings.Cut(strings.TrimSpace(line), ",")
		if !ok || id == "ror" || strings.HasPrefix(line, "#") {
			continue
		}
		out[id] = append(out[id], Name{Text: text, Lang: "zh", Kind: Alias})
	}
	return out
})

func bareROR(id string) string {
	return strings.ToLower(id[strings.LastIndexByte(id, '/')+1:])
}
