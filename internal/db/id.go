package db

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// idAlphabet is Crockford's base 32 in lower case: no i, l, o, u to misread.
var idAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID returns a fresh id of 80 random bits: "org-3kq9…".
func NewID(prefix string) string {
	var raw [10]byte
	_, _ = rand.Read(raw[:]) // crypto/rand.Read never fails since Go 1.24
	return prefix + "-" + idAlphabet.EncodeToString(raw[:])
}

// DerivedID returns the id that the same parts always give, so that a record
// with an outside key ("ror", "0064kty71") has one id in every Kapok.
func DerivedID(prefix string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return prefix + "-" + idAlphabet.EncodeToString(sum[:10])
}
