package level

import "slices"

// Level is how far a record is published.
type Level string

// The levels, the widest first.
const (
	Public       Level = "public"       // 公开: everybody
	Partner      Level = "partner"      // 合作方: who has signed in
	Internal     Level = "internal"     // 内部: the staff
	Confidential Level = "confidential" // 保密: the named readers, and nobody else
)

// Levels lists every level, the widest first.
var Levels = []Level{Public, Partner, Internal, Confidential}

// Valid reports whether l is one of the four.
func (l Level) Valid() bool { return slices.Contains(Levels, l) }

// Rank is the level's place in Levels, the one form in which levels are
// compared and stored in indexes. A level that is not known has the rank of
// Confidential, so that a mistake hides a record rather than showing it.
func (l Level) Rank() int {
	if i := slices.Index(Levels, l); i >= 0 {
		return i
	}
	return len(Levels) - 1
}

// Viewer is somebody who asks. The zero Viewer is the public.
type Viewer struct {
	User      string // account id, "" for somebody who has not signed in
	Clearance Level  // the narrowest level that is open to this viewer; "" counts as Public

	program bool // Program alone
}

// Staff is the viewer that programs of the house use for what no person sees:
// it sees all levels but Confidential.
var Staff = Viewer{Clearance: Internal}

// Program sees everything. It is for deriving what is guarded again when it is
// read, such as the search index; nothing that it reads is shown to a person.
var Program = Viewer{program: true}

// Rank is the highest rank of level that is open to the viewer without being
// named. Confidential is never open that way to a person, and a clearance that is not known
// opens no more than none.
func (v Viewer) Rank() int {
	if v.program {
		return Confidential.Rank()
	}
	if !v.Clearance.Valid() {
		return Public.Rank()
	}
	return min(v.Clearance.Rank(), Internal.Rank())
}

// Sees reports whether a record of level l, with these named readers, is open
// to the viewer.
func (v Viewer) Sees(l Level, readers []string) bool {
	return l.Rank() <= v.Rank() || v.User != "" && slices.Contains(readers, v.User)
}
