package indicator

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:embed sql/*.sql
var texts embed.FS

// Statement is one step of a computation: a SELECT whose rows are kept as a
// table. Later steps read the tables of earlier ones.
type Statement struct {
	Name  string // the table it makes
	SQL   string
	Years bool // it works on the years From to To, and can be run for each year alone
	Keep  bool // a result that Values and Records read; the others may go when all is done
}

// Statements returns the steps for a spec's unit and the world, in the order in
// which they run, in the words of a dialect. They read the tables of a corpus.
// The last, unit_values, is what [Values] asks of the tables that the others make.
// With spec.Core they also read core_work, which [PrepareCore] makes.
func Statements(spec Spec, d Dialect) ([]Statement, error) {
	spec, err := spec.complete()
	if err != nil {
		return nil, err
	}
	units := unitsOf(spec, nil)
	steps := common(&spec)
	for _, u := range units {
		steps = append(steps, unitSteps(&spec, u)...)
	}
	steps = append(steps, yearly(&spec, units)...)
	steps = append(steps, valuesStatement(&spec))
	for i := range steps {
		steps[i].SQL = d.Rewrite(steps[i].SQL)
	}
	return steps, nil
}

// Method returns a hash of the statements of a spec, parameters and all: the
// same hash means the same arithmetic.
func Method(spec Spec) (string, error) {
	steps, err := Statements(spec, DuckDB)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, s := range steps {
		fmt.Fprintf(h, "%s\n%s\n", s.Name, s.SQL)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

// common are the steps that need no year.
func common(spec *Spec) []Statement {
	return []Statement{
		step(spec, "rolled_1", "rolled_1"), step(spec, "rolled_2", "rolled_step", "{before}", "rolled_1"),
		step(spec, "rolled_4", "rolled_step", "{before}", "rolled_2"), step(spec, "rolled_up", "rolled_up"), step(spec, "associated", "associated"),
		step(spec, "member", "member"), step(spec, "place", "place"),
	}
}

// unitSteps say what the numbers of a unit stand for and which institutions
// belong to it.
func unitSteps(spec *Spec, u Unit) []Statement {
	keep := func(s Statement) Statement { s.Keep = true; return s }
	switch u {
	case World:
		return []Statement{keep(step(spec, "unit_world", "unit_world"))}
	case Organisation, Institution:
		return []Statement{keep(step(spec, "unit_"+string(u), "unit_organisation"))}
	case Platform:
		return []Statement{
			{Name: "platform_member", SQL: platformMembers(spec.Platforms)},
			keep(step(spec, "unit_platform", "unit_platform")), step(spec, "member_platform", "member_platform"),
		}
	}
	return []Statement{keep(step(spec, "unit_"+string(u), "unit_"+string(u))), step(spec, "member_"+string(u), "member_"+string(u))}
}

// yearly are the steps over works. Works of one year never meet those of
// another, so they run year by year where memory is short.
func yearly(spec *Spec, units []Unit) []Statement {
	steps := []Statement{
		step(spec, "scope", "scope"), step(spec, "cell_level", "cell_level"),
		step(spec, "work_institution", "work_institution"), step(spec, "work_country", "work_country"),
		step(spec, "part_direct", "part_direct"), step(spec, "part_organisation", "part_organisation"),
		step(spec, "work_trait", "work_trait"), step(spec, "scored", "scored"),
	}
	if spec.Citations == "links" {
		steps = append([]Statement{step(spec, "linked", "linked")}, steps...)
	}
	for _, u := range units {
		switch u {
		case Organisation: // its parts are there already
		case Institution, Country, World:
			steps = append(steps, step(spec, "part_"+string(u), "part_"+string(u)))
		default:
			steps = append(steps, step(spec, "part_"+string(u), "part_place", "{unit}", string(u)))
		}
		steps = append(steps, step(spec, "sums_"+string(u), "sums", "{unit}", string(u)), step(spec, "gaps_"+string(u), "gaps", "{unit}", string(u)))
	}
	for i := range steps {
		name := steps[i].Name
		steps[i].Years = true
		steps[i].Keep = name == "scored" || name == "cell_level" || strings.HasPrefix(name, "sums_") ||
			strings.HasPrefix(name, "gaps_") || strings.HasPrefix(name, "part_") && slices.Contains(units, Unit(strings.TrimPrefix(name, "part_")))
	}
	return steps
}

// Squared chords of the unit sphere for 100 km and 5,000 km on a sphere of
// 6,371.01 km, the radius of the Leiden Ranking: (2 sin(d/2R))².
const (
	nearChord = "CAST(0.00024636244759847995 AS DOUBLE)"
	farChord  = "CAST(0.5849477151462107 AS DOUBLE)"
)

// step fills a text. All that is filled in was checked by complete.
func step(spec *Spec, name, file string, more ...string) Statement {
	types := make([]string, len(spec.Types))
	kind := "CASE w.type"
	for i, t := range spec.Types {
		types[i] = "'" + t + "'"
		kind += " WHEN " + types[i] + " THEN " + strconv.Itoa(i+1)
	}
	core, linked, cites, coreCiting, citing := "", "", "w."+citations[spec.Citations], "", ""
	if spec.Core {
		core = "JOIN core_work c ON c.work_id = w.work_id\n"
		coreCiting, citing = "JOIN core_work k ON k.work_id = c.citing\n", ", and by core publications alone"
	}
	if spec.Citations == "links" {
		linked, cites = "LEFT JOIN linked l ON l.work_id = w.work_id\n", "COALESCE(l.cites, 0)"
	}
	fill := strings.NewReplacer(append([]string{
		"{from}", strconv.Itoa(spec.From), "{to}", strconv.Itoa(spec.To), "{core_from}", strconv.Itoa(spec.CoreFrom),
		"{types}", strings.Join(types, ", "), "{kind}", "CAST(" + kind + " END AS BIGINT)",
		"{cell}", spec.Field, "{cites}", cites, "{core}", core, "{linked}", linked, "{core_citing}", coreCiting, "{citing}", citing,
		"{near}", nearChord, "{far}", farChord,
	}, more...)...)
	return Statement{Name: name, SQL: fill.Replace(text(file))}
}

func text(file string) string {
	raw, err := texts.ReadFile("sql/" + file + ".sql")
	if err != nil {
		panic(err) // a file of the program is not in the program
	}
	return strings.TrimSpace(string(raw))
}

// platformMembers is the list of members as a table.
func platformMembers(members []Member) string {
	rows := make([]string, 0, len(members))
	for _, m := range members {
		rows = append(rows, "('"+m.Platform+"', '"+m.OrgID+"')")
	}
	where := ""
	if len(rows) == 0 {
		rows, where = append(rows, "('', '')"), " WHERE platform <> ''"
	}
	return "-- platform_member: the organisations of each platform, as the registry has them.\nSELECT platform, org_id FROM (VALUES " + strings.Join(rows, ", ") + ") AS m(platform, org_id)" + where
}
