package observatory

import (
	"github.com/kapok-city/kapok/internal/finance/capital"
	"github.com/kapok-city/kapok/internal/finance/fund"
	"github.com/kapok-city/kapok/internal/finance/pool"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/source"
	"github.com/kapok-city/kapok/internal/stats"
)

// Kinds of event of a fund in the change log.
const (
	fundCommitment = fund.KindFund + "_commitment"
	fundPayment    = fund.KindFund + "_payment"
	fundHolding    = fund.KindFund + "_holding"
	fundExit       = fund.KindFund + "_exit"
)

// simulated says of the sources named whether one of them is made up.
func simulated(condition string) string {
	return "CASE WHEN " + condition + " THEN 1 ELSE 0 END"
}

// standing is an event of an open fund that was not taken back, from a source
// that is open too: event, its row in table as r, fund and their sources.
func standing(table string) string {
	return ` FROM ` + table + ` r JOIN fund_event e ON e.id = r.id AND e.cancelled_by = '' JOIN source q ON q.id = e.source_id AND q.licence_tag <> 'R'
			JOIN fund f ON f.id = r.fund_id JOIN source s ON s.id = f.source_id AND ` + openToAll("f", "s")
}

// moneyFacts are the facts of the rooms of finance. See Facts.
func moneyFacts() []stats.Fact {
	return []stats.Fact{
		{
			Name: "fact_fund", Kinds: []string{fund.KindFund, registry.KindOrg, source.Kind},
			Columns: join(text("id", "key", "name_zh", "name_en", "kind", "status", "org_id", "org_key"), whole("vintage", "simulated")),
			Query: `SELECT f.id, f.key, NULLIF(f.name_zh, ''), NULLIF(f.name_en, ''), f.kind, f.status, o.root, k.key, NULLIF(f.vintage, 0), ` + simulated("s.simulated") + `
			FROM fund f JOIN source s ON s.id = f.source_id LEFT JOIN org o ON o.id = f.org_id
			LEFT JOIN (SELECT m.root AS root, MIN(i.key) AS key FROM import_key i JOIN org m ON m.id = i.entity_id WHERE i.key LIKE 'org:%' GROUP BY m.root) k ON k.root = o.root
			WHERE ` + openToAll("f", "s"),
		},
		{
			Name: "fact_fund_stake", Kinds: []string{fundCommitment, fund.KindFund, source.Kind},
			Columns: join(text("id", "fund_id", "investor_fund", "day"), whole("simulated")),
			Query: `SELECT r.id, r.fund_id, r.investor_fund, e.day, ` + simulated("s.simulated OR q.simulated") + standing("fund_commitment") + `
			JOIN fund g ON g.id = r.investor_fund JOIN source x ON x.id = g.source_id AND ` + openToAll("g", "x"),
		},
		{
			Name: "fact_fund_payment", Kinds: []string{fundPayment, fundCommitment, fund.KindFund, source.Kind},
			Columns: join(text("id", "fund_id", "day", "nature"), whole("fen", "simulated")),
			Query: `SELECT r.id, r.fund_id, e.day, NULLIF(c.nature, ''), r.amount, ` + simulated("s.simulated OR q.simulated") + standing("fund_payment") + `
			JOIN fund_commitment c ON c.id = r.commitment_id`,
		},
		{
			Name: "fact_holding", Kinds: []string{fundHolding, fundExit, fund.KindFund, registry.KindOrg, source.Kind},
			Columns: join(text("id", "fund_id", "org_id", "company", "company_en", "city", "district", "day", "exited_on"), whole("fen", "simulated")),
			Query: `SELECT r.id, r.fund_id, o.root, COALESCE(NULLIF(t.name_zh, ''), NULLIF(t.name_en, ''), r.company), NULLIF(t.name_en, ''),
				` + cityOf("NULLIF(t.division, '')") + `, ` + districtOf("NULLIF(t.division, '')") + `, e.day,
				(SELECT MIN(y.day) FROM fund_exit z JOIN fund_event y ON y.id = z.id AND y.cancelled_by = '' WHERE z.holding_id = r.id), r.amount,
				` + simulated("s.simulated OR q.simulated") + standing("fund_holding") + `
			LEFT JOIN org o ON o.id = r.org_id LEFT JOIN org t ON t.id = o.root`,
		},
		{
			Name: "fact_listing", Kinds: []string{capital.KindListing, registry.KindOrg, source.Kind},
			Columns: join(text("id", "org_id", "company", "company_en", "city", "market", "board", "state", "listed_on"), whole("simulated")),
			Query: `SELECT r.id, o.root, COALESCE(NULLIF(t.name_zh, ''), NULLIF(t.name_en, ''), r.company), NULLIF(t.name_en, ''), ` + cityOf("NULLIF(t.division, '')") + `,
				r.market, NULLIF(r.board, ''), r.state,
				(SELECT MAX(p.day) FROM capital_step p WHERE p.listing_id = r.id AND p.state = 'listed' AND NOT EXISTS (SELECT 1 FROM capital_step c WHERE c.listing_id = p.listing_id AND c.corrects = p.position)),
				` + simulated("s.simulated") + `
			FROM capital_listing r JOIN source s ON s.id = r.source_id LEFT JOIN org o ON o.id = r.org_id LEFT JOIN org t ON t.id = o.root WHERE ` + openToAll("r", "s"),
		},
		{
			Name: "fact_pool_member", Kinds: []string{pool.KindMember, source.Kind},
			Columns: join(text("id", "pool_id", "place", "party", "name_zh", "name_en", "joined_on", "left_on"), whole("simulated")),
			Query: `SELECT m.id, m.pool_id, NULLIF(p.place, ''), m.party, NULLIF(m.name_zh, ''), NULLIF(m.name_en, ''), NULLIF(m.joined_on, ''), NULLIF(m.left_on, ''), ` + simulated("s.simulated") + `
			FROM pool_member m JOIN pool p ON p.id = m.pool_id JOIN source s ON s.id = m.source_id AND s.licence_tag <> 'R'`,
		},
		{
			Name: "fact_pool_year", Kinds: []string{pool.KindLoan, pool.KindPool, source.Kind},
			Columns: join(text("id", "pool_id", "place", "name_zh", "name_en"), whole("year", "loans", "newcomers", "fen", "simulated")),
			Query: `SELECT p.id || '#' || n.year, p.id, NULLIF(p.place, ''), NULLIF(p.name_zh, ''), NULLIF(p.name_en, ''), CAST(n.year AS BIGINT), n.loans, COALESCE(b.newcomers, 0), n.fen, n.simulated
			FROM pool p JOIN source x ON x.id = p.source_id AND x.licence_tag <> 'R'
			JOIN (SELECT l.pool_id AS pool_id, l.year AS year, COUNT(*) AS loans, CAST(SUM(l.principal) AS BIGINT) AS fen, MAX(` + simulated("s.simulated") + `) AS simulated
				FROM ` + countedLoans + ` GROUP BY l.pool_id, l.year) n ON n.pool_id = p.id
			LEFT JOIN (SELECT f.pool_id AS pool_id, f.year AS year, COUNT(*) AS newcomers FROM
				(SELECT l.pool_id AS pool_id, l.borrower_key AS borrower_key, MIN(l.year) AS year FROM ` + countedLoans + ` GROUP BY l.pool_id, l.borrower_key) f
				GROUP BY f.pool_id, f.year) b ON b.pool_id = n.pool_id AND b.year = n.year`,
		},
		{
			Name: "fact_pool_paid", Kinds: []string{pool.KindClaim, pool.KindPool, source.Kind},
			Columns: join(text("id", "pool_id", "place", "name_zh", "name_en"), whole("year", "claims", "fen", "returned", "simulated")),
			Query: `SELECT p.id || '#' || substr(c.paid_on, 1, 4), p.id, NULLIF(p.place, ''), NULLIF(p.name_zh, ''), NULLIF(p.name_en, ''), CAST(substr(c.paid_on, 1, 4) AS BIGINT), COUNT(*),
				CAST(SUM(c.paid) AS BIGINT), CAST(SUM(c.returned) AS BIGINT), MAX(` + simulated("s.simulated") + `)
			FROM pool_claim c JOIN pool p ON p.id = c.pool_id JOIN source s ON s.id = c.source_id AND s.licence_tag <> 'R'
			WHERE c.paid > 0 AND c.paid_on <> '' GROUP BY p.id, p.place, p.name_zh, p.name_en, substr(c.paid_on, 1, 4)`,
		},
	}
}

// countedLoans are the loans that a pool took, from sources that are open.
const countedLoans = `pool_loan l JOIN source s ON s.id = l.source_id AND s.licence_tag <> 'R' AND l.status NOT IN ('withdrawn', 'rejected')`
