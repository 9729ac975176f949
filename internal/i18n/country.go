package i18n

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// regions of China have names of their own in a list of countries.
var regions = map[string]Text{
	"HK": {ZH: "中国香港", EN: "Hong Kong, China"},
	"MO": {ZH: "中国澳门", EN: "Macao, China"},
	"TW": {ZH: "中国台湾", EN: "Taiwan, China"},
}

var regionNames = map[Lang]display.Namer{
	ZH: display.Regions(language.SimplifiedChinese), EN: display.Regions(language.English),
}

// Country is the name of an ISO 3166-1 code after CLDR, or the code itself.
func Country(l Lang, code string) string {
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
