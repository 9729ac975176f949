package account

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/errs"
)

// Session is one sign-in on one device. Its token is known to the device only.
type Session struct {
	ID        string  `json:"id"`
	UserID    string  `json:"user_id"`
	IP        string  `json:"ip"`
	Agent     string  `json:"agent,omitempty"`
	CreatedAt db.Time `json:"created_at"`
	SeenAt    db.Time `json:"seen_at"` // to the minute
	ExpiresAt db.Time `json:"expires_at"`
}

// Origin says where a sign-in comes from: the client's address, as the edge
// trusts it, and what the browser calls itself.
type Origin struct {
	IP    string
	Agent string
}

// tokenBytes is 256 bits: nothing shorter is guessed, nothing longer helps.
const tokenBytes = 32

// freeAttempts is how many wrong passwords cost no wait, per account and
// address, and per address over all accounts (many people share an office's).
const (
	freeAttempts   = 5
	freePerAddress = 50
	firstWait      = 15 * time.Second
	longestWait    = time.Hour
	forgetAfter    = 24 * time.Hour
	seenStep       = time.Minute
)

// SignIn checks name and password and opens a session. The token is returned
// once and cannot be had again. A wrong name and a wrong password get the same
// errs.Unauthenticated at the same cost; too many of them errs.Unavailable
// with the seconds to wait.
func (s *Service) SignIn(ctx context.Context, name, password string, from Origin) (token string, u User, err error) {
	u, err = s.check(ctx, name, password, from.IP)
	if err != nil {
		return "", User{}, err
	}
	raw := random(tokenBytes)
	token = base64.RawURLEncoding.EncodeToString(raw)
	err = s.d.InTx(ctx, func(tx *db.Tx) error {
		now := tx.Now()
		v := Session{ID: db.NewID("session"), UserID: u.ID, IP: cut(from.IP, 64), Agent: cut(from.Agent, 200),
			CreatedAt: db.At(now), SeenAt: db.At(now), ExpiresAt: db.At(now.Add(s.opt.Absolute))}
		if err := purgeSessions(ctx, tx, db.At(now), db.At(now.Add(-s.opt.Idle))); err != nil {
			return err
		}
		return insertSession(ctx, tx, v, tokenHash(token))
	})
	if err != nil {
		return "", User{}, err
	}
	return token, u, nil
}

// check verifies a password behind the back-off, and renews its hash when the
// cost has changed. The attempt is counted before the password is looked at:
// parallel guesses cannot pass the count.
func (s *Service) check(ctx context.Context, name, password, ip string) (User, error) {
	if err := s.hash.acquire(ctx); err != nil {
		return User{}, err
	}
	defer s.hash.release()
	key := nameKey(name)
	if err := s.reserve(ctx, key, ip); err != nil {
		return User{}, err
	}
	u, phc, found, err := findByName(ctx, s.d, key)
	if err != nil {
		return User{}, err
	}
	if !found || len(password) > 4*MaxPassword {
		phc, password = s.hash.dummy, cut(password, 4*MaxPassword)
	}
	ok, cost, err := verify(phc, password)
	if err != nil {
		return User{}, err
	}
	if !ok || !found || u.Disabled {
		return User{}, errs.New(errs.Unauthenticated, "account.wrong_password")
	}
	return u, s.admit(ctx, u, password, cost, key, ip)
}

// admit clears the count of failures and renews an outdated hash.
func (s *Service) admit(ctx context.Context, u User, password string, cost Cost, key, ip string) error {
	renewed := ""
	if cost != s.opt.Cost {
		renewed = s.hash.hashNow(password)
	}
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		// The address first, as in reserve: one order of locks, no deadlock.
		if err := s.refund(ctx, tx, ip); err != nil {
			return err
		}
		if err := clearFailures(ctx, tx, bucket(key, ip)); err != nil {
			return err
		}
		if renewed == "" {
			return nil
		}
		if err := setHash(ctx, tx, u.ID, renewed); err != nil {
			return err
		}
		return log(ctx, tx, u.Author("password hash renewed at the present cost"), change.Update, u, u)
	})
}

// reserve counts an attempt in advance, or refuses it with the time to wait.
func (s *Service) reserve(ctx context.Context, key, ip string) error {
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		if err := purgeFailures(ctx, tx, db.At(tx.Now().Add(-forgetAfter))); err != nil {
			return err
		}
		if err := reserveIn(ctx, tx, bucket("", ip), freePerAddress); err != nil {
			return err
		}
		return reserveIn(ctx, tx, bucket(key, ip), freeAttempts)
	})
}

func reserveIn(ctx context.Context, tx *db.Tx, bucket string, free int64) error {
	now := tx.Now()
	f, err := takeFailure(ctx, tx, bucket, db.At(now))
	if err != nil {
		return err
	}
	if left := f.until.Sub(now); left > 0 {
		return errs.New(errs.Unavailable, "account.wait", errs.A{"seconds": int64((left + time.Second - 1) / time.Second)})
	}
	f.failures++
	f.last, f.until = db.At(now), db.At(now.Add(wait(f.failures-free)))
	return putFailure(ctx, tx, bucket, f)
}

// refund takes back from the address's count what a right password had added.
func (s *Service) refund(ctx context.Context, tx *db.Tx, ip string) error {
	f, err := takeFailure(ctx, tx, bucket("", ip), db.At(tx.Now()))
	if err != nil || f.failures == 0 {
		return err
	}
	f.failures--
	f.until = db.At(tx.Now())
	return putFailure(ctx, tx, bucket("", ip), f)
}

// wait is the pause after the nth failure past the free ones: 15 s, doubling
// up to an hour.
func wait(n int64) time.Duration {
	if n < 0 {
		return 0
	}
	return min(firstWait<<min(n, 12), longestWait)
}

func bucket(key, ip string) string {
	sum := sha256.Sum256([]byte(key + "\x00" + ip))
	return hex.EncodeToString(sum[:16])
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Session returns the user and the session that a token belongs to, or
// errs.Unauthenticated. Use is noted to the minute.
func (s *Service) Session(ctx context.Context, token string) (User, Session, error) {
	now := s.d.Now()
	if raw, err := base64.RawURLEncoding.DecodeString(cut(token, 64)); err != nil || len(raw) != tokenBytes {
		return User{}, Session{}, errs.New(errs.Unauthenticated, "errs.sign_in")
	}
	u, v, ok, err := findSession(ctx, s.d, tokenHash(token), db.At(now), db.At(now.Add(-s.opt.Idle)))
	if err != nil {
		return User{}, Session{}, err
	}
	if !ok {
		return User{}, Session{}, errs.New(errs.Unauthenticated, "account.session_ended")
	}
	if now.Sub(v.SeenAt.Time) >= seenStep {
		v.SeenAt = db.At(now)
		err = touchSession(ctx, s.d, v.ID, v.SeenAt)
	}
	return u, v, err
}

// SignOut ends the session of a token. An unknown token is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	return deleteToken(ctx, s.d, tokenHash(token))
}

// Sessions lists the live sessions of a user, newest first.
func (s *Service) Sessions(ctx context.Context, userID string) ([]Session, error) {
	now := s.d.Now()
	return liveSessions(ctx, s.d, userID, db.At(now), db.At(now.Add(-s.opt.Idle)))
}

// Revoke ends one session of a user and notes who did so.
func (s *Service) Revoke(ctx context.Context, by change.Author, userID, sessionID string) error {
	return s.d.InTx(ctx, func(tx *db.Tx) error {
		u, err := getUser(ctx, tx, userID)
		if err != nil {
			return err
		}
		found, err := deleteSession(ctx, tx, userID, sessionID)
		if err != nil {
			return err
		}
		if !found {
			return errs.New(errs.NotFound, "errs.not_found", errs.A{"what": sessionID})
		}
		by.Reason = strings.TrimSpace("session revoked: " + sessionID + " " + by.Reason)
		return log(ctx, tx, by, change.Update, u, u)
	})
}

// cut shortens s to at most n bytes of valid UTF-8.
func cut(s string, n int) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
