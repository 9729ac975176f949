package encoder

import "context"

// Side says what a text is to a search. Some models encode a question otherwise
// than what may answer it.
type Side int

// The sides.
const (
	Query   Side = iota // what is looked for: a question, a need
	Passage             // what is found: a record
)

// Encoder turns texts into vectors.
type Encoder interface {
	// Encode returns a vector of Dim floats and of length 1 for each text, or of
	// zeros for a text that says nothing to the encoder. The same text has the same
	// vector whatever stands beside it. It is safe for concurrent use.
	Encode(ctx context.Context, side Side, texts []string) ([][]float32, error)
	// Dim is the number of floats of a vector.
	Dim() int
	// Name is the name and version of the model. Vectors of encoders with the same
	// name may be compared.
	Name() string
}

// prefix is what the models of the E5 family were trained to see before a text.
func (s Side) prefix() string {
	if s == Query {
		return "query: "
	}
	return "passage: "
}
