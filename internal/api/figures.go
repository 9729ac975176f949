package api

func (s *server) figures()      {}
func (s *server) superlatives() {}
