package web

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/kapok-city/kapok/internal/i18n"
)

// regions of China have names of their own in a list of countries.
var regions = map[string]i18n.Text{
	"HK": {ZH: "中国香港", EN: "Hong Kong, China"},
	"MO": {ZH: "中国澳门", EN: "Macao, China"},
	"TW": {ZH: "中国台湾", EN: "Taiwan, China"},
}

var regionNames = map[i18n.Lang]display.Namer{
	i18n.ZH: display.Regions(language.SimplifiedChinese), i18n.EN: display.Regions(language.English),
}

// country is the name of an ISO 3166-1 code after CLDR, or the code itself.
func country(l i18n.Lang, code string) string {
	if t, ok := regions[code]; ok {
		return t.In(l)
	}
	r, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := regionNames[l].Name(r); name != "" {
		return name
	}
	return code
}
