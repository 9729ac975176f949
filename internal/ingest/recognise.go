package ingest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
)

// shapes are the beginnings by which files of a known format are told.
var shapes = []struct {
	importer string
	begins   *regexp.Regexp
}{
	{"bdci-needs", regexp.MustCompile(`^'[0-9A-Za-z-]{8,64}' , '`)},
	{"bdci-patents", regexp.MustCompile(`^\{"id": ?"[0-9a-f]{32}", ?"title": ?".*"assignee": ?"`)},
	{"techport", regexp.MustCompile(`(?s)^\[?\s*\{.*"technologyMaturityStart"`)},
	{"nsf-awards", regexp.MustCompile(`^award_id,.*\btransaction_type\b`)},
	{"chinaxiv", regexp.MustCompile(`^\{.{0,200}"ChinaXiv-\d{6}\.`)},
}

// Recognise names the importer that reads a file of a known format, by how the
// file begins, and "" when it is none of them: then it is a table, or nothing.
func (s *Service) Recognise(ctx context.Context, req Request) (string, error) {
	lim := DefaultLimits
	if req.Limits != nil {
		lim = *req.Limits
	}
	f, err := openFile(ctx, req.Path, req.Reader, req.Name, lim)
	if err != nil {
		return "", err
	}
	defer f.close()
	in, err := f.open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	head, err := in.Peek(8 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	for _, shape := range shapes {
		if shape.begins.Match(head) {
			return shape.importer, nil
		}
	}
	return "", nil
}
