package resolve

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/kapok-city/kapok/internal/fold"
)

//go:embed countries.txt
var countriesText string

//go:embed divisions.txt
var divisionsText string

// country is a number in the list of countries, 0 when unknown.
type country uint8

type countryList struct {
	codes  []string           // by number
	number map[string]country // by ISO code
	names  [][]string         // by number
	folded map[string]bool
}

var countries = sync.OnceValue(func() *countryList {
	l := &countryList{codes: []string{""}, number: map[string]country{}, names: [][]string{nil}, folded: map[string]bool{}}
	for line := range strings.Lines(countriesText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(strings.TrimSpace(line), "|")
		l.number[parts[0]] = country(len(l.codes))
		l.codes = append(l.codes, parts[0])
		l.names = append(l.names, parts[1:])
		for _, n := range parts[1:] {
			l.folded[fold.Name(n)] = true
		}
	}
	return l
})

func countryOf(code string) country { return countries().number[strings.ToUpper(code)] }

func (c country) code() string { return countries().codes[c] }

// compatible reports whether an organisation seated in c may be meant by a
// text that states d. Territories are stated as themselves or as the state.
func compatible(c, d country) bool {
	return c == d || c == 0 || d == 0 || slices.Contains(within[d.code()], c.code())
}

// within lists the territories whose addresses are also written with the state.
var within = map[string][]string{
	"CN": {"HK", "MO", "TW"}, "US": {"PR", "GU", "VI", "AS", "MP"}, "FR": {"GP", "MQ", "GF", "RE", "YT", "NC", "PF", "PM"},
	"GB": {"GG", "JE", "IM", "GI", "BM", "FK"}, "NL": {"AW", "CW", "BQ", "SX"}, "DK": {"GL", "FO"}, "FI": {"AX"}, "NO": {"SJ"},
}

// regions of countries that are often written instead of the country.
var regions = map[string]string{
	"US": "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington DC|West Virginia|Wisconsin|Wyoming",
	"CN": "Guangdong|Jiangsu|Zhejiang|Shandong|Henan|Hebei|Hubei|Hunan|Sichuan|Fujian|Anhui|Jiangxi|Liaoning|Jilin|Heilongjiang|Shanxi|Shaanxi|Guangxi|Yunnan|Guizhou|Gansu|Qinghai|Hainan|Ningxia|Xinjiang|Inner Mongolia|Tibet",
	"CA": "Ontario|Quebec|Québec|British Columbia|Alberta|Manitoba|Saskatchewan|Nova Scotia|New Brunswick",
	"AU": "New South Wales|NSW|Victoria|Queensland|QLD|South Australia|Western Australia|Tasmania",
	"IN": "Tamil Nadu|Karnataka|Maharashtra|Kerala|Gujarat|Uttar Pradesh|West Bengal|Andhra Pradesh|Telangana|Rajasthan|Punjab India|Madhya Pradesh|Odisha|Assam|Bihar|Haryana|Uttarakhand|Himachal Pradesh",
}

// cityNames lists other spellings of a city, the spelling of GeoNames first.
var cityNames = strings.Split(`Munich|München|Muenchen
Cologne|Köln|Koeln
Nuremberg|Nürnberg
Vienna|Wien
Zurich|Zürich|Zuerich
Geneva|Genève|Genf
Bern|Berne
Basel|Basle
Rome|Roma
Milan|Milano
Turin|Torino
Naples|Napoli
Florence|Firenze
Padua|Padova
Genoa|Genova
Venice|Venezia
Lisbon|Lisboa
Seville|Sevilla
Prague|Praha
Warsaw|Warszawa
Krakow|Cracow|Kraków
Copenhagen|København
Gothenburg|Göteborg
Brussels|Bruxelles|Brussel
Antwerp|Antwerpen
Ghent|Gent|Gand
Leuven|Louvain
The Hague|Den Haag
Kyiv|Kiev
Moscow|Moskva
St Petersburg|Saint Petersburg|Sankt Petersburg
Athens|Athina
Bucharest|București
Belgrade|Beograd
Mumbai|Bombay
Kolkata|Calcutta
Chennai|Madras
Bengaluru|Bangalore
New Delhi|Delhi
Beijing|Peking
Guangzhou|Canton
Xi'an|Xian
Tehran|Teheran
Cairo|Al Qahirah
Mexico City|Ciudad de México|México DF
Ho Chi Minh City|Saigon
Ürümqi|Urumqi
Hohhot|Huhhot
Lhasa|Xizang
Seoul|Soul
Taipei|Taibei
Hong Kong|Hongkong
New York|New York City
Washington|Washington DC|Washington D.C.
Istanbul|İstanbul
Izmir|İzmir`, "\n")

// place is what a stated place means.
type place struct {
	country  country
	country2 country // Georgia
	city     uint32
	province uint8 // first two digits of the GB/T 2260 code
}

// places knows how places are written.
type places struct {
	numbers  map[string]uint32 // folded city name → number
	cityText []string          // by number
	inside   []map[country]bool
	province []uint8 // by city number
	byKey    map[uint64]place
	isPlace  []bool // by word id: some place name contains the word
	han      hanIndex
	hanPlace []place
	division map[string]uint32 // four digits → city number
}

func (p *places) init() {
	p.numbers, p.division, p.byKey = map[string]uint32{}, map[string]uint32{}, map[uint64]place{}
	p.cityText, p.inside, p.province = []string{""}, []map[country]bool{nil}, []uint8{0}
	for _, line := range cityNames {
		names := strings.Split(line, "|")
		n := p.addCity(names[0], 0)
		for _, other := range names[1:] {
			p.numbers[fold.Name(other)] = n
		}
	}
}

func (p *places) isCountry(text string) bool { return countries().folded[fold.Name(text)] }

// addCity returns the number of a city name. Cities of one name in two
// countries share it: the country is weighed apart.
func (p *places) addCity(text string, c country) uint32 {
	key := strings.TrimSuffix(fold.Name(text), "市")
	if key == "" {
		return 0
	}
	n, ok := p.numbers[key]
	if !ok {
		n = uint32(len(p.cityText))
		p.numbers[key] = n
		p.cityText = append(p.cityText, text)
		p.inside = append(p.inside, nil)
		p.province = append(p.province, 0)
	}
	if p.inside[n] == nil {
		p.inside[n] = map[country]bool{}
	}
	p.inside[n][c] = true
	return n
}

// divisionCity returns the city of a GB/T 2260 code; its number is that of the
// Chinese short name until finish joins it to the spelling in use.
func (p *places) divisionCity(code string) uint32 {
	if len(code) < 4 {
		return 0
	}
	for line := range strings.Lines(divisionsText) {
		if strings.HasPrefix(line, code[:4]) {
			_, text, _ := strings.Cut(strings.TrimSpace(line), " ")
			return p.addCity(text, countryOf("CN"))
		}
	}
	return 0
}

// finish learns how cities are written and makes the lookup tables.
func (p *places) finish(x *Index) {
	b := builder{x: x}
	learned := p.learnChinese(x)
	for _, name := range slices.Sorted(maps.Keys(p.numbers)) {
		if !strings.ContainsFunc(name, fold.Unspaced) {
			b.addPlace(name, place{city: p.numbers[name]})
		}
	}
	for n, names := range countries().names {
		for _, name := range names {
			b.addPlace(name, place{country: country(n)})
		}
	}
	for _, code := range slices.Sorted(maps.Keys(regions)) {
		for name := range strings.SplitSeq(regions[code], "|") {
			b.addPlace(name, place{country: countryOf(code)})
		}
	}
	p.hanPlaces(learned)
	p.isPlace = make([]bool, len(x.vocab)+1)
	for _, id := range b.placeWords {
		p.isPlace[id] = true
	}
}

// addPlace registers a spaced name of a place. Cities and countries of one
// name (Singapore, Luxembourg) join; two countries of one name both stand.
func (b *builder) addPlace(text string, add place) {
	b.m.cut(text)
	b.m.canonical()
	var key uint64
	for i := range b.m.words {
		if w := &b.m.words[i]; !w.stop {
			id, ok := b.x.vocab[w.text]
			if !ok {
				id = uint32(len(b.x.spread))
				b.x.vocab[strings.Clone(w.text)] = id
				b.x.spread = append(b.x.spread, 1)
				b.x.before = append(b.x.before, 0)
			}
			b.placeWords = append(b.placeWords, id)
			key += mix(id)
		}
	}
	if key == 0 {
		return
	}
	p := b.x.places.byKey[key]
	if add.city != 0 {
		p.city = add.city
	}
	if add.country != 0 && p.country != add.country {
		p.country, p.country2 = add.country, p.country
	}
	b.x.places.byKey[key] = p
}

// learnChinese finds the spelling of Chinese cities in the register: the city
// in which most organisations whose Chinese name starts with 广州 are seated
// is 广州. Names shared by a province (吉林) are left out.
func (p *places) learnChinese(x *Index) map[string]uint32 {
	votes := map[string]map[uint32]int{}
	divisions := chineseDivisions()
	for _, n := range x.han.names {
		city := x.orgs[n.org].city
		if city == 0 || strings.ContainsFunc(p.cityText[city], fold.Unspaced) {
			continue
		}
		for size := 6; size <= 12 && size < len(n.key); size += 3 {
			if _, ok := divisions[n.key[:size]]; ok {
				if votes[n.key[:size]] == nil {
					votes[n.key[:size]] = map[uint32]int{}
				}
				votes[n.key[:size]][city]++
			}
		}
	}
	learned := map[string]uint32{}
	for _, text := range slices.Sorted(maps.Keys(divisions)) {
		code := divisions[text]
		if strings.HasSuffix(code, "0000") && !municipality(code) {
			continue
		}
		if city := majority(votes[text]); city != 0 {
			learned[text] = city
			p.province[city] = provinceNumber(code)
			if zh := p.numbers[text]; zh != 0 && zh != city {
				p.join(x, zh, city)
			}
			p.numbers[text] = city
		} else if zh := p.numbers[text]; zh != 0 {
			learned[text] = zh
			p.province[zh] = provinceNumber(code)
		} else {
			n := p.addCity(text, countryOf("CN"))
			learned[text] = n
			p.province[n] = provinceNumber(code)
		}
	}
	return learned
}

// join makes organisations seated in the Chinese spelling be seated in the
// other one.
func (p *places) join(x *Index, from, to uint32) {
	p.numbers[fold.Name(p.cityText[from])] = to
	for i := range x.orgs {
		if x.orgs[i].city == from {
			x.orgs[i].city = to
		}
	}
}

func majority(votes map[uint32]int) uint32 {
	best, all, city := 0, 0, uint32(0)
	for c, n := range votes {
		all += n
		if n > best || n == best && c < city {
			best, city = n, c
		}
	}
	if best < 2 || best*10 < all*6 {
		return 0
	}
	return city
}

// chineseDivisions maps short names to codes; a province wins over a city of
// the same name.
func chineseDivisions() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(divisionsText) {
		code, text, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if old, dup := out[text]; !dup || !strings.HasSuffix(old, "0000") {
			out[text] = code
		}
	}
	return out
}

func municipality(code string) bool {
	switch code[:2] {
	case "11", "12", "31", "50", "81", "82":
		return true
	}
	return false
}

func provinceNumber(code string) uint8 { return (code[0]-'0')*10 + code[1] - '0' }

func (p *places) hanPlaces(learned map[string]uint32) {
	var names []hanName
	add := func(text string, pl place) {
		names = append(names, hanName{key: fold.Name(text), org: int32(len(p.hanPlace))})
		p.hanPlace = append(p.hanPlace, pl)
	}
	divisions := chineseDivisions()
	for _, text := range slices.Sorted(maps.Keys(divisions)) {
		code := divisions[text]
		pl := place{province: provinceNumber(code), city: learned[text], country: countryOf("CN")}
		switch code[:2] {
		case "71":
			pl.country = countryOf("TW")
		case "81":
			pl.country = countryOf("HK")
		case "82":
			pl.country = countryOf("MO")
		}
		add(text, pl)
	}
	for n, all := range countries().names {
		for _, text := range all {
			if strings.ContainsFunc(text, fold.Unspaced) && country(n) != countryOf("HK") && country(n) != countryOf("MO") && country(n) != countryOf("TW") {
				add(text, place{country: country(n)})
			}
		}
	}
	p.han = newHanIndex(names)
}
