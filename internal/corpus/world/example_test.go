package world_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kapok-city/kapok/internal/corpus/world"
)

func ExampleMake() {
	dir, err := os.MkdirTemp("", "kapok-world-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	m, err := world.Make(context.Background(), filepath.Join(dir, "simulated"), world.Options{Works: 100, Seed: 42, From: 2020, To: 2022}, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Title.EN, m.From, m.To, m.Rows("work"), m.Rows("patent"), m.Simulated)
	// Output: Simulated world (100 works) 2020 2022 100 16 true
}
