package observatory

import (
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
	"github.com/kapok-city/kapok/internal/transfer"
)

func text(names ...string) []stats.Column  { return columns(stats.Text, names) }
func whole(names ...string) []stats.Column { return columns(stats.Int, names) }
func real(names ...string) []stats.Column  { return columns(stats.Real, names) }

func columns(t stats.Type, names []string) []stats.Column {
	out := make([]stats.Column, len(names))
	for i, n := range names {
		out[i] = stats.Column{Name: n, Type: t}
	}
	return out
}

func join(parts ...[]stats.Column) []stats.Column {
	var out []stats.Column
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// cityOf and districtOf read a GB/T 2260 code: 440112 lies in 440100, 110105
// in the municipality 110000; a code that ends in 00 names no district.
func cityOf(code string) string {
	return "CASE WHEN substr(" + code + ", 1, 2) IN ('11', '12', '31', '50') THEN substr(" + code + ", 1, 2) || '0000' ELSE substr(" + code + ", 1, 4) || '00' END"
}

func districtOf(code string) string {
	return "CASE WHEN substr(" + code + ", 5, 2) <> '00' THEN " + code + " END"
}

// Pieces of the paper facts. An organisation that two names of one affiliation
// lead to, or that was merged, counts once.
const (
	affiliationCounts = `SELECT paper_id, COUNT(*) AS n FROM paper_affiliation GROUP BY paper_id`
	resolvedOrgs      = `SELECT p.paper_id AS paper_id, p.position AS position, o.root AS root, MAX(p.score) AS score
		FROM paper_org p JOIN org o ON o.id = p.org_id GROUP BY p.paper_id, p.position, o.root`
	resolvedCounts = `SELECT y.paper_id AS paper_id, y.position AS position, COUNT(*) AS k FROM (` + resolvedOrgs + `) y GROUP BY y.paper_id, y.position`
	printedCities  = `SELECT t.city AS city, MIN(v.code) AS code FROM (SELECT DISTINCT city FROM paper_affiliation WHERE city <> '') t
		JOIN division v ON (v.level = 'city' OR v.code IN ('110000', '120000', '310000', '500000')) AND v.valid_to = '' AND (v.name_zh = t.city OR v.name_zh = t.city || '市' OR LOWER(v.name_en) = LOWER(t.city))
		GROUP BY t.city`
)

// Facts are the facts that the computations read. An organisation stands for
// all records merged into it; what is unknown is NULL.
//
//	fact_division      administrative divisions, dated
//	fact_org           one row per organisation; ror is its ROR id
//	fact_platform      one row per platform; place is its own division, else that
//	                   of its own organisation
//	fact_relation      dated relations
//	fact_paper         one row per paper
//	fact_affiliation   paper × affiliation; weight is 1/number of affiliations
//	fact_paper_org     paper × affiliation × organisation, one row without org_id
//	                   for an affiliation that resolves to none; the weights of a
//	                   paper add up to 1. place is the city as printed, else the
//	                   city of the organisation
//	fact_reported      reported values
//	fact_result        results that everybody may see, listed or no longer
//	fact_need          needs that everybody may see, likewise
//	fact_introduction  introductions between what everybody may see; accepted_on
//	                   is the first day on which the sides were in contact
//
//	fact_fund          funds that everybody may see; org_key is the key of its
//	                   organisation in the bundled files ("org:…"). With them:
//	fact_fund_stake    a fund of them that committed to another; day of commitment
//	fact_fund_payment  what was paid in, by whomever; fen; nature is public, social
//	                   or NULL where it is not known
//	fact_holding       companies that they put money into; city is the company's
//	fact_listing       listings that everybody may see; listed_on is the day of the
//	                   step, NULL for one that has not come so far
//	fact_pool_member   banks and guarantors of the risk pools
//	fact_pool_year     the loans that a pool registered in a year, added up: a loan
//	                   and its borrower are the staff's to see. newcomers counts
//	                   borrowers in the year of their first loan alone, so that the
//	                   years add up
//	fact_pool_paid     the compensation that a pool paid in a year, likewise
//
// What is not public stands in none of them but in the sums of pools, so that no
// other figure tells how much of it there is. simulated is 1 for what was made up for a demonstration.
//
// The equal split is the author-affiliation split of the Nature Index Share
// and of the Leiden Ranking, one step coarser: papers here have affiliations
// and no authors.
func Facts() []stats.Fact {
	return append([]stats.Fact{
		{
			Name: "fact_division", Kinds: []string{registry.KindDivision},
			Columns: text("id", "code", "name_zh", "name_en", "level", "parent", "valid_from", "valid_to"),
			Query: `SELECT id, code, NULLIF(name_zh, ''), NULLIF(name_en, ''), level, NULLIF(parent, ''), NULLIF(valid_from, ''), NULLIF(valid_to, '')
			FROM division`,
		},
		{
			Name: "fact_org", Kinds: []string{registry.KindOrg},
			Columns: join(text("id", "kind", "name_zh", "name_en", "status", "country", "division", "city", "district", "ror", "established", "closed"), real("lat", "lon"), whole("simulated")),
			Query: `SELECT o.id, o.kind, NULLIF(o.name_zh, ''), NULLIF(o.name_en, ''), o.status, NULLIF(o.country, ''), NULLIF(o.division, ''),
				` + cityOf("NULLIF(o.division, '')") + `, ` + districtOf("NULLIF(o.division, '')") + `, r.ror,
				NULLIF(o.established, ''), NULLIF(o.closed, ''), o.lat, o.lon, ` + simulated("s.simulated") + `
			FROM org o JOIN source s ON s.id = o.source_id LEFT JOIN (SELECT m.root AS root, MIN(i.value) AS ror FROM org_identifier i JOIN org m ON m.id = i.org_id
				WHERE i.scheme = 'ror' GROUP BY m.root) r ON r.root = o.id
			WHERE o.merged_into IS NULL`,
		},
		{
			Name: "fact_platform", Kinds: []string{registry.KindPlatform, registry.KindOrg},
			Columns: text("id", "key", "name_zh", "name_en", "class", "grouping", "level", "org_id", "place", "city", "district", "status", "established", "closed"),
			Query: `SELECT id, key, NULLIF(name_zh, ''), NULLIF(name_en, ''), class, NULLIF(grouping, ''), NULLIF(level, ''), org_id, place,
				` + cityOf("place") + `, ` + districtOf("place") + `, NULLIF(status, ''), NULLIF(established, ''), NULLIF(closed, '')
			FROM (SELECT p.*, COALESCE(NULLIF(p.division, ''), NULLIF(r.division, '')) AS place
				FROM platform p LEFT JOIN org o ON o.id = p.org_id LEFT JOIN org r ON r.id = o.root) x`,
		},
		{
			Name: "fact_relation", Kinds: []string{registry.KindRelation},
			Columns: join(text("id", "from_id", "kind", "to_id", "valid_from", "valid_to"), real("share")),
			Query:   `SELECT id, from_id, kind, to_id, NULLIF(valid_from, ''), NULLIF(valid_to, ''), share FROM relation`,
		},
		{
			Name: "fact_paper", Kinds: []string{registry.KindPaper},
			Columns: join(text("id", "key", "title", "lang"), whole("year", "month"), text("doi", "clc"), whole("affiliations")),
			Query: `SELECT p.id, p.key, NULLIF(p.title, ''), NULLIF(p.lang, ''), NULLIF(p.year, 0), NULLIF(p.month, 0), NULLIF(p.doi, ''), NULLIF(p.clc, ''),
				(SELECT COUNT(*) FROM paper_affiliation a WHERE a.paper_id = p.id)
			FROM paper p`,
		},
		{
			Name: "fact_affiliation", Kinds: []string{registry.KindPaper, registry.KindOrg, registry.KindDivision},
			Columns: join(text("paper_id"), whole("position"), text("raw", "city_text", "city", "country", "method"), whole("orgs"), real("weight")),
			Query: `SELECT a.paper_id, a.position, a.raw, NULLIF(a.city, ''), c.code, NULLIF(a.country, ''), NULLIF(a.method, ''),
				COALESCE(k.k, 0), CAST(1 AS DOUBLE PRECISION) / n.n
			FROM paper_affiliation a
			LEFT JOIN (` + resolvedCounts + `) k ON k.paper_id = a.paper_id AND k.position = a.position
			JOIN (` + affiliationCounts + `) n ON n.paper_id = a.paper_id
			LEFT JOIN (` + printedCities + `) c ON c.city = a.city`,
		},
		{
			Name: "fact_paper_org", Kinds: []string{registry.KindPaper, registry.KindOrg, registry.KindDivision},
			Columns: join(text("paper_id"), whole("position"), text("org_id", "name_zh", "name_en", "kind", "city", "place"), real("weight", "score")),
			Query: `SELECT a.paper_id, a.position, r.id, NULLIF(r.name_zh, ''), NULLIF(r.name_en, ''), r.kind, ` + cityOf("NULLIF(r.division, '')") + `,
				COALESCE(c.code, ` + cityOf("NULLIF(r.division, '')") + `), CAST(1 AS DOUBLE PRECISION) / n.n / COALESCE(k.k, 1), x.score
			FROM paper_affiliation a
			JOIN (` + affiliationCounts + `) n ON n.paper_id = a.paper_id
			LEFT JOIN (` + printedCities + `) c ON c.city = a.city
			LEFT JOIN (` + resolvedOrgs + `) x ON x.paper_id = a.paper_id AND x.position = a.position
			LEFT JOIN org r ON r.id = x.root
			LEFT JOIN (` + resolvedCounts + `) k ON k.paper_id = a.paper_id AND k.position = a.position`,
		},
		{
			Name: "fact_reported", Kinds: []string{KindReported},
			Columns: join(text("id", "figure_id", "bound"), real("value", "high"), text("unit", "period_kind", "period_start", "period_end", "edition"),
				whole("data_year"), text("source_id", "locator")),
			Query: `SELECT id, figure_id, bound, value, CASE WHEN bound = 'range' THEN high END, unit, period_kind, NULLIF(period_start, ''), NULLIF(period_end, ''),
				NULLIF(edition, ''), NULLIF(data_year, 0), source_id, NULLIF(locator, '')
			FROM reported_value`,
		},
		{
			Name: "fact_result", Kinds: []string{transfer.KindResult, source.Kind},
			Columns: join(text("id", "title_zh", "title_en", "type", "stage"), whole("trl"), text("trl_scale", "status", "owner_id", "city", "district", "listed_on", "expires_on"), whole("simulated")),
			Query: `SELECT r.id, NULLIF(r.title_zh, ''), NULLIF(r.title_en, ''), r.type, NULLIF(r.stage, ''), r.trl, NULLIF(r.trl_scale, ''), ` + listing("r") + `
			FROM result r JOIN source s ON s.id = r.source_id WHERE ` + openToAll("r", "s"),
		},
		{
			Name: "fact_need", Kinds: []string{transfer.KindNeed, source.Kind},
			Columns: join(text("id", "title_zh", "title_en", "kind"), whole("prize"), text("deadline", "status", "owner_id", "city", "district", "listed_on", "expires_on"), whole("simulated")),
			Query: `SELECT r.id, NULLIF(r.title_zh, ''), NULLIF(r.title_en, ''), r.kind, r.prize, NULLIF(r.deadline, ''), ` + listing("r") + `
			FROM need r JOIN source s ON s.id = r.source_id WHERE ` + openToAll("r", "s"),
		},
		{
			Name: "fact_introduction", Kinds: []string{transfer.KindIntroduction, transfer.KindNeed, transfer.KindResult, transfer.KindService, source.Kind},
			Columns: join(text("id", "need_id", "need_zh", "need_en", "offer_kind", "offer_id", "day", "state", "listed_on", "accepted_on"), whole("simulated")),
			Query: `SELECT i.id, i.need_id, NULLIF(r.title_zh, ''), NULLIF(r.title_en, ''), i.offer_kind, i.offer_id, i.day,
				(SELECT e.event FROM introduction_event e WHERE e.introduction_id = i.id ORDER BY e.position DESC LIMIT 1), NULLIF(r.listed_on, ''),
				(SELECT MIN(e.day) FROM introduction_event e WHERE e.introduction_id = i.id AND e.event IN ('contacted', 'deal')),
				CASE WHEN s.simulated THEN 1 ELSE 0 END
			FROM introduction i JOIN need r ON i.need_kind = 'need' AND r.id = i.need_id JOIN source s ON s.id = r.source_id
			WHERE ` + openToAll("r", "s") + ` AND (i.offer_kind NOT IN ('result', 'service')
				OR i.offer_id IN (SELECT x.id FROM result x JOIN source y ON y.id = x.source_id WHERE ` + openToAll("x", "y") + `)
				OR i.offer_id IN (SELECT x.id FROM service x JOIN source y ON y.id = x.source_id WHERE ` + openToAll("x", "y") + `))`,
		},
	}, moneyFacts()...)
}

// openToAll is the condition that everybody may see a record of the room
// transfer: its level is public, and so is its source.
func openToAll(record, source string) string {
	return record + ".level_rank = 0 AND " + source + ".licence_tag <> 'R'"
}

func listing(record string) string {
	place := "NULLIF(" + record + ".division, '')"
	return record + ".status, " + record + ".owner_id, " + cityOf(place) + ", " + districtOf(place) +
		", NULLIF(" + record + ".listed_on, ''), NULLIF(" + record + ".expires_on, ''), CASE WHEN s.simulated THEN 1 ELSE 0 END"
}
