package match

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
	"github.com/kapok-city/kapok/internal/search"
	"github.com/kapok-city/kapok/internal/search/encoder"
)

// shelf stands for the rooms below: documents by key, and the log of their
// changes.
type shelf struct {
	t  testing.TB
	d  *db.DB
	mu sync.Mutex
	by map[Key]search.Doc
}

// put writes documents and their changes.
func (s *shelf) put(docs ...search.Doc) {
	s.t.Helper()
	var entries []change.Entry
	s.mu.Lock()
	for _, d := range docs {
		s.by[Key{Kind: d.Kind, ID: d.ID}] = d
		e, err := change.New(change.Author{Actor: "test"}, d.Kind, d.ID, change.Update, nil, 1)
		if err != nil {
			s.t.Fatal(err)
		}
		entries = append(entries, e)
	}
	s.mu.Unlock()
	if err := s.d.InTx(s.t.Context(), func(tx *db.Tx) error { return change.Append(s.t.Context(), tx, entries...) }); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) remove(key Key) {
	s.mu.Lock()
	delete(s.by, key)
	s.mu.Unlock()
	e, _ := change.New(change.Author{Actor: "test"}, key.Kind, key.ID, change.Delete, 1, nil)
	if err := s.d.InTx(s.t.Context(), func(tx *db.Tx) error { return change.Append(s.t.Context(), tx, e) }); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelf) load(_ context.Context, kind, id string) (search.Doc, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.by[Key{Kind: kind, ID: id}]
	return d, ok, nil
}

func (s *shelf) all(context.Context) iter.Seq2[search.Doc, error] {
	s.mu.Lock()
	docs := slices.Collect(maps.Values(s.by))
	s.mu.Unlock()
	return func(yield func(search.Doc, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// room is a Service with its shelf and index.
type room struct {
	*Service
	shelf *shelf
	index *search.Index
}

// users are the clearances of the users of the tests.
var users = map[string]level.Level{"staff": level.Internal, "partner": level.Partner, "owner": level.Partner}

func newRoom(t testing.TB, d *db.DB, e encoder.Encoder, docs ...search.Doc) *room {
	t.Helper()
	r := &room{shelf: &shelf{t: t, d: d, by: map[Key]search.Doc{}}, index: search.New()}
	r.Service = New(Config{
		DB: d, Index: r.index, Load: r.shelf.load, All: r.shelf.all, Encoder: e,
		Viewer: func(_ context.Context, user string) (level.Viewer, error) {
			return level.Viewer{User: user, Clearance: users[user]}, nil
		},
	})
	if len(docs) > 0 {
		r.shelf.put(docs...)
		r.catchUp(t)
	}
	return r
}

func (r *room) catchUp(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	var err error
	if r.index.Seq() == 0 {
		err = r.index.Rebuild(ctx, r.shelf.d, r.shelf.all(ctx))
	} else {
		err = r.index.CatchUp(ctx, r.shelf.d, r.shelf.load)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := r.CatchUp(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := r.EncodePending(ctx); err != nil {
		t.Fatal(err)
	}
}

// doc makes a document of a card and a text; the level is public when the card
// has none.
func doc(c Card, body string) search.Doc {
	d := search.Doc{Kind: c.Kind, ID: c.ID, Title: c.Title, Body: body}
	if c.Level == "" {
		c.Level = level.Public
	}
	c.Describe(&d)
	return d
}

func result(id, title, body string, more ...func(*Card)) search.Doc {
	return made(KindResult, id, title, body, more)
}

func need(id, title, body string, more ...func(*Card)) search.Doc {
	return made(KindNeed, id, title, body, more)
}

func made(kind, id, title, body string, more []func(*Card)) search.Doc {
	c := Card{Key: Key{Kind: kind, ID: id}, Title: i18n.Text{ZH: title}, Status: "listed"}
	for _, m := range more {
		m(&c)
	}
	return doc(c, body)
}

// city is a handful of records that tell each other apart.
func city() []search.Doc {
	return []search.Doc{
		result("battery", "高镍三元锂电池正极材料", "高镍三元正极材料的制备工艺，用于动力电池，循环寿命长。", func(c *Card) {
			c.Owner, c.Codes.IPC, c.TRL, c.Division = "sysu", []string{"H01M 4/525"}, TRL{6, "gbt22900", "2022"}, "440106"
			c.People = []string{"p-li"}
		}),
		result("battery2", "磷酸铁锂电池正极材料回收", "从退役锂电池中回收正极材料。", func(c *Card) {
			c.Owner, c.Codes.IPC, c.TRL, c.Division = "scut", []string{"H01M 10/54"}, TRL{4, "gbt22900", "2022"}, "440300"
			c.People = []string{"p-li", "p-chen"}
		}),
		result("battery3", "锂电池隔膜", "锂电池用陶瓷涂覆隔膜，耐高温。", func(c *Card) {
			c.Owner, c.Codes.IPC = "sysu", []string{"H01M 50/411"}
		}),
		result("vaccine", "重组蛋白疫苗", "重组蛋白疫苗的佐剂与制备方法。", func(c *Card) { c.Owner, c.Codes.IPC = "gibh", []string{"A61K 39/12"} }),
		result("bridge", "桥梁缆索检测机器人", "桥梁缆索爬行检测机器人，识别断丝。", func(c *Card) { c.Owner = "scut" }),
		result("secret", "锂电池正极材料的保密工艺", "高镍三元锂电池正极材料。", func(c *Card) { c.Level = level.Confidential; c.Readers = []string{"owner"} }),
		result("inner", "锂电池正极材料内部成果", "高镍三元锂电池正极材料。", func(c *Card) { c.Level = level.Internal }),
		result("withdrawn", "锂电池正极材料", "高镍三元锂电池正极材料。", func(c *Card) { c.Status = "withdrawn" }),
		need("need-battery", "寻求高镍三元锂电池正极材料", "需要循环寿命长的高镍三元正极材料制备工艺。", func(c *Card) {
			c.Author, c.Wants = "owner", Constraints{TRLMin: 5, TRLScale: "gbt22900", Regions: []string{"440000"}}
		}),
		need("need-bridge", "桥梁缆索检测", "寻求桥梁缆索检测设备。", func(c *Card) { c.Author = "staff" }),
		made(KindPerson, "p-li", "李工", "", nil), made(KindPerson, "p-chen", "陈工", "", nil),
	}
}

var public = level.Viewer{}

func keysOf(list []Match) []string {
	out := []string{}
	for _, m := range list {
		out = append(out, m.ID)
	}
	return out
}

func sqlite(t testing.TB) *db.DB { return dbtest.SQLite(t) }
