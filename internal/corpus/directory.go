package corpus

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"
	"sync"

	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/registry"
	"github.com/kapok-city/kapok/internal/registry/resolve"
)

// Organisations is where an import asks for organisations: the city's own register,
// which knows laboratories that have no ROR id.
type Organisations struct {
	Service *registry.Service
	DB      db.Querier
}

// directory is the registry as an import reads it: who is part of whom, and
// which organisations a text names. It is safe for many goroutines.
type directory struct {
	reg     *Organisations
	orgs    []dirOrg
	byROR   map[string]int
	numbers map[int64]int // institution number → orgs
	byID    map[string]int
	index   *resolve.Index
	state   string // hash of all that an answer may depend on

	mu    sync.RWMutex
	known map[string][]int64 // text and country → institutions
	size  int
}

type dirOrg struct {
	id, ror  string
	number   int64
	parents  []int
	hasParts bool
}

// knownMost bounds the memory of answers given, in bytes of text.
const knownMost = 128 << 20

func newDirectory(ctx context.Context, reg *Organisations) (*directory, error) {
	if reg == nil {
		return nil, nil
	}
	list, err := registry.ResolverOrgs(ctx, reg.DB)
	if err != nil {
		return nil, fmt.Errorf("read the registry: %w", err)
	}
	d := &directory{reg: reg, byROR: map[string]int{}, numbers: map[int64]int{}, byID: map[string]int{}, known: map[string][]int64{}}
	orgs := slices.Collect(list)
	sum := sha256.New()
	for i, o := range orgs {
		d.byID[o.ID] = i
		d.orgs = append(d.orgs, dirOrg{id: o.ID, ror: o.ROR, number: orgNumber(o.ID)})
		if old, taken := d.numbers[orgNumber(o.ID)]; taken {
			return nil, fmt.Errorf("organisations %s and %s have one number", o.ID, orgs[old].ID)
		}
		d.numbers[orgNumber(o.ID)] = i
		if o.ROR != "" {
			d.byROR[rorKey(o.ROR)] = i
		}
		digest(sum, o)
	}
	for i, o := range orgs {
		for _, p := range o.Parents {
			if at, known := d.byID[p]; known {
				d.orgs[i].parents = append(d.orgs[i].parents, at)
				d.orgs[at].hasParts = true
			}
		}
	}
	d.state = hex.EncodeToString(sum.Sum(nil))
	d.index, err = reg.Service.Resolver(ctx)
	return d, err
}

func digest(to hash.Hash, o resolve.Org) {
	fmt.Fprintf(to, "%q %q %q %q %q %q %q %q %q\n", o.ID, o.ROR, o.Names, o.Country, o.City, o.Division, o.Parents, o.Status, o.Successors)
}

// orgNumber is the institution number of an organisation that OpenAlex does not
// have: negative, and the same in every corpus.
func orgNumber(id string) int64 {
	sum := sha256.Sum256([]byte(id))
	return -int64(binary.LittleEndian.Uint64(sum[:8])>>2) - 1
}

// rorKey is the bare ROR id in small letters.
func rorKey(ror string) string {
	if at := strings.LastIndexByte(ror, '/'); at >= 0 {
		ror = ror[at+1:]
	}
	return strings.ToLower(ror)
}

// find appends the institution numbers of the organisations that an affiliation
// names, the whole left out where its part is named too.
func (d *directory) find(text []byte, country [2]byte, to []int64) []int64 {
	key := string(country[:]) + string(text)
	d.mu.RLock()
	ids, seen := d.known[key]
	d.mu.RUnlock()
	if !seen {
		ids = d.ask(string(text), country)
		d.mu.Lock()
		if d.size += len(key) + 64; d.size > knownMost {
			d.known, d.size = map[string][]int64{}, 0
		}
		d.known[key] = ids
		d.mu.Unlock()
	}
	return append(to, ids...)
}

// ask resolves a text. Beside a university the resolver leaves its laboratories
// out, as ROR does; here they count for themselves, so each segment of the text
// is asked again for a part of what the whole text names.
func (d *directory) ask(text string, country [2]byte) []int64 {
	hint := resolve.Hint{}
	if country != [2]byte{} {
		hint.Country = string(country[:])
	}
	ids := d.matches(nil, text, hint)
	for _, whole := range ids {
		org := d.numbers[whole]
		if !d.orgs[org].hasParts {
			continue
		}
		for segment := range strings.FieldsFuncSeq(text, separates) {
			for _, id := range d.matches(nil, segment, hint) {
				if d.below(id, org) && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
			}
		}
	}
	return d.leastParts(ids)
}

func separates(r rune) bool { return strings.ContainsRune(",;，；、。|", r) }

func (d *directory) matches(ids []int64, text string, hint resolve.Hint) []int64 {
	for _, m := range d.index.Resolve(text, hint).Matches {
		if at, known := d.byID[m.OrgID]; known && !slices.Contains(ids, d.orgs[at].number) {
			ids = append(ids, d.orgs[at].number)
		}
	}
	return ids
}

// leastParts leaves out organisations of which another of the list is a part:
// the roll-up of parts counts for them.
func (d *directory) leastParts(ids []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(ids), func(whole int64) bool {
		return slices.ContainsFunc(ids, func(id int64) bool { return id != whole && d.below(id, d.numbers[whole]) })
	})
}

// below reports whether the organisation of a number is a part, at any depth, of
// org. A ring of parents does no harm.
func (d *directory) below(number int64, org int) bool {
	at, known := d.numbers[number]
	return known && at != org && slices.Contains(d.above(at), org)
}

// above returns all organisations that org is a part of.
func (d *directory) above(org int) []int {
	var out []int
	for todo := slices.Clone(d.orgs[org].parents); len(todo) > 0; {
		p := todo[0]
		todo = todo[1:]
		if p != org && !slices.Contains(out, p) {
			out = append(out, p)
			todo = append(todo, d.orgs[p].parents...)
		}
	}
	return out
}
