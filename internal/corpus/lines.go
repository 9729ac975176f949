package corpus

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
)

// The limits of what is read. Each is a variable for the tests alone.
var (
	lineMost    = 64 << 20   // bytes of a line
	bombRatio   = int64(200) // times that a packed file may grow
	bombFloor   = int64(64 << 20)
	segmentSize = int64(256 << 20) // bytes of text in one staged part
)

var (
	errBomb      = errors.New("packed file grows beyond measure")
	errTruncated = errors.New("packed file is cut short or damaged")
)

// lineReader cuts a stream into lines within bounded memory.
type lineReader struct {
	r          io.Reader
	buf        []byte
	start, end int
	at         int64 // bytes of text handed out
	err        error // of the stream, after the last line
	scanned    int
}

func newLineReader(r io.Reader) *lineReader { return &lineReader{r: r, buf: make([]byte, 1<<20)} }

// next returns the next line without its end; it is good until the next call. A
// line beyond lineMost comes cut and says so. After the last line err is io.EOF,
// or what broke the stream.
func (l *lineReader) next() (line []byte, oversize bool, err error) {
	for {
		if i := bytes.IndexByte(l.buf[l.start+l.scanned:l.end], '\n'); i >= 0 {
			line := l.take(l.scanned+i, 1)
			if len(line) > lineMost {
				return line[:200], true, nil
			}
			return line, false, nil
		}
		l.scanned = l.end - l.start
		switch {
		case l.err != nil && l.scanned == 0:
			return nil, false, l.err
		case l.err != nil:
			return l.take(l.scanned, 0), false, nil
		case l.scanned >= lineMost:
			return l.drop()
		}
		l.fill()
	}
}

// take hands out n bytes and passes over the end of the line.
func (l *lineReader) take(n, end int) []byte {
	line := l.buf[l.start : l.start+n]
	l.start += n + end
	l.at += int64(n + end)
	l.scanned = 0
	return bytes.TrimSuffix(line, []byte("\r"))
}

func (l *lineReader) fill() {
	if l.start > 0 && l.end == len(l.buf) {
		copy(l.buf, l.buf[l.start:l.end])
		l.end -= l.start
		l.start = 0
	}
	if l.end == len(l.buf) {
		l.buf = append(l.buf, make([]byte, len(l.buf))...)
	}
	n, err := l.r.Read(l.buf[l.end:])
	l.end += n
	l.err = err
}

// drop passes over a line that is too long, without keeping it.
func (l *lineReader) drop() ([]byte, bool, error) {
	head := bytes.Clone(l.buf[l.start : l.start+200])
	for {
		l.at += int64(l.end - l.start)
		l.start, l.end, l.scanned = 0, 0, 0
		if l.err != nil {
			return head, true, nil
		}
		l.fill()
		if i := bytes.IndexByte(l.buf[:l.end], '\n'); i >= 0 {
			l.take(i, 1)
			return head, true, nil
		}
	}
}

// textFile is an open file as text, unpacked where it is packed.
type textFile struct {
	io.Reader
	file   *os.File
	packed bool
	ahead  *ahead
}

// openText opens a file and looks whether it is gzip.
func openText(path string) (*textFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 2)
	n, _ := io.ReadFull(f, head)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if n < 2 || head[0] != 0x1f || head[1] != 0x8b {
		return &textFile{Reader: f, file: f}, nil
	}
	t := &textFile{file: f, packed: true}
	t.ahead = readAhead(&unpacked{file: f})
	t.Reader = t.ahead
	return t, nil
}

func (t *textFile) Close() error {
	if t.ahead != nil {
		t.ahead.stop()
	}
	return t.file.Close()
}

// unpacked reads a gzip file and stops a bomb.
type unpacked struct {
	file *os.File
	in   counter
	z    *gzip.Reader
	out  int64
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (u *unpacked) Read(p []byte) (int, error) {
	if u.z == nil {
		u.in.r = u.file
		z, err := gzip.NewReader(bufio.NewReaderSize(&u.in, 1<<18))
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errTruncated, err)
		}
		u.z = z
	}
	n, err := u.z.Read(p)
	u.out += int64(n)
	switch {
	case u.out > bombFloor && u.out/bombRatio > u.in.n:
		return n, errBomb
	case err != nil && !errors.Is(err, io.EOF):
		return n, fmt.Errorf("%w: %w", errTruncated, err)
	}
	return n, err
}

// ahead unpacks in a goroutine of its own, a few blocks ahead of the reader.
type ahead struct {
	full, free chan []byte
	quit       chan struct{}
	now, left  []byte
	err        error
}

func readAhead(r io.Reader) *ahead {
	a := &ahead{full: make(chan []byte, 4), free: make(chan []byte, 5), quit: make(chan struct{})}
	for range cap(a.free) {
		a.free <- make([]byte, 1<<19)
	}
	go func() {
		defer close(a.full)
		for {
			var b []byte
			select {
			case b = <-a.free:
			case <-a.quit:
				return
			}
			n, err := io.ReadFull(r, b[:cap(b)])
			if err == io.ErrUnexpectedEOF && n < cap(b) {
				err = io.EOF
			}
			select {
			case a.full <- b[:n]:
			case <-a.quit:
				return
			}
			if err != nil {
				a.err = err // read after full is closed
				return
			}
		}
	}()
	return a
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.left) == 0 {
		if a.now != nil {
			a.free <- a.now
			a.now = nil
		}
		b, ok := <-a.full
		if !ok {
			return 0, a.err
		}
		a.now, a.left = b, b
	}
	n := copy(p, a.left)
	a.left = a.left[n:]
	return n, nil
}

func (a *ahead) stop() {
	close(a.quit)
	for range a.full { //nolint:revive // empty on purpose: let the unpacker end
	}
}
