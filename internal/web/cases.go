package web

func casePath(id string) string { return "/cases/" + id }

// AddCases adds the pages of cases.
func (s *Site) AddCases(v Services) { s.svc = v }
