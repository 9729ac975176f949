package simulate

import "context"

func (c *city) convert(context.Context) error { return nil }
func (c *city) market(context.Context) error  { return nil }
func (c *city) cover(context.Context) error   { return nil }
