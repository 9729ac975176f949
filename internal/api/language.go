package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// language is the one of Accept-Language that Kapok speaks and that the reader
// likes best; Chinese when there is none.
func language(r *http.Request) i18n.Lang {
	best, weight := i18n.ZH, 0.0
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, params, _ := strings.Cut(part, ";")
		l, ok := i18n.Parse(tag)
		if q := quality(params); ok && q > weight {
			best, weight = l, q
		}
	}
	return best
}

// quality reads "q=0.8"; anything else counts as 1 (RFC 9110, 12.4.2).
func quality(params string) float64 {
	if text, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
		if q, err := strconv.ParseFloat(text, 64); err == nil {
			return q
		}
	}
	return 1
}
