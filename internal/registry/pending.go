package registry

import (
	"context"
	"errors"
	"iter"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/registry/identifier"
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

var errPending = errors.New("registry: being written")

// MergeRecord is one merge of two organisations.
type MergeRecord struct {
	ID       string  `json:"id"`
	From     string  `json:"from"`
	Into     string  `json:"into"`
	Reason   string  `json:"reason,omitempty"`
	Actor    string  `json:"actor"`
	At       db.Time `json:"at"`
	UndoneAt db.Time `json:"undone_at,omitzero"`
	UndoneBy string  `json:"undone_by,omitempty"`
}

func (s *Service) Org(ctx context.Context, id string) (Org, error) { return Org{}, errPending }
func (s *Service) Orgs(ctx context.Context, f OrgFilter) (List[Org], error) {
	return List[Org]{}, errPending
}
func (s *Service) OrgFacets(ctx context.Context, f OrgFilter) (OrgFacets, error) {
	return OrgFacets{}, errPending
}
func (s *Service) ByIdentifier(ctx context.Context, scheme identifier.Scheme, value string) (Org, error) {
	return Org{}, errPending
}
func (s *Service) Names(ctx context.Context, ids []string) (map[string]Ref, error) {
	return nil, errPending
}
func (s *Service) Relations(ctx context.Context, id string) ([]LinkGroup, error) {
	return nil, errPending
}
func (s *Service) RollUp(ctx context.Context, id, at string) ([]string, error) {
	return nil, errPending
}
func (s *Service) Ancestors(ctx context.Context, id, at string) ([]string, error) {
	return nil, errPending
}
func (s *Service) History(ctx context.Context, kind, id string, before int64, limit int) ([]change.Entry, error) {
	return nil, errPending
}
func (s *Service) Merges(ctx context.Context, id string) ([]MergeRecord, error) {
	return nil, errPending
}
func (s *Service) Platform(ctx context.Context, id string) (Platform, error) {
	return Platform{}, errPending
}
func (s *Service) Platforms(ctx context.Context, f PlatformFilter) (List[Platform], error) {
	return List[Platform]{}, errPending
}
func (s *Service) PlatformFacets(ctx context.Context, f PlatformFilter) (Facets, error) {
	return nil, errPending
}
func (s *Service) Park(ctx context.Context, id string) (Park, error) { return Park{}, errPending }
func (s *Service) Parks(ctx context.Context, f ParkFilter) (List[Park], error) {
	return List[Park]{}, errPending
}
func (s *Service) Person(ctx context.Context, id string) (Person, error) {
	return Person{}, errPending
}
func (s *Service) People(ctx context.Context, f PersonFilter) (List[Person], error) {
	return List[Person]{}, errPending
}
func (s *Service) Paper(ctx context.Context, id string) (Paper, error) { return Paper{}, errPending }
func (s *Service) Papers(ctx context.Context, f PaperFilter) (List[Paper], error) {
	return List[Paper]{}, errPending
}
func (s *Service) PaperYears(ctx context.Context, f PaperFilter) ([]YearCount, error) {
	return nil, errPending
}

// Division returns the division that code named on a day ("" for today).
func (s *Service) Division(ctx context.Context, code, at string) (Division, error) {
	return Division{}, errPending
}

// Divisions returns the divisions below parent ("" for the provinces) on a day.
func (s *Service) Divisions(ctx context.Context, at, parent string) ([]Division, error) {
	return nil, errPending
}
func (s *Service) DivisionPath(ctx context.Context, code, at string) ([]Division, error) {
	return nil, errPending
}
func (s *Service) DivisionHistory(ctx context.Context, code string) ([]Division, error) {
	return nil, errPending
}
func (s *Service) DivisionsByName(ctx context.Context, name, at string) ([]Division, error) {
	return nil, errPending
}

func (s *Service) CreateOrg(ctx context.Context, by change.Author, o Org) (Org, error) {
	return Org{}, errPending
}
func (s *Service) UpdateOrg(ctx context.Context, by change.Author, id string, version int64, c OrgChange) (Org, error) {
	return Org{}, errPending
}
func (s *Service) Merge(ctx context.Context, by change.Author, from, into string, fromVersion, intoVersion int64) (MergeRecord, error) {
	return MergeRecord{}, errPending
}
func (s *Service) Unmerge(ctx context.Context, by change.Author, id string, version int64) (Org, error) {
	return Org{}, errPending
}

// SaveRelation creates a relation (Version 0) or replaces the one that still has that Version.
func (s *Service) SaveRelation(ctx context.Context, by change.Author, r Relation) (Relation, error) {
	return Relation{}, errPending
}
func (s *Service) RemoveRelation(ctx context.Context, by change.Author, id string, version int64) error {
	return errPending
}
func (s *Service) SavePlatform(ctx context.Context, by change.Author, p Platform) (Platform, error) {
	return Platform{}, errPending
}
func (s *Service) SavePark(ctx context.Context, by change.Author, p Park) (Park, error) {
	return Park{}, errPending
}
func (s *Service) SavePerson(ctx context.Context, by change.Author, p Person) (Person, error) {
	return Person{}, errPending
}
func (s *Service) SavePaper(ctx context.Context, by change.Author, p Paper) (Paper, error) {
	return Paper{}, errPending
}

func (s *Service) PutOrgs(ctx context.Context, tx *db.Tx, by change.Author, rows []Org) ([]Outcome, error) {
	return nil, errPending
}
func (s *Service) PutRelations(ctx context.Context, tx *db.Tx, by change.Author, rows []Relation) ([]Outcome, error) {
	return nil, errPending
}
func (s *Service) PutPlatforms(ctx context.Context, tx *db.Tx, by change.Author, rows []Platform) ([]Outcome, error) {
	return nil, errPending
}
func (s *Service) PutParks(ctx context.Context, tx *db.Tx, by change.Author, rows []Park) ([]Outcome, error) {
	return nil, errPending
}
func (s *Service) PutPeople(ctx context.Context, tx *db.Tx, by change.Author, rows []Person) ([]Outcome, error) {
	return nil, errPending
}
func (s *Service) PutPapers(ctx context.Context, tx *db.Tx, by change.Author, rows []Paper) ([]Outcome, error) {
	return nil, errPending
}
func (s *Service) PutDivisions(ctx context.Context, tx *db.Tx, by change.Author, rows []Division) ([]Outcome, error) {
	return nil, errPending
}

// Undo restores what one entry of a batch changed.
func (s *Service) Undo(ctx context.Context, tx *db.Tx, by change.Author, e change.Entry) error {
	return errPending
}

// ResolvePapers resolves the affiliations without organisations that index now answers; it returns how many papers changed.
func (s *Service) ResolvePapers(ctx context.Context, tx *db.Tx, by change.Author, index *resolve.Index) (int64, error) {
	return 0, errPending
}

// Resolver returns an index of the organisations as they stand.
func (s *Service) Resolver(ctx context.Context) (*resolve.Index, error) { return nil, errPending }

// ResolverOrgs yields the organisations as resolve.Build wants them; stop is called with the first error.
func ResolverOrgs(ctx context.Context, q db.Querier, stop func(error)) iter.Seq[resolve.Org] {
	return nil
}

// IDsByIdentifier returns the organisations (after merges) that hold the values of one scheme.
func IDsByIdentifier(ctx context.Context, q db.Querier, scheme identifier.Scheme, values []string) (map[string]string, error) {
	return nil, errPending
}

// IDsByName returns the organisations (after merges) that have exactly these names, folded; keyed by fold.Name.
func IDsByName(ctx context.Context, q db.Querier, names []string) (map[string][]string, error) {
	return nil, errPending
}
