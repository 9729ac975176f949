// Command encoder times Kapok's own forward pass, and writes vectors for a
// comparison with those of a peer.
//
//	encoder MODEL TEXTS VECTORS
//
// TEXTS has one text a line, with its prefix. It prints a line for each measure:
// name, value, unit.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/kapok-city/kapok/internal/search/encoder/e5"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: encoder MODEL TEXTS VECTORS")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "encoder:", err)
		os.Exit(1)
	}
}

func run(model, texts, vectors string) error {
	file, err := os.Open(model)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	begun := time.Now()
	m, err := e5.Read(file, info.Size())
	if err != nil {
		return err
	}
	fmt.Printf("load\t%.3f\ts\n", time.Since(begun).Seconds())
	raw, err := os.ReadFile(texts)
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	got, err := m.Encode(context.Background(), lines)
	if err != nil {
		return err
	}
	if err := write(vectors, got); err != nil {
		return err
	}
	short := lines[:64]
	tokens := 0
	for _, text := range short {
		tokens += len(m.Tokens(text)) + 2
	}
	fmt.Printf("tokens\t%.1f\ta short text\n", float64(tokens)/64)
	for _, c := range []struct {
		name  string
		texts []string
	}{{"one short text", short[:1]}, {"64 short texts", short}, {"640 short texts", slices.Repeat(short, 10)}, {"8 long texts", lines[64:]}} {
		if err := rate(m, c.name, c.texts); err != nil {
			return err
		}
	}
	return memory()
}

// rate prints the best of several runs.
func rate(m *e5.Model, name string, texts []string) error {
	best := time.Hour
	for until := time.Now().Add(4 * time.Second); time.Now().Before(until); {
		begun := time.Now()
		if _, err := m.Encode(context.Background(), texts); err != nil {
			return err
		}
		best = min(best, time.Since(begun))
	}
	fmt.Printf("%s\t%.1f\ttexts/s\n", name, float64(len(texts))/best.Seconds())
	return nil
}

func write(name string, vectors [][]float32) error {
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	for _, v := range vectors {
		if err := binary.Write(w, binary.LittleEndian, v); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return out.Close()
}

// memory prints the greatest resident size of the process (Linux).
func memory() error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		var kb int
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kb); err == nil {
			fmt.Printf("memory\t%d\tMB\n", kb/1024)
		}
	}
	return nil
}
