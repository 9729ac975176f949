package cli_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/cli"
	"github.com/kapok-city/kapok/internal/finance/simulate"
	"github.com/kapok-city/kapok/internal/shareddata"
)

// cleaning removes the city that scripts share when all tests have run.
type cleaning struct{ m *testing.M }

func (c cleaning) Run() int {
	defer func() {
		for _, dir := range []string{cityFolder, moneyFolder} {
			if dir != "" {
				_ = os.RemoveAll(dir)
			}
		}
	}()
	return c.m.Run()
}

func TestMain(m *testing.M) {
	testscript.Main(cleaning{m}, map[string]func(){"kapok": func() {
		os.Exit(cli.Main(context.Background(), cli.Env{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv}))
	}})
}

var cityFolder, moneyFolder string

// builtCity builds the demo city once for all scripts, which only read it, and
// returns its folder.
var builtCity = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "kapok-cli")
	if err != nil {
		panic(err)
	}
	cityFolder = dir
	code := cli.Main(context.Background(), cli.Env{Args: []string{"demo", "--build-only", "--json", "--finance", "none", "--data", dir}, Stdout: io.Discard, Stderr: os.Stderr, Getenv: func(string) string { return "" }})
	if code != 0 {
		panic("the demo city could not be built")
	}
	return dir
})

// builtMoney builds a small city with simulated finance, once for all scripts.
var builtMoney = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "kapok-money")
	if err != nil {
		panic(err)
	}
	moneyFolder = dir
	a, err := app.Open(context.Background(), app.Config{Data: dir}, slog.New(slog.DiscardHandler))
	if err != nil {
		panic(err)
	}
	if _, err := simulate.Run(context.Background(), a.DB, simulate.Options{Seed: 1, Scale: 0.005}); err != nil {
		panic(err)
	}
	if err := a.Close(); err != nil {
		panic(err)
	}
	return dir
})

func scripts(env map[string]string) func(*testscript.Env) error {
	return func(e *testscript.Env) error {
		e.Setenv("CITY", builtCity())
		if err := os.CopyFS(filepath.Join(e.WorkDir, "money"), os.DirFS(builtMoney())); err != nil { // a script may write
			return err
		}
		// Texts that an archive of a script cannot hold.
		for name, text := range map[string]string{"gb18030": "Harvard University\n\xd6\xd0\xc9\xbd\xb4\xf3\xd1\xa7\n", "long": strings.Repeat("a", 2<<20)} {
			if err := os.WriteFile(filepath.Join(e.WorkDir, name), []byte(text), 0o600); err != nil {
				return err
			}
		}
		for k, v := range env {
			e.Setenv(k, v)
		}
		return putModels(e.WorkDir)
	}
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: scripts(map[string]string{"KAPOK_LANG": "en"})})
}

// TestAuditOfTheFeature runs the main job on the real newspaper text.
func TestAuditOfTheFeature(t *testing.T) {
	article := shareddata.Article(t, "guangzhou-2024.txt")
	testscript.Run(t, testscript.Params{
		Files: []string{"testdata/shared/audit_feature.txt"},
		Setup: scripts(map[string]string{"KAPOK_LANG": "zh", "ARTICLE": article}),
	})
}
