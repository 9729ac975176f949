package resolve

type nearIndex struct{}

func newNearIndex(*Index) nearIndex { return nearIndex{} }
