package resolve

func (x *Index) companyCores() {}
