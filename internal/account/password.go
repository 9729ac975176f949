package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/fold"
)

// Cost is the work of one argon2id hash (RFC 9106).
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is OWASP's recommendation for argon2id on small machines
// (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
var DefaultCost = Cost{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1}

// The bounds of a hash that verify accepts: a damaged row must not ask for a
// gigabyte.
const (
	maxMemoryKiB = 256 * 1024
	maxPasses    = 16
	maxLanes     = 8
	saltLen      = 16
	keyLen       = 32
)

// MinPassword and MaxPassword bound the length of a password in characters.
// NIST SP 800-63B asks for length and a block list and against rules of
// composition.
const (
	MinPassword = 10
	MaxPassword = 256
)

//go:embed common.txt
var commonText string

var common = strings.Fields(commonText)

// CheckPassword says what is wrong with a new password: too short, too long,
// the user's own name, or one that everybody tries first.
func CheckPassword(name, password string) error {
	n := utf8.RuneCountInString(password)
	if n < MinPassword {
		return errs.New(errs.Invalid, "account.password_short", errs.A{"min": MinPassword, "got": n}).At("password")
	}
	if n > MaxPassword || !utf8.ValidString(password) {
		return errs.New(errs.Invalid, "account.password_long", errs.A{"max": MaxPassword}).At("password")
	}
	key, own := joined(password), joined(name)
	if own != "" && strings.Trim(strings.ReplaceAll(key, own, ""), "0123456789") == "" {
		return errs.New(errs.Invalid, "account.password_name").At("password")
	}
	if slices.Contains(common, strings.ToLower(password)) || oneCharacter(password) {
		return errs.New(errs.Invalid, "account.password_common").At("password")
	}
	return nil
}

// joined is the folded text without blanks.
func joined(s string) string { return strings.ReplaceAll(fold.Name(s), " ", "") }

func oneCharacter(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return strings.Trim(s, string(first)) == ""
}

// hasher bounds how many hashes are computed at a time.
type hasher struct {
	cost  Cost
	slots chan struct{}
	dummy string // a hash that no password has, of the same cost
}

func newHasher(cost Cost, parallel int) *hasher {
	h := &hasher{cost: cost, slots: make(chan struct{}, parallel)}
	h.dummy = encode(cost, random(saltLen), random(keyLen))
	return h
}

// acquire waits for a slot; the caller releases it.
func (h *hasher) acquire(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return errs.Wrap(ctx.Err(), errs.Unavailable, "account.sign_in_busy")
	}
}

func (h *hasher) release() { <-h.slots }

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.acquire(ctx); err != nil {
		return "", err
	}
	defer h.release()
	return h.hashNow(password), nil
}

// hashNow is hash for a caller who holds a slot.
func (h *hasher) hashNow(password string) string {
	salt := random(saltLen)
	return encode(h.cost, salt, derive(password, salt, h.cost, keyLen))
}

func derive(password string, salt []byte, c Cost, n uint32) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, c.Passes, c.MemoryKiB, c.Lanes, n)
}

func encode(c Cost, salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Lanes, b64(salt), b64(key))
}

// verify reports whether password has the hash that phc writes, and the cost
// of that hash.
func verify(phc, password string) (bool, Cost, error) {
	cost, salt, key, err := decode(phc)
	if err != nil {
		return false, cost, err
	}
	got := derive(password, salt, cost, uint32(len(key)))
	return subtle.ConstantTimeCompare(got, key) == 1, cost, nil
}

// decode reads a PHC string of argon2id.
func decode(phc string) (c Cost, salt, key []byte, err error) {
	bad := func() (Cost, []byte, []byte, error) {
		return Cost{}, nil, nil, fmt.Errorf("account: the stored password hash is damaged")
	}
	part := strings.Split(phc, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return bad()
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); err != nil {
		return bad()
	}
	if part[3] != fmt.Sprintf("m=%d,t=%d,p=%d", c.MemoryKiB, c.Passes, c.Lanes) || c.MemoryKiB < 8 || c.MemoryKiB > maxMemoryKiB ||
		c.Passes < 1 || c.Passes > maxPasses || c.Lanes < 1 || c.Lanes > maxLanes {
		return bad()
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(part[4])
	key, err2 := base64.RawStdEncoding.DecodeString(part[5])
	if err1 != nil || err2 != nil || len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return bad()
	}
	return c, salt, key, nil
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never fails since Go 1.24
	return b
}
