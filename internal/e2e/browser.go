package e2e

import (
	"context"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Rig is a running browser.
type Rig struct{ ctx context.Context }

// shared is the browser of this test binary and the number of tests that hold
// it; the last one to end closes it.
var shared struct {
	sync.Mutex
	rig   *Rig
	users int
	stop  func()
}

// Browser returns the browser of the test binary, started on first use and
// stopped when the last test that asked for it ends. It skips the test, loudly,
// where no Chromium is found, and fails it when KAPOK_CI=1. A short run, such as
// the one under the race detector, leaves the browser out.
func Browser(t testing.TB) *Rig {
	t.Helper()
	if testing.Short() {
		t.Skip("a short run leaves the browser out; the plain run opens it")
	}
	path := find()
	if path == "" {
		if os.Getenv("KAPOK_CI") == "1" {
			t.Fatal("e2e: no Chromium on this machine; install chromium, or name it in KAPOK_CHROMIUM")
		}
		t.Skip("e2e: SKIPPED, no Chromium on this machine; install chromium, or name it in KAPOK_CHROMIUM")
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.rig == nil {
		rig, stop, err := launch(path)
		if err != nil {
			t.Fatalf("e2e: start %s: %v", path, err)
		}
		shared.rig, shared.stop = rig, stop
	}
	shared.users++
	t.Cleanup(release)
	return shared.rig
}

func release() {
	shared.Lock()
	defer shared.Unlock()
	if shared.users--; shared.users == 0 {
		shared.stop()
		shared.rig = nil
	}
}

func find() string {
	for _, name := range []string{os.Getenv("KAPOK_CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// launch starts Chromium with everything off that makes two runs differ.
func launch(path string) (*Rig, func(), error) {
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("disable-lcd-text", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("lang", "zh-CN"),
	)
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stopTab := chromedp.NewContext(alloc)
	stop := func() {
		stopTab()
		stopAlloc()
	}
	// The limit must not be on ctx itself: a browser lives as long as the
	// context of its first command.
	late := time.AfterFunc(30*time.Second, stop)
	defer late.Stop()
	if err := chromedp.Do(ctx); err != nil {
		stop()
		return nil, nil, err
	}
	return &Rig{ctx}, stop, nil
}
