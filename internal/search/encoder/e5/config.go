package e5

import "github.com/kapok-city/kapok/internal/errs"

// Config is the shape of a model.
type Config struct {
	Hidden     int     // floats of a vector
	Layers     int     // transformer layers
	Heads      int     // attention heads of a layer
	Inner      int     // floats between the two matrices of a layer's second half
	Vocabulary int     // rows of the word table
	Positions  int     // tokens of one window, the two marks of its ends included
	Types      int     // rows of the table of token types; only the first is used
	Epsilon    float32 // of the layer norms
}

// block is the number of weights that share a scale.
const block = 32

// check refuses shapes that no model of the family has, so that nothing below
// needs to think of them. The limits are some four times those of the largest
// published model.
func (c Config) check() error {
	for _, f := range []struct {
		name                  string
		value, low, high, par int
	}{
		{"hidden", c.Hidden, block, 4096, block},
		{"layers", c.Layers, 1, 96, 1},
		{"heads", c.Heads, 1, 128, 1},
		{"inner", c.Inner, block, 16384, block},
		{"vocabulary", c.Vocabulary, 5, 1 << 21, 1},
		{"positions", c.Positions, 3, 8192, 1},
		{"types", c.Types, 1, 16, 1},
	} {
		if f.value < f.low || f.value > f.high || f.value%f.par != 0 {
			return errs.New(errs.Invalid, "encoder.bad_shape", errs.A{"field": f.name, "value": f.value})
		}
	}
	if c.Hidden%(c.Heads*lane) != 0 {
		return errs.New(errs.Invalid, "encoder.bad_shape", errs.A{"field": "heads", "value": c.Heads})
	}
	if !(c.Epsilon >= 0 && c.Epsilon < 1) {
		return errs.New(errs.Invalid, "encoder.bad_shape", errs.A{"field": "epsilon", "value": c.Epsilon})
	}
	return nil
}
