// Command policy answers the same atoms for the same firms with Kapok, bare
// cel-go and OPA, and writes them as files for OpenFisca (peer.py).
//
// Usage: policy FIRMS ATOMS FOLDER
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/kapok-city/kapok/internal/policy"
)

const (
	facts     = 60
	perPolicy = 10
	workers   = 2
)

// atom is "fact at_least value"; a policy is all of ten of them.
type atom struct {
	Fact  int   `json:"fact"`
	Value int64 `json:"value"`
}

func main() {
	firms, atoms := number(1), number(2)
	r := rand.New(rand.NewPCG(1, 2))
	list := make([]atom, atoms)
	for i := range list {
		list[i] = atom{r.IntN(facts), int64(r.IntN(40))}
	}
	world := make([][]int64, firms)
	for i := range world {
		world[i] = make([]int64, facts)
		for j := range world[i] {
			world[i][j] = int64(r.IntN(100))
		}
	}
	write(os.Args[3], list, world)
	kapok(list, world)
	bareCEL(list, world)
	opa(list, world[:min(len(world), 1000)], len(world))
}

func number(i int) int {
	n, err := strconv.Atoi(os.Args[i])
	check(err)
	return n
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(folder string, list []atom, world [][]int64) {
	raw, err := json.Marshal(map[string]any{"atoms": list, "firms": world, "per_policy": perPolicy})
	check(err)
	check(os.WriteFile(filepath.Join(folder, "world.json"), raw, 0o600))
}

// report prints one line: name, seconds for all firms, atoms a second, verdicts
// that are true.
func report(name string, firms, atoms int, took time.Duration, yes int, note string) {
	fmt.Printf("%-28s %9.3f s  %12.0f atoms/s  %7d true  %s\n", name, took.Seconds(), float64(firms)*float64(atoms)/took.Seconds(), yes, note)
}

// split runs one share of the firms on each worker and adds up what they count.
func split(n int, work func(from, to int) int) (int, time.Duration) {
	var wait sync.WaitGroup
	counts := make([]int, workers)
	begun := time.Now()
	for w := range workers {
		wait.Go(func() { counts[w] = work(n*w/workers, n*(w+1)/workers) })
	}
	wait.Wait()
	took := time.Since(begun)
	total := 0
	for _, c := range counts {
		total += c
	}
	return total, took
}

func kapok(list []atom, world [][]int64) {
	var b strings.Builder
	b.WriteString("facts:\n")
	for i := range facts {
		fmt.Fprintf(&b, "  - {id: f%d, type: count, title: {zh: 事实, en: fact}}\n", i)
	}
	b.WriteString("policies:\n")
	for i := 0; i < len(list); i += perPolicy {
		fmt.Fprintf(&b, "  - {id: p%d, title: {zh: 甲, en: A}, kind: status, article: a, status: verified, document: {title: {zh: 乙, en: B}, authority: {zh: 丙, en: C}}, when: {all: [", i/perPolicy)
		for _, a := range list[i : i+perPolicy] {
			fmt.Fprintf(&b, "{fact: f%d, at_least: %d, article: a}, ", a.Fact, a.Value)
		}
		b.WriteString("]}}\n")
	}
	book, err := policy.Read("bench", []byte(b.String()))
	check(err)
	set, err := policy.Compile(book)
	check(err)
	begun := time.Now()
	snaps := make([]*policy.Snapshot, len(world))
	for i, firm := range world {
		given := make([]policy.Given, facts)
		for j, v := range firm {
			given[j] = policy.Given{Fact: "f" + strconv.Itoa(j), Value: strconv.FormatInt(v, 10)}
		}
		snaps[i], err = set.Snapshot(given, policy.Time{On: "2026-11-24"})
		check(err)
	}
	read := time.Since(begun)
	n := len(list) / perPolicy
	yes, took := split(len(world), func(from, to int) int {
		var res policy.Result
		e := set.Explainer()
		var change, learn []int32
		yes := 0
		for _, x := range snaps[from:to] {
			set.Evaluate(x, &res)
			for v := range n {
				if change, learn = e.Lacking(&res, v, change, learn); len(change)+len(learn) == 0 {
					yes++
				}
			}
		}
		return yes
	})
	report("kapok, with what is lacking", len(world), len(list), took, yes, fmt.Sprintf("(facts read from text in %.2f s before)", read.Seconds()))
}

func bareCEL(list []atom, world [][]int64) {
	opts := make([]cel.EnvOption, facts)
	for i := range opts {
		opts[i] = cel.Variable("f"+strconv.Itoa(i), cel.IntType)
	}
	env, err := cel.NewEnv(opts...)
	check(err)
	programs := make([]cel.Program, len(list))
	for i, a := range list {
		ast, issues := env.Compile(fmt.Sprintf("f%d >= %d", a.Fact, a.Value))
		check(issues.Err())
		programs[i], err = env.Program(ast)
		check(err)
	}
	inputs := make([]map[string]any, len(world))
	for i, firm := range world {
		inputs[i] = map[string]any{}
		for j, v := range firm {
			inputs[i]["f"+strconv.Itoa(j)] = v
		}
	}
	yes, took := split(len(world), func(from, to int) int {
		yes := 0
		for _, in := range inputs[from:to] {
			for i := 0; i < len(programs); i += perPolicy {
				all := true
				for _, p := range programs[i : i+perPolicy] {
					out, _, err := p.Eval(in)
					check(err)
					all = all && out.Value().(bool)
				}
				if all {
					yes++
				}
			}
		}
		return yes
	})
	report("cel-go, each atom a program", len(world), len(list), took, yes, "(no explanation)")
}

func opa(list []atom, world [][]int64, all int) {
	var b strings.Builder
	b.WriteString("package bench\n\n")
	for i, a := range list {
		fmt.Fprintf(&b, "a%d if input.f%d >= %d\n", i, a.Fact, a.Value)
	}
	for i := 0; i < len(list); i += perPolicy {
		fmt.Fprintf(&b, "\np%d if {\n", i/perPolicy)
		for j := i; j < i+perPolicy; j++ {
			fmt.Fprintf(&b, "\ta%d\n", j)
		}
		b.WriteString("}\n")
	}
	query, err := rego.New(rego.Query("data.bench"), rego.Module("bench.rego", b.String())).PrepareForEval(context.Background())
	check(err)
	yes, took := split(len(world), func(from, to int) int {
		yes := 0
		for _, firm := range world[from:to] {
			in := map[string]any{}
			for j, v := range firm {
				in["f"+strconv.Itoa(j)] = v
			}
			got, err := query.Eval(context.Background(), rego.EvalInput(in))
			check(err)
			for name := range got[0].Expressions[0].Value.(map[string]any) {
				if name[0] == 'p' {
					yes++
				}
			}
		}
		return yes
	})
	report("OPA, one prepared query", len(world), len(list), took, yes, fmt.Sprintf("(%d of %d firms; every rule asked for)", len(world), all))
}
