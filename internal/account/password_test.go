package account

import (
	"strings"
	"testing"
)

func TestVerify(t *testing.T) {
	c := Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}
	h := newHasher(c, 1)
	phc := h.hashNow("caf\u00e9 au lait")
	for password, want := range map[string]bool{"caf\u00e9 au lait": true, "cafe\u0301 au lait": true, "cafe au lait": false, "": false} {
		if ok, cost, err := verify(phc, password); ok != want || cost != c || err != nil {
			t.Errorf("verify(%q) = %v, %v, %v", password, ok, cost, err)
		}
	}
	if phc == h.hashNow("caf\u00e9 au lait") {
		t.Error("two hashes of one password must differ")
	}
}

// TestKnownHash checks against a vector of the reference implementation
// (phc-winner-argon2, test.c, argon2id version 0x13: "password", "somesalt").
func TestKnownHash(t *testing.T) {
	const phc = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	if ok, _, err := verify(phc, "password"); !ok || err != nil {
		t.Errorf("verify = %v, %v", ok, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	f.Add("$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$nf65")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, key, err := decode(s)
		if err != nil {
			return
		}
		if c.MemoryKiB > maxMemoryKiB || c.Passes > maxPasses || c.Lanes > maxLanes {
			t.Errorf("%q is accepted with %+v", s, c)
		}
		if got := encode(c, salt, key); got != s && strings.TrimRight(got, "=") != s {
			c2, salt2, key2, err := decode(got)
			if err != nil || c2 != c || string(salt2) != string(salt) || string(key2) != string(key) {
				t.Errorf("%q reads as %q", s, got)
			}
		}
	})
}
