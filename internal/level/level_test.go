package level

import "testing"

func TestSees(t *testing.T) {
	partner := Viewer{User: "user_1", Clearance: Partner}
	admin := Viewer{User: "user_2", Clearance: Confidential}
	for _, c := range []struct {
		name    string
		v       Viewer
		l       Level
		readers []string
		want    bool
	}{
		{"everybody sees what is public", Viewer{}, Public, nil, true},
		{"the public sees nothing else", Viewer{}, Partner, nil, false},
		{"a partner sees partner records", partner, Partner, nil, true},
		{"a partner does not see internal ones", partner, Internal, nil, false},
		{"a named reader sees a confidential one", partner, Confidential, []string{"user_1"}, true},
		{"no clearance opens a confidential one", admin, Confidential, []string{"user_1"}, false},
		{"an empty reader is nobody", Viewer{}, Confidential, []string{""}, false},
		{"an unknown clearance opens nothing", Viewer{Clearance: "secret"}, Partner, nil, false},
		{"a program that derives an index sees everything", Program, Confidential, nil, true},
		{"an unknown level is hidden", admin, "open", nil, false},
	} {
		if got := c.v.Sees(c.l, c.readers); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestRankFollowsTheList(t *testing.T) {
	for i, l := range Levels {
		if l.Rank() != i || !l.Valid() {
			t.Errorf("%s: rank %d", l, l.Rank())
		}
	}
}
