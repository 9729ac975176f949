package policy

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"github.com/kapok-city/kapok/internal/errs"
)

// Bounds of an expression: it has no loops, and what it may cost is limited, so
// that a rule cannot hold up the others.
const (
	maxExpression = 500
	maxCost       = 1000
)

// expression is a CEL leaf over the facts that it names.
type expression struct {
	program cel.Program
	names   []string
	slots   []int32
	types   []Type
	words   []map[int64]string // of facts of type Word
}

// expression compiles the CEL text of an atom. Its variables are the facts that
// the atom lists: money in fen, shares in millionths, days as numbers, words as
// strings, yes or no as bool.
func (c *compiler) expression(x *atom) {
	x.asks = asksExpression
	e := &expression{names: x.Facts}
	opts := []cel.EnvOption{cel.StdLib(), cel.ClearMacros(), cel.ParserExpressionSizeLimit(maxExpression), cel.ParserRecursionLimit(maxDepth)}
	for _, id := range x.Facts {
		f, at := c.fact(x.Line, id, 0)
		e.slots, e.types, e.words = append(e.slots, at), append(e.types, f.Type), append(e.words, nil)
		t := cel.IntType
		switch f.Type {
		case YesNo:
			t = cel.BoolType
		case Word:
			t = cel.StringType
			words := map[int64]string{}
			for _, w := range f.Words {
				words[c.words[w.ID]] = w.ID
			}
			e.words[len(e.words)-1] = words
		}
		opts = append(opts, cel.Variable(id, t))
	}
	x.expr = e
	env, err := cel.NewCustomEnv(opts...)
	if err == nil {
		err = e.compile(env, x.CEL)
	}
	if err != nil {
		c.fault(x.Line, "policy.cel", errs.A{"detail": clip(err.Error())})
	}
}

func (e *expression) compile(env *cel.Env, text string) error {
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return issues.Err()
	}
	if ast.OutputType() != cel.BoolType {
		return errs.New(errs.Invalid, "policy.cel_bool")
	}
	var err error
	e.program, err = env.Program(ast, cel.EvalOptions(cel.OptPartialEval), cel.CostLimit(maxCost))
	return err
}

// truth evaluates the expression. What it needs and is not known makes it
// unknown, unless the rest decides it; what fails is an error.
func (e *expression) truth(x *Snapshot, _ *atom) Truth {
	vars := make(map[string]any, len(e.names))
	var unknown []*cel.AttributePatternType
	for i, name := range e.names {
		v := x.values[e.slots[i]]
		switch {
		case v.state == conflicting:
			return Error
		case v.state == absent:
			unknown = append(unknown, cel.AttributePattern(name))
		case e.types[i] == YesNo:
			vars[name] = v.n == 1
		case e.types[i] == Word:
			vars[name] = e.words[i][v.n]
		default:
			vars[name] = v.n
		}
	}
	in, err := cel.PartialVars(vars, unknown...)
	if err != nil {
		return Error
	}
	out, _, err := e.program.Eval(in)
	switch {
	case err != nil:
		return Error
	case types.IsUnknown(out):
		return Unknown
	}
	return Is(out == types.True)
}
