package transfer

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
)

// ipcEdition is a version of IPC since 2006 ("2024.01") or one of the first
// eight editions ("8").
var ipcEdition = regexp.MustCompile(`^([1-8]|20[0-9]{2}\.[0-9]{2})$`)

var ipcGroup = regexp.MustCompile(`^[0-9]{1,4}/[0-9]{2,6}$`)

// ParseIPC returns the kept form of a code of the International Patent
// Classification: a section "G", class "G06", subclass "G06F" or group
// "G06F 17/30" (Guide to the IPC, WIPO). The error says which part is wrong. It
// does not know which codes exist: those change with the edition.
func ParseIPC(raw string) (string, error) {
	s := strings.ToUpper(strings.Join(strings.Fields(raw), ""))
	bad := func(key string) (string, error) {
		return "", errs.New(errs.Invalid, key, errs.A{"value": clip(raw)})
	}
	if s == "" || s[0] < 'A' || s[0] > 'H' {
		return bad("transfer.ipc_section")
	}
	if len(s) == 1 {
		return s, nil
	}
	if len(s) < 3 || !digits(s[1:3]) || s[1:3] == "00" {
		return bad("transfer.ipc_class")
	}
	if len(s) == 3 {
		return s, nil
	}
	if s[3] < 'A' || s[3] > 'Z' {
		return bad("transfer.ipc_subclass")
	}
	if len(s) == 4 {
		return s, nil
	}
	if !ipcGroup.MatchString(s[4:]) {
		return bad("transfer.ipc_group")
	}
	return s[:4] + " " + s[4:], nil
}

// sections are the sections of GB/T 4754-2017 with their first and last
// division.
var sections = []struct {
	letter      byte
	first, last int
}{
	{'A', 1, 5}, {'B', 6, 12}, {'C', 13, 43}, {'D', 44, 46}, {'E', 47, 50}, {'F', 51, 52}, {'G', 53, 60}, {'H', 61, 62}, {'I', 63, 65}, {'J', 66, 69},
	{'K', 70, 70}, {'L', 71, 72}, {'M', 73, 75}, {'N', 76, 79}, {'O', 80, 82}, {'P', 83, 83}, {'Q', 84, 85}, {'R', 86, 90}, {'S', 91, 96}, {'T', 97, 97},
}

// ParseIndustry returns the kept form of a code of GB/T 4754-2017: a section
// "C", or two to four digits with the letter that the first two fix: "C3963".
// The letter may be left out, but not be another one.
func ParseIndustry(raw string) (string, error) {
	s := strings.ToUpper(strings.TrimSpace(raw))
	bad := func(key string, more ...errs.A) (string, error) {
		return "", errs.New(errs.Invalid, key, append(more, errs.A{"value": clip(raw)})...)
	}
	letter := byte(0)
	if s != "" && s[0] >= 'A' && s[0] <= 'Z' {
		letter, s = s[0], s[1:]
	}
	if s == "" && letter >= 'A' && letter <= 'T' {
		return string(letter), nil
	}
	if len(s) < 2 || len(s) > 4 || !digits(s) {
		return bad("transfer.industry_form")
	}
	division, _ := strconv.Atoi(s[:2]) // two digits
	for _, sec := range sections {
		if division < sec.first || division > sec.last {
			continue
		}
		if letter != 0 && letter != sec.letter {
			return bad("transfer.industry_letter", errs.A{"digits": s[:2], "letter": string(sec.letter)})
		}
		return string(sec.letter) + s, nil
	}
	return bad("transfer.industry_division", errs.A{"digits": s[:2]})
}

// provinces are the first two digits of GB/T 2260.
var provinces = []string{"11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46",
	"50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82"}

func (f *faults) division(field, code string) {
	if code == "" || len(code) == 6 && digits(code) && slices.Contains(provinces, code[:2]) {
		return
	}
	f.add(errs.New(errs.Invalid, "transfer.division", errs.A{"value": clip(code)}).At("/" + field))
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
