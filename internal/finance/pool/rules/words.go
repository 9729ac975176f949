package rules

// words says of which group the value of a step's argument is a word.
var words = map[string]string{
	"local": "tri", "other": "tri", "lawsuit": "tri", "paid": "tri", "class": "class", "mode": "mode", "risk": "risk", "limit": "risk", "tier_mode": "tier_mode",
	"edge": "edge", "rounding": "rounding",
}

// WordKey is the key of the message that says an argument of a step in the
// reader's language, "" for an argument that is no word, such as an amount.
func WordKey(arg, value string) string {
	if words[arg] == "" {
		return ""
	}
	return "pools." + words[arg] + "." + value
}
