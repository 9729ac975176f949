package world

// links are the citations between the works.
type links struct{}

func (l *links) count(k *work, c *counts) {}
