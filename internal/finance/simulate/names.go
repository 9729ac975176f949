package simulate

import (
	"fmt"
	"strings"
)

// What firms are called: 木棉模拟, two characters, a trade. No real firm has the
// first part.
var (
	firstSyllables  = []rune("云岚星澜瀚海沐禾翊川晟宸启衡拓朗恒睿芯量光谱极锐鸿图远景智汇元初砺山屿森珀")
	secondSyllables = []rune("图岳泽帆创达维科域界石塔源泰新方圆舟辰曜语桥构越微明铭合思齐迈同和序络驰")
	trades          = []struct{ zh, en string }{
		{"生物", "Biotech"}, {"医疗器械", "Medical Devices"}, {"光电", "Photonics"}, {"半导体", "Semiconductors"}, {"软件", "Software"}, {"智能装备", "Smart Equipment"},
		{"新材料", "New Materials"}, {"新能源", "New Energy"}, {"机器人", "Robotics"}, {"航空", "Aviation"}, {"检测", "Testing"}, {"农业科技", "Agritech"},
	}
)

// firm is a made-up enterprise.
type firm struct {
	index int
	name  string
	en    string
	code  string // credit code
	local bool
	orgID string // "" where it is in no registry
}

// firmAt is the firm of an index. Indexes give different names up to 17,000.
func firmAt(i int) firm {
	pairs := len(firstSyllables) * len(secondSyllables)
	pair := i * 379 % pairs // 379 shares no factor with their number: all pairs come before one comes again
	trade := trades[(i+i/pairs)%len(trades)]
	brand := string(firstSyllables[pair%len(firstSyllables)]) + string(secondSyllables[pair/len(firstSyllables)])
	return firm{
		index: i, name: "木棉模拟" + brand + trade.zh + "有限公司", en: fmt.Sprintf("Kapok Simulated %s %05d Co., Ltd.", trade.en, i), code: creditCode('1', i), local: true,
	}
}

// creditCode is a unified social credit code (GB 32100-2015) of the division
// 000000, which is never issued, with right check characters. class is the second
// character: what sort of body it is of.
func creditCode(class byte, n int) string {
	body := fmt.Sprintf("9%c000000%08d", class, n)
	body += string(orgCheck(body[8:16]))
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(alphabet, body[i]) * weight
		weight = weight * 3 % 31
	}
	return body + string(alphabet[(31-sum%31)%31])
}

// orgCheck is the check character of an organisation code of digits (GB
// 11714-1997).
func orgCheck(body string) byte {
	sum := 0
	for i, w := range [8]int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * w
	}
	switch c := 11 - sum%11; c {
	case 10:
		return 'X'
	case 11:
		return '0'
	default:
		return byte('0' + c)
	}
}

var numerals = []rune("〇一二三四五六七八九")

// ordinal writes 1 to 99 in Chinese.
func ordinal(n int) string {
	switch {
	case n < 10:
		return string(numerals[n])
	case n < 20:
		return "十" + strings.TrimSuffix(ordinal(n-10), "〇")
	case n%10 == 0:
		return ordinal(n/10) + "十"
	}
	return ordinal(n/10) + "十" + ordinal(n%10)
}

// Divisions of Guangzhou and of other cities (GB/T 2260) in which firms sit.
var (
	districts = []string{"440106", "440112", "440112", "440113", "440111", "440105", "440115", "440104", "440103", "440118", "440114", "440117"}
	elsewhere = []string{"440305", "440305", "440307", "440402", "440606", "110108", "310115", "320506", "330108", "330106"}
)
