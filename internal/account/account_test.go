package account_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/db"
	"github.com/kapok-city/kapok/internal/db/dbtest"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/level"
)

// cheap keeps tests quick; TestDefaultCost covers the real one.
var cheap = account.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

const good = "correct horse battery"

var by = change.Author{Actor: "cli", Reason: "test"}

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func start(d *db.DB) (*account.Service, *clock) {
	c := &clock{at: dbtest.Epoch}
	d.SetClock(c.now)
	return account.New(d, account.Options{Cost: cheap}), c
}

func create(t *testing.T, s *account.Service, name string, role account.Role) account.User {
	t.Helper()
	u, err := s.Create(t.Context(), by, name, good, role)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func wantKind(t *testing.T, what string, err error, want errs.Kind) {
	t.Helper()
	if errs.KindOf(err) != want {
		t.Errorf("%s: err = %v, want kind %q", what, err, want)
	}
}

func wantKey(t *testing.T, what string, err error, key string) {
	t.Helper()
	if e := errs.Of(err); e == nil || e.Key != key || !i18n.Has(key) {
		t.Errorf("%s: err = %v, want %s", what, err, key)
	}
}

func TestUserLife(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := start(d)
		lin := create(t, s, "林 Lin", account.Admin)
		_, err := s.Create(t.Context(), by, "林lin", good, account.Viewer)
		wantKey(t, "same name in another spelling", err, "account.name_taken")
		_, err = s.Create(t.Context(), by, "new", good, "king")
		wantKey(t, "bad role", err, "account.bad_role")
		wantKey(t, "last admin demoted", s.SetRole(t.Context(), by, lin.ID, account.Viewer), "account.last_admin")
		wantKey(t, "last admin disabled", s.SetDisabled(t.Context(), by, lin.ID, true), "account.last_admin")
		mo := create(t, s, "mo", account.Editor)
		if err := errors.Join(s.SetRole(t.Context(), by, mo.ID, account.Admin), s.SetRole(t.Context(), by, lin.ID, account.Viewer)); err != nil {
			t.Fatal(err)
		}
		got, err := s.ByName(t.Context(), "LIN林")
		if errs.KindOf(err) != errs.NotFound {
			t.Errorf("another order of words is another name, got %v, %v", got, err)
		}
		got, err = s.ByName(t.Context(), "林LIN")
		if err != nil || got.Role != account.Viewer || got.Version != 2 {
			t.Errorf("ByName = %+v, %v", got, err)
		}
		list, err := s.List(t.Context())
		if err != nil || len(list) != 2 {
			t.Errorf("List = %v, %v", list, err)
		}
		_, err = s.Get(t.Context(), "user-none")
		wantKind(t, "no such user", err, errs.NotFound)
	})
}

// TestLogHoldsNoSecret holds that neither a password nor a hash nor a token is
// ever written to the change log.
func TestLogHoldsNoSecret(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := start(d)
		u := create(t, s, "lin", account.Admin)
		if err := s.SetPassword(t.Context(), by, u.ID, "another good one"); err != nil {
			t.Fatal(err)
		}
		token, _, err := s.SignIn(t.Context(), "lin", "another good one", account.Origin{IP: "10.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		live, err := s.Sessions(t.Context(), u.ID)
		if err != nil || len(live) != 1 {
			t.Fatalf("Sessions = %v, %v", live, err)
		}
		if err := s.Revoke(t.Context(), by, u.ID, live[0].ID); err != nil {
			t.Fatal(err)
		}
		log, err := change.After(t.Context(), d, 0, 100)
		if err != nil || len(log) != 3 {
			t.Fatalf("%d entries, %v", len(log), err)
		}
		raw, _ := json.Marshal(log)
		for _, secret := range []string{"argon2", good, "another good", token, "password_hash"} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("the log holds %q", secret)
			}
		}
		if log[0].Kind != account.Kind || log[0].Actor != "cli" {
			t.Errorf("entry = %+v", log[0])
		}
	})
}

func TestSessionEnds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, c := start(d)
		u := create(t, s, "lin", account.Editor)
		signIn := func() string {
			t.Helper()
			token, got, err := s.SignIn(t.Context(), "LIN", good, account.Origin{IP: "10.0.0.1", Agent: "Firefox"})
			if err != nil || got.ID != u.ID {
				t.Fatalf("SignIn = %+v, %v", got, err)
			}
			return token
		}
		alive := func(token string) bool {
			t.Helper()
			_, _, err := s.Session(t.Context(), token)
			if err != nil && errs.KindOf(err) != errs.Unauthenticated {
				t.Fatal(err)
			}
			return err == nil
		}
		idle := signIn()
		c.add(119 * time.Minute)
		if !alive(idle) {
			t.Error("used within two hours, the session lives")
		}
		c.add(119 * time.Minute)
		if !alive(idle) {
			t.Error("each use renews it")
		}
		c.add(121 * time.Minute)
		if alive(idle) {
			t.Error("two idle hours end it")
		}
		long := signIn()
		for range 7 {
			c.add(100 * time.Minute)
			alive(long)
		}
		if c.add(25 * time.Minute); alive(long) {
			t.Error("twelve hours end it, used or not")
		}
		out := signIn()
		if err := s.SignOut(t.Context(), out); err != nil || alive(out) {
			t.Errorf("signed out: %v", err)
		}
		for what, end := range map[string]func() error{
			"new password": func() error { return s.ChangePassword(t.Context(), u, good, good, "10.0.0.1") },
			"disabled":     func() error { return s.SetDisabled(t.Context(), by, u.ID, true) },
		} {
			if what == "disabled" {
				continue // last, below: a disabled user cannot sign in again
			}
			token := signIn()
			if err := end(); err != nil || alive(token) {
				t.Errorf("%s does not end the session: %v", what, err)
			}
		}
		token := signIn()
		if err := s.SetDisabled(t.Context(), by, u.ID, true); err != nil || alive(token) {
			t.Errorf("disabled: %v", err)
		}
		_, _, err := s.SignIn(t.Context(), "lin", good, account.Origin{IP: "10.0.0.1"})
		wantKey(t, "disabled user signs in", err, "account.wrong_password")
		for _, bad := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 100000)} {
			if alive(bad) {
				t.Errorf("token %.50q is alive", bad)
			}
		}
		wantKind(t, "revoke a session of nobody", s.Revoke(t.Context(), by, u.ID, "session-none"), errs.NotFound)
	})
}

func TestWrongPasswordsSlowDown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, c := start(d)
		create(t, s, "lin", account.Editor)
		try := func(name, password, ip string) error {
			_, _, err := s.SignIn(t.Context(), name, password, account.Origin{IP: ip})
			return err
		}
		for _, name := range []string{"lin", "nobody"} {
			for range 5 {
				wantKey(t, name, try(name, "wrong password", "1.1.1.1"), "account.wrong_password")
			}
			err := try(name, good, "1.1.1.1")
			wantKey(t, name+" after five", err, "account.wait")
			if e := errs.Of(err); e == nil || e.Args["seconds"] != int64(15) {
				t.Errorf("wait = %v, want 15 s", err)
			}
		}
		if err := try("lin", good, "2.2.2.2"); err != nil {
			t.Errorf("another address is not blocked: %v", err)
		}
		c.add(15 * time.Second)
		wantKey(t, "sixth", try("lin", "wrong password", "1.1.1.1"), "account.wrong_password")
		c.add(29 * time.Second)
		wantKey(t, "doubled", try("lin", good, "1.1.1.1"), "account.wait")
		c.add(time.Second)
		if err := try("lin", good, "1.1.1.1"); err != nil {
			t.Errorf("after the wait: %v", err)
		}
		for range 5 {
			wantKey(t, "a success clears the count", try("lin", "wrong password", "1.1.1.1"), "account.wrong_password")
		}
	})
}

// TestSprayingOneAddress holds that trying many names from one address is
// slowed down too, and that a right password between does not hide it.
func TestSprayingOneAddress(t *testing.T) {
	d := dbtest.SQLite(t)
	s, _ := start(d)
	create(t, s, "lin", account.Editor)
	for i := range 50 {
		_, _, err := s.SignIn(t.Context(), fmt.Sprint("name", i), "wrong password", account.Origin{IP: "3.3.3.3"})
		wantKey(t, "spray", err, "account.wrong_password")
	}
	_, _, err := s.SignIn(t.Context(), "lin", good, account.Origin{IP: "3.3.3.3"})
	wantKey(t, "fifty-first", err, "account.wait")
}

// TestParallelGuessesAreCounted holds that guesses sent at once cannot pass
// the count.
func TestParallelGuessesAreCounted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := start(d)
		create(t, s, "lin", account.Editor)
		var mu sync.Mutex
		looked := 0
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, _, err := s.SignIn(context.Background(), "lin", "wrong password", account.Origin{IP: "1.1.1.1"})
				mu.Lock()
				defer mu.Unlock()
				if e := errs.Of(err); e != nil && e.Key == "account.wrong_password" {
					looked++
				}
			})
		}
		wg.Wait()
		if looked != 5 {
			t.Errorf("%d guesses were looked at, want 5", looked)
		}
	})
}

func TestCostIsRenewedOnSignIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		old, _ := start(d)
		u := create(t, old, "lin", account.Editor)
		dearer := account.New(d, account.Options{Cost: account.Cost{MemoryKiB: 128, Passes: 2, Lanes: 1}})
		stored := func() string {
			t.Helper()
			v, _, err := db.Value[string](t.Context(), d, "SELECT password FROM account_user WHERE id = $1", u.ID)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if !strings.HasPrefix(stored(), "$argon2id$v=19$m=64,t=1,p=1$") {
			t.Fatalf("stored %s", stored())
		}
		for range 2 {
			if _, _, err := dearer.SignIn(t.Context(), "lin", good, account.Origin{}); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.HasPrefix(stored(), "$argon2id$v=19$m=128,t=2,p=1$") {
			t.Errorf("stored %s", stored())
		}
		log, err := change.Of(t.Context(), d, account.Kind, u.ID, 0, 10)
		if err != nil || len(log) != 2 {
			t.Errorf("%d entries, want create and one renewal: %v", len(log), err)
		}
	})
}

func TestHashingIsBounded(t *testing.T) {
	d := dbtest.SQLite(t)
	s := account.New(d, account.Options{Cost: account.Cost{MemoryKiB: 64 * 1024, Passes: 3, Lanes: 1}, Parallel: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	busy := make(chan error, 1)
	go func() {
		_, err := s.Create(t.Context(), by, "lin", good, account.Admin)
		busy <- err
	}()
	var err error
	for range 100 { // until the other one holds the slot, both branches of the select are open
		if _, _, err = s.SignIn(ctx, "x", "y", account.Origin{}); errs.KindOf(err) == errs.Unavailable {
			break
		}
	}
	wantKey(t, "no slot and no patience", err, "account.sign_in_busy")
	if err := <-busy; err != nil {
		t.Error(err)
	}
}

func TestDefaultCost(t *testing.T) {
	s := account.New(dbtest.SQLite(t), account.Options{})
	if _, err := s.Create(t.Context(), by, "lin", good, account.Admin); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.SignIn(t.Context(), "lin", good, account.Origin{}); err != nil {
		t.Error(err)
	}
}

func TestPasswordRules(t *testing.T) {
	for password, key := range map[string]string{
		"short":                      "account.password_short",
		"九个汉字不够长呀":                   "account.password_short",
		"Qwerty12345":                "account.password_common",
		"aaaaaaaaaaaa":               "account.password_common",
		"Lin-Yao-Hua":                "account.password_name",
		"linyaohua2026":              "account.password_name",
		"bad\xffutf8 text":           "account.password_long",
		strings.Repeat("long ", 100): "account.password_long",
	} {
		wantKey(t, password, account.CheckPassword("Lin Yao Hua", password), key)
	}
	for _, password := range []string{good, "木棉花开在三月的广州城", "all lower case words"} {
		if err := account.CheckPassword("林", password); err != nil {
			t.Errorf("%s: %v", password, err)
		}
	}
}

func TestRoleTable(t *testing.T) {
	var got []string
	for _, a := range []account.Action{account.Read, account.ReadPrivate, account.Edit, account.Import, account.MergeRecord, account.Compute, account.Query, account.Release, account.UndoImport, account.ManageUsers, account.Operate, "fly"} {
		line := string(a)
		for _, r := range append([]account.Role{"", "king"}, account.Roles...) {
			if account.Can(r, a) {
				line += " " + string(r)
			}
		}
		got = append(got, line)
	}
	want := []string{
		"read viewer editor admin", "read_private editor admin", "edit editor admin", "import editor admin", "merge editor admin", "compute editor admin", "query editor admin", "release editor admin",
		"undo_import admin", "manage_users admin", "operate admin", "fly",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	wantKind(t, "nobody", account.Require(nil, account.Read), errs.Unauthenticated)
	wantKind(t, "viewer edits", account.Require(&account.User{Role: account.Viewer}, account.Edit), errs.Forbidden)
	wantKind(t, "disabled", account.Require(&account.User{Role: account.Admin, Disabled: true}, account.Read), errs.Forbidden)
	if err := account.Require(&account.User{Role: account.Editor}, account.Edit); err != nil {
		t.Error(err)
	}
	for _, r := range append([]account.Role{""}, account.Roles...) {
		if text := r.Text(); strings.HasPrefix(text.ZH, "account.") || text.EN == "" {
			t.Errorf("role %q has no name", r)
		}
	}
}

func TestIdempotency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, c := start(d)
		hash := account.RequestHash("POST", "/orgs", []byte(`{"name":"木棉"}`))
		begin := func(user, hash string) (account.Answer, bool, error) {
			return s.Begin(t.Context(), user, "key-1", hash)
		}
		if _, found, err := begin("u1", hash); err != nil || found {
			t.Fatalf("first: %v, %v", found, err)
		}
		_, _, err := begin("u1", hash)
		wantKey(t, "while it runs", err, "account.idempotency_running")
		want := account.Answer{Status: 201, Header: map[string][]string{"Location": {"/orgs/1"}}, Body: []byte("{\"a\":\x00}")}
		if err := s.Finish(t.Context(), "u1", "key-1", want); err != nil {
			t.Fatal(err)
		}
		got, found, err := begin("u1", hash)
		if err != nil || !found || cmp.Diff(want, got) != "" {
			t.Errorf("repeat: %v, %v, %v", got, found, err)
		}
		_, _, err = begin("u1", account.RequestHash("POST", "/orgs", nil))
		wantKey(t, "other content", err, "account.idempotency_other")
		if _, found, err := begin("u2", hash); err != nil || found {
			t.Errorf("another user's key is another key: %v, %v", found, err)
		}
		if err := s.Finish(t.Context(), "u2", "key-1", account.Answer{Status: 200, Body: make([]byte, 1<<20+1)}); err != nil {
			t.Fatal(err)
		}
		if _, found, err := begin("u2", hash); err != nil || found {
			t.Errorf("an answer too large is not kept: %v, %v", found, err)
		}
		c.add(2*time.Minute + time.Second)
		if _, found, err := begin("u2", hash); err != nil || found {
			t.Errorf("a request that was never answered frees its key: %v, %v", found, err)
		}
		if err := s.Forget(t.Context(), "u1", "key-1"); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := begin("u1", hash); !found {
			t.Error("Forget leaves an answer alone")
		}
		c.add(24 * time.Hour)
		if _, found, err := begin("u1", hash); err != nil || found {
			t.Errorf("after a day the key is new: %v, %v", found, err)
		}
		for _, bad := range []string{"", "a b", "键", strings.Repeat("k", 201)} {
			_, _, err := s.Begin(t.Context(), "u1", bad, hash)
			wantKey(t, bad, err, "account.bad_idempotency_key")
		}
	})
}

func TestIdempotencyClaimsOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := start(d)
		var mu sync.Mutex
		claimed := 0
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, found, err := s.Begin(context.Background(), "u", "k", "h")
				mu.Lock()
				defer mu.Unlock()
				if err == nil && !found {
					claimed++
				}
			})
		}
		wg.Wait()
		if claimed != 1 {
			t.Errorf("claimed %d times", claimed)
		}
	})
}

func TestViewerOf(t *testing.T) {
	for _, c := range []struct {
		u    *account.User
		want level.Viewer
	}{
		{nil, level.Viewer{}},
		{&account.User{ID: "user_1", Role: account.Viewer}, level.Viewer{User: "user_1", Clearance: level.Partner}},
		{&account.User{ID: "user_2", Role: account.Admin}, level.Viewer{User: "user_2", Clearance: level.Internal}},
		{&account.User{ID: "user_3", Role: account.Admin, Disabled: true}, level.Viewer{}},
		{&account.User{ID: "user_4", Role: "owner"}, level.Viewer{User: "user_4", Clearance: level.Public}},
	} {
		if got := account.ViewerOf(c.u); got != c.want {
			t.Errorf("%+v: %+v", c.u, got)
		}
	}
}

// A duty that nobody in office has is open to every editor; one that somebody
// has is his; a reserved one is an admin's unless it is given.
func TestDuties(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, _ := start(d)
		all := []account.Duty{{ID: "pool.maker"}, {ID: "pool.checker"}, {ID: "pool.head", Reserved: true}, {ID: "pool.maker"}}
		create(t, s, "viewer", account.Viewer)
		maker, other, admin := create(t, s, "maker", account.Editor), create(t, s, "other", account.Editor), create(t, s, "admin", account.Admin)
		of := func(u account.User) string {
			t.Helper()
			u, err := s.Get(t.Context(), u.ID)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Duties(t.Context(), u, all)
			if err != nil {
				t.Fatal(err)
			}
			return strings.Join(got, " ")
		}
		want := func(u account.User, duties string) {
			t.Helper()
			if got := of(u); got != duties {
				t.Errorf("%s has %q, want %q", u.Name, got, duties)
			}
		}
		want(maker, "pool.maker pool.checker")
		want(admin, "pool.maker pool.checker pool.head")
		if err := s.SetDuties(t.Context(), by, maker.ID, []string{"pool.maker", "pool.maker", "grant.clerk"}); err != nil {
			t.Fatal(err)
		}
		want(maker, "pool.maker pool.checker")
		want(other, "pool.checker")
		if err := s.SetDuties(t.Context(), by, other.ID, []string{"pool.head"}); err != nil {
			t.Fatal(err)
		}
		want(other, "pool.checker pool.head")
		want(admin, "pool.checker")
		if err := s.SetDisabled(t.Context(), by, maker.ID, true); err != nil {
			t.Fatal(err)
		}
		want(maker, "")
		want(other, "pool.maker pool.checker pool.head")
		for _, bad := range []string{"", "Pool", "a b", strings.Repeat("x", 80)} {
			if err := s.SetDuties(t.Context(), by, other.ID, []string{bad}); errs.KindOf(err) != errs.Invalid {
				t.Errorf("duty %q: %v", bad, err)
			}
		}
		list, err := s.List(t.Context())
		if err != nil || len(list) != 4 {
			t.Fatal(list, err)
		}
	})
}
