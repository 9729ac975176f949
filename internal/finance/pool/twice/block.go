package twice

import (
	"cmp"
	"hash/maphash"
	"slices"
	"unicode/utf8"
)

// prepared is a claim with what it is compared by.
type prepared struct {
	Claim
	name     string
	contract string
	day      int64
	dated    bool
}

// filing is a claim under one of its keys.
type filing struct {
	key uint64
	at  int32
}

// crowd bounds how many claims may share a key before it tells nothing: a name
// left so short, or a contract number "1". Organisations are never a crowd.
const crowd = 64

// shortest is the shortest name that is filed under its neighbours too.
const shortest = 3

// longest is the longest name that is filed under every neighbour; of a longer
// one the first characters are left whole.
const longest = 40

type filer struct {
	seed maphash.Seed
	out  []filing
	buf  []byte
}

func (f *filer) put(at int32, space byte, text ...string) {
	f.buf = append(f.buf[:0], space)
	for _, t := range text {
		f.buf = append(f.buf, t...)
	}
	f.out = append(f.out, filing{maphash.Bytes(f.seed, f.buf), at})
}

func (f *filer) claim(at int32, c *prepared) {
	if c.Borrower != "" {
		f.put(at, 'o', c.Borrower)
	}
	if c.contract != "" {
		f.put(at, 'c', c.contract)
	}
	if c.name == "" {
		return
	}
	f.put(at, 'n', c.name)
	if n := utf8.RuneCountInString(c.name); n < shortest {
		return
	}
	from := max(len(c.name)-longest, 0)
	for i, r := range c.name {
		if i >= from {
			f.put(at, 'n', c.name[:i], c.name[i+utf8.RuneLen(r):])
		}
	}
}

// file returns the claims by key, in the order of keys.
func file(seed maphash.Seed, claims []prepared) []filing {
	f := &filer{seed: seed, out: make([]filing, 0, len(claims)*10)}
	for i := range claims {
		f.claim(int32(i), &claims[i])
	}
	slices.SortFunc(f.out, func(a, b filing) int {
		if c := cmp.Compare(a.key, b.key); c != 0 {
			return c
		}
		return cmp.Compare(a.at, b.at)
	})
	return slices.Compact(f.out)
}

// pairs calls fn for each pair that shares a key, possibly more than once.
func pairs(a, b []filing, fn func(i, j int32)) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].key < b[0].key:
			a = a[1:]
		case a[0].key > b[0].key:
			b = b[1:]
		default:
			n, m := same(a), same(b)
			if n <= crowd || m <= crowd {
				for _, x := range a[:n] {
					for _, y := range b[:m] {
						fn(x.at, y.at)
					}
				}
			}
			a, b = a[n:], b[m:]
		}
	}
}

// same returns how many of the first filings share their key.
func same(list []filing) int {
	n := 1
	for n < len(list) && list[n].key == list[0].key {
		n++
	}
	return n
}
