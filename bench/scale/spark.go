package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/apache/spark-connect-go/v35/spark/sql"

	"github.com/kapok-city/kapok/internal/corpus"
	"github.com/kapok-city/kapok/internal/indicator"
	"github.com/kapok-city/kapok/internal/indicator/conform"
)

// Ports of the master, of the Connect server, and of the workers after theirs.
const (
	sparkPort   = 18577
	connectPort = 18502
)

// sparkCluster is a standalone master, workers, and the Connect server, which
// is the driver of the queries.
type sparkCluster struct {
	o       *options
	address string     // the Connect server's
	servers []*process // master, workers, connect; none where the cluster was there already
	session sql.SparkSession
}

func startSpark(ctx context.Context, o *options) (cluster, error) {
	c := &sparkCluster{o: o, address: o.attach}
	if o.attach != "" {
		return c, c.open(ctx)
	}
	c.address = "127.0.0.1:" + strconv.Itoa(connectPort)
	if err := os.RemoveAll(c.path()); err != nil {
		return nil, err
	}
	if err := c.launch(ctx); err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

func (c *sparkCluster) launch(ctx context.Context) error {
	if err := c.class(0, "master", "Master", "--host", "127.0.0.1", "--port", strconv.Itoa(sparkPort), "--webui-port", "0"); err != nil {
		return err
	}
	for i := 1; i <= c.o.workers; i++ {
		if err := c.launchWorker(i); err != nil {
			return err
		}
	}
	return c.connect(ctx)
}

func (c *sparkCluster) path(parts ...string) string {
	return filepath.Join(append([]string{c.o.home, "spark-run"}, parts...)...)
}

func (c *sparkCluster) env() []string {
	return []string{"SPARK_HOME=" + c.home(), "SPARK_LOCAL_IP=127.0.0.1", "SPARK_PUBLIC_DNS=127.0.0.1", "SPARK_LOCAL_DIRS=" + c.path("local")}
}

func (c *sparkCluster) home() string { return filepath.Join(c.o.home, "spark", "deps") }

// class starts one of Spark's servers in its slot.
func (c *sparkCluster) class(i int, name, class string, args ...string) error {
	env := append(c.env(), "SPARK_DAEMON_MEMORY=256m")
	p, err := start(c.path(name), name, env, filepath.Join(c.home(), "bin", "spark-class"),
		append([]string{"org.apache.spark.deploy." + strings.ToLower(class) + "." + class}, args...)...)
	if err != nil {
		return err
	}
	c.put(i, p)
	return nil
}

func (c *sparkCluster) put(i int, p *process) {
	if i < len(c.servers) {
		c.servers[i] = p
	} else {
		c.servers = append(c.servers, p)
	}
}

func (c *sparkCluster) launchWorker(i int) error {
	name := "worker" + strconv.Itoa(i)
	return c.class(i, name, "Worker", "--host", "127.0.0.1", "--webui-port", "0", "-c", "1", "-m", strconv.Itoa(c.o.heapMB)+"m",
		"-d", c.path(name, "work"), fmt.Sprintf("spark://127.0.0.1:%d", sparkPort))
}

func (c *sparkCluster) connect(ctx context.Context) error {
	p, err := start(c.path("connect"), "connect", c.env(), filepath.Join(c.home(), "bin", "spark-submit"),
		"--master", fmt.Sprintf("spark://127.0.0.1:%d", sparkPort), "--driver-memory", "1g", "--executor-memory", strconv.Itoa(c.o.heapMB)+"m", "--executor-cores", "1",
		"--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1", "--conf", "spark.ui.enabled=false",
		"--conf", "spark.sql.shuffle.partitions="+strconv.Itoa(4*c.o.workers), "--conf", "spark.sql.warehouse.dir="+c.path("warehouse"),
		"--conf", "spark.connect.grpc.binding.address=127.0.0.1", "--conf", "spark.connect.grpc.binding.port="+strconv.Itoa(connectPort),
		"--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal")
	if err != nil {
		return err
	}
	c.put(c.o.workers+1, p)
	return until(startLimit, c.servers, func() bool {
		return c.open(ctx) == nil
	})
}

func (c *sparkCluster) open(ctx context.Context) error {
	var err error
	if c.session, err = sql.NewSessionBuilder().Remote("sc://" + c.address).Build(ctx); err != nil {
		return err
	}
	return c.Exec(ctx, "SELECT 1")
}

func (c *sparkCluster) show(ctx context.Context, dir string, _ corpus.Manifest) error {
	schema := filepath.Base(dir)
	if err := c.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+schema); err != nil {
		return err
	}
	if err := c.Exec(ctx, "USE "+schema); err != nil {
		return err
	}
	for _, t := range corpus.Tables {
		if err := c.Exec(ctx, "DROP TABLE IF EXISTS "+t.Name); err != nil {
			return err
		}
		if err := c.Exec(ctx, conform.External(indicator.Spark, t, filepath.Join(dir, t.Name))); err != nil {
			return fmt.Errorf("show table %s: %w", t.Name, err)
		}
	}
	return nil
}

func (c *sparkCluster) Dialect() indicator.Dialect { return indicator.Spark }

func (c *sparkCluster) Exec(ctx context.Context, query string) error {
	_, err := c.Query(ctx, query)
	return err
}

func (c *sparkCluster) Query(ctx context.Context, query string) (conform.Result, error) {
	frame, err := c.session.Sql(ctx, query)
	if err != nil {
		return conform.Result{}, err
	}
	rows, err := frame.Collect(ctx)
	if err != nil {
		return conform.Result{}, err
	}
	columns, err := frame.Columns(ctx)
	if err != nil {
		return conform.Result{}, err
	}
	result := conform.Result{Columns: columns}
	for _, r := range rows {
		row := r.Values()
		for i := range row {
			if row[i], err = conform.Plain(row[i]); err != nil {
				return result, fmt.Errorf("column %s: %w", columns[i], err)
			}
		}
		result.Rows = append(result.Rows, row)
	}
	return result, nil
}

// working returns the second worker; killing it takes its executor along.
func (c *sparkCluster) working(context.Context, string) (*process, string) {
	return c.servers[2], "with its executor"
}

func (c *sparkCluster) revive(context.Context) error {
	for i, p := range c.servers {
		if !p.alive() {
			if err := c.launchWorker(i); err != nil {
				return err
			}
		}
	}
	return nil
}

// transient: Spark retries tasks itself; what it hands back is final unless the
// server was not reached.
func (c *sparkCluster) transient(err error) bool {
	return strings.Contains(err.Error(), "Unavailable") || strings.Contains(err.Error(), "Job aborted due to stage failure")
}

func (c *sparkCluster) peak() string {
	parts := []string{}
	for _, p := range c.servers {
		parts = append(parts, fmt.Sprintf("%s %d", p.name, p.peakMB()))
	}
	return "servers " + strings.Join(parts, ", ") + " MB, and an executor per worker of " + strconv.Itoa(c.o.heapMB) + " MB of heap"
}

// cpu: executors are children of children; what they compute is not seen here.
func (c *sparkCluster) cpu() time.Duration { return 0 }

func (c *sparkCluster) stop() {
	for _, p := range c.servers {
		p.kill()
	}
}
