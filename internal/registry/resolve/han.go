package resolve

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/fold"
)

// maxChars is the longest unspaced name that is looked for.
const maxChars = 48

// hanName is one name in an unspaced script, as folded characters.
type hanName struct {
	key      string
	org      int32
	text     span
	kind     uint8
	distinct bool
}

// hanIndex holds the names sorted by key. A walk from one character of the
// text to the next narrows the range of names that still fit, starting from
// the range of the first two characters.
type hanIndex struct {
	names []hanName
	pairs map[uint64]span // first two runes → range of names
}

func (b *builder) addHan(at int32, kind uint8, s span) {
	key := strings.ReplaceAll(fold.Name(b.text.String()[s.at:s.at+s.n]), " ", "")
	if n := utf8.RuneCountInString(key); n < 2 || n > maxChars {
		return
	}
	b.hanNames = append(b.hanNames, hanName{key: key, org: at, text: s, kind: kind, distinct: distinctHan(key)})
}

// joinParents adds the name of a part behind the name of its whole
// (中国科学院 + 自动化研究所), the way it is written in full.
func (b *builder) joinParents() {
	labels := map[int32][]hanName{}
	for _, n := range b.hanNames {
		if n.kind == kindLabel {
			labels[n.org] = append(labels[n.org], n)
		}
	}
	for _, n := range b.hanNames[:len(b.hanNames):len(b.hanNames)] {
		for _, p := range b.x.orgs[n.org].parents {
			for _, whole := range labels[p] {
				key := whole.key + n.key
				if n.kind == kindAcronym || strings.HasPrefix(n.key, whole.key) || strings.HasPrefix(n.key, "中国") || utf8.RuneCountInString(key) > maxChars {
					continue
				}
				n := n
				n.key, n.distinct, n.kind = key, true, kindAlias
				b.hanNames = append(b.hanNames, n)
			}
		}
	}
}

func newHanIndex(names []hanName) hanIndex {
	slices.SortFunc(names, func(a, b hanName) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.org, b.org), cmp.Compare(a.kind, b.kind))
	})
	x := hanIndex{names: slices.Clip(names), pairs: map[uint64]span{}}
	for i := range names {
		p := pairOf(names[i].key)
		s, ok := x.pairs[p]
		if !ok {
			s.at = uint32(i)
		}
		s.n = uint32(i) - s.at + 1
		x.pairs[p] = s
	}
	return x
}

func pairOf(key string) uint64 {
	a, n := utf8.DecodeRuneInString(key)
	b, _ := utf8.DecodeRuneInString(key[n:])
	return uint64(a)<<32 | uint64(b)
}

// walk visits the names that chars start with, shorter ones first.
func (x *hanIndex) walk(chars []char, visit func(n int, names []hanName)) {
	if len(chars) < 2 {
		return
	}
	s, ok := x.pairs[uint64(chars[0].r)<<32|uint64(chars[1].r)]
	if !ok {
		return
	}
	names := x.names[s.at : s.at+s.n]
	depth := utf8.RuneLen(chars[0].r) + utf8.RuneLen(chars[1].r)
	for n := 2; ; n++ {
		equal := 0
		for equal < len(names) && len(names[equal].key) == depth {
			equal++
		}
		if equal > 0 {
			visit(n, names[:equal])
		}
		if n >= len(chars) || n >= maxChars {
			return
		}
		names = narrow(names[equal:], depth, chars[n].r)
		if len(names) == 0 {
			return
		}
		depth += utf8.RuneLen(chars[n].r)
	}
}

// narrow keeps the names whose key has r at byte depth. The names agree up to
// depth and are all longer.
func narrow(names []hanName, depth int, r rune) []hanName {
	at := func(n hanName, r rune) int {
		c, _ := utf8.DecodeRuneInString(n.key[depth:])
		return cmp.Compare(c, r)
	}
	lo, ok := slices.BinarySearchFunc(names, r, at)
	if !ok {
		return nil
	}
	hi := lo + 1
	for hi < len(names) && at(names[hi], r) == 0 {
		hi++
	}
	return names[lo:hi]
}

// genericHan are the parts of which names that say nothing by themselves are
// made (人民医院, 计算机科学与技术学院, 国家重点实验室). Longer first.
var genericHan = func() []string {
	out := strings.Fields(`
国家重点实验室 重点实验室 实验室 研究中心 研究院 研究所 工程中心 有限公司 股份有限公司 公司 集团 出版社
人民医院 中医医院 中医院 妇幼保健院 儿童医院 中心医院 附属医院 肿瘤医院 口腔医院 医院 卫生院 诊所 疾病预防控制中心
大学 学院 学校 中学 系 部 所 院 室 局 厅 委员会 中心 科学院 工程院 社会科学院 农业科学院 林业科学院
第一 第二 第三 第四 第五 第六 第七 第八 第九 附属 直属 省立 市立 省 市 县 区 国立 国家 全国 联合 综合 分校 分院 总
交通 理工 师范 农业 农林 林业 医科 医药 中医药 中医 科技 科学 技术 工业 财经 政法 民族 外国语 体育 石油 地质 矿业 工程 工商 经贸 经济 贸易 商业 海洋 海事 水利 电力 电子 邮电 信息 通信 航空 航天 建筑 化工 艺术 美术 音乐 戏剧 传媒 语言 外语 职业 高等 专科 管理 护理 公安 警察 军医 军事 国防 女子 城市 开放 广播 电视 教育 工学 医学 药学 理学 文学 法学 农学
计算机 软件 自动化 机械 材料 能源 动力 环境 生态 资源 生命 生物 化学 物理 数学 地理 天文 气象 动物 植物 动力 光学 光电 电气 智能 人工智能 心理 心理学 哲学 历史 社会 公共 卫生 食品 旅游 纺织 土木 饭店 酒店 公共管理 马克思主义 新闻 体育 文化 交叉 前沿 基础 临床 口腔 针灸 推拿 影像 检验 预防 儿童 妇女 肿瘤 心血管 眼科 骨科 康复 安全 网络 空间 遥感 测绘 大气 海 与 及 和 暨 东方 省级 高级 电力 钢铁 石油 石化 煤炭 有色 烟草 铁路 地铁 公路 桥梁 供电 燃气 自来水 水务 环保 投资 控股 发展 实业 银行 证券 保险 汽车 化学工业 制药 药业 生物 饲料 种业 牧业 乳业 农牧 房地产 建设 设计 勘察 勘测`)
	slices.SortFunc(out, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return out
}()

// fullHan end names that stand by themselves also behind other characters
// (a person's name run into the text): 张三中山大学.
var fullHan = []string{"大学", "科学院", "有限公司"}

// notPartHan may follow a university's name and make it a school for children,
// a street or a publisher.
var notPartHan = []string{"城校区附属", "出版社", "附属中学", "附属小学", "附中", "附小", "幼儿园", "子弟"}

// distinctHan reports whether something is left of the name after the generic
// parts and a Chinese place name at its front are taken away.
func distinctHan(key string) bool {
	for key != "" {
		i := slices.IndexFunc(genericHan, func(g string) bool { return strings.HasPrefix(key, g) })
		if i < 0 {
			return true
		}
		key = key[len(genericHan[i]):]
	}
	return false
}
