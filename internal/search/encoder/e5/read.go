package e5

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/kapok-city/kapok/internal/errs"
)

// Magic is the beginning of every model file.
const Magic = "E5S1"

// headNumbers is how many numbers stand between the magic and the pieces:
// version, the seven of the shape, epsilon, length of a block.
const headNumbers = 10

// Model is a model that was read. It is safe for concurrent use.
type Model struct {
	Config
	pieces *pieces
	words  io.ReaderAt // the word table stays in the file
	wordAt int64
	start  []float32 // for each position, what every token there adds to its word: position and type
	norm   norm
	layers []layer
	pool   scratchPool
}

// Read loads a model of size bytes from r, of which it keeps r: rows of the
// word table are read from it when a text needs them. It takes about a third of
// the size in memory. A file that is cut off, disguised or contradicts itself
// is refused with the reason.
func Read(r io.ReaderAt, size int64) (*Model, error) {
	in := &reader{file: r, size: size}
	in.seek(0)
	m := &Model{words: r}
	if err := m.readHead(in); err != nil {
		return nil, err
	}
	m.pieces = readPieces(in, m.Vocabulary)
	tensors := readDirectory(in)
	m.readTensors(in, tensors)
	if in.err != nil {
		return nil, in.err
	}
	return m, nil
}

func (m *Model) readHead(in *reader) error {
	if string(in.bytes(len(Magic))) != Magic {
		return errs.Wrap(in.err, errs.Invalid, "encoder.not_a_model")
	}
	head := in.bytes(headNumbers * 4)
	if in.err != nil {
		return in.err
	}
	number := func(i int) int { return int(int32(binary.LittleEndian.Uint32(head[4*i:]))) }
	if version := number(0); version != 1 {
		return errs.New(errs.Invalid, "encoder.bad_shape", errs.A{"field": "version", "value": version})
	}
	m.Config = Config{
		Hidden: number(1), Layers: number(2), Heads: number(3), Inner: number(4), Vocabulary: number(5), Positions: number(6), Types: number(7),
		Epsilon: math.Float32frombits(uint32(number(8))),
	}
	if length := number(9); length != block {
		return errs.New(errs.Invalid, "encoder.bad_shape", errs.A{"field": "block", "value": length})
	}
	return m.check()
}

// The types of tensors in the directory.
const (
	floats   = 0 // float32, little-endian
	fourBits = 1 // blocks of 32: a float16 scale, then 16 bytes of two weights each
)

// blockBytes is the size of a block in the file.
const blockBytes = 2 + block/2

type tensor struct {
	kind  byte
	count uint32
	at    uint64
	bytes uint64
}

// maxTensors is more than the tensors of the deepest model that Config allows.
const maxTensors = 16*96 + 64

func readDirectory(in *reader) map[string]tensor {
	n := in.int32()
	if n < 0 || n > maxTensors {
		in.fail("encoder.bad_shape", errs.A{"field": "tensors", "value": n})
		return nil
	}
	out := make(map[string]tensor, n)
	for range n {
		name := string(in.bytes(int(in.uint16())))
		head := in.bytes(1)
		if in.err != nil {
			return nil
		}
		out[name] = tensor{head[0], in.uint32(), in.uint64(), in.uint64()}
	}
	return out
}

// tensorAt checks that the file holds a tensor of this kind and length.
func (in *reader) tensor(dir map[string]tensor, name string, kind byte, count int) (tensor, bool) {
	t, ok := dir[name]
	size := uint64(count) * 4
	if kind == fourBits {
		size = uint64(count) / block * blockBytes
	}
	switch {
	case in.err != nil:
	case !ok:
		in.fail("encoder.no_tensor", errs.A{"name": name})
	case t.kind != kind || uint64(t.count) != uint64(count) || t.bytes != size:
		in.fail("encoder.bad_tensor", errs.A{"name": name, "want": count, "got": t.count})
	case t.at > uint64(in.size) || size > uint64(in.size)-t.at:
		in.fail("encoder.truncated", errs.A{"bytes": in.size})
	default:
		return t, true
	}
	return tensor{}, false
}

// floats reads a tensor of float32. Values that are not finite would make
// every vector so; they are refused here.
func (in *reader) floats(dir map[string]tensor, name string, count int) []float32 {
	t, ok := in.tensor(dir, name, floats, count)
	if !ok {
		return nil
	}
	in.seek(int64(t.at))
	return in.float32s(count)
}

func (in *reader) blocks(dir map[string]tensor, name string, rows, columns int) []byte {
	t, ok := in.tensor(dir, name, fourBits, rows*columns)
	if !ok {
		return nil
	}
	in.seek(int64(t.at))
	return in.bytes(int(t.bytes))
}

// reader reads a file front to back and keeps the first fault. Every read is
// held against the size of the file before memory is taken for it.
type reader struct {
	file io.ReaderAt
	size int64
	at   int64
	buf  *bufio.Reader
	err  error
}

func (in *reader) seek(at int64) {
	in.at = at
	in.buf = bufio.NewReaderSize(io.NewSectionReader(in.file, at, in.size-at), 1<<16)
}

func (in *reader) fail(key string, args errs.A) {
	if in.err == nil {
		in.err = errs.New(errs.Invalid, key, args)
	}
}

// bytes returns the next n bytes, nil after a fault.
func (in *reader) bytes(n int) []byte {
	if in.err != nil {
		return nil
	}
	if n < 0 || int64(n) > in.size-in.at {
		in.fail("encoder.truncated", errs.A{"bytes": in.size})
		return nil
	}
	out := make([]byte, n)
	_, err := io.ReadFull(in.buf, out)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		in.fail("encoder.truncated", errs.A{"bytes": in.size})
	case err != nil:
		in.err = errs.Wrap(err, errs.Unavailable, "encoder.unreadable")
	}
	in.at += int64(n)
	if in.err != nil {
		return nil
	}
	return out
}

func (in *reader) uint16() uint16 {
	if b := in.bytes(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (in *reader) uint32() uint32 {
	if b := in.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (in *reader) uint64() uint64 {
	if b := in.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (in *reader) int32() int { return int(int32(in.uint32())) }

// uint32s and float32s read n numbers, n ≥ 0.
func (in *reader) uint32s(n int) []uint32 {
	raw := in.bytes(4 * n)
	out := make([]uint32, len(raw)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	return out
}

func (in *reader) float32s(n int) []float32 {
	raw := in.bytes(4 * n)
	out := make([]float32, len(raw)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		if bad := math.Abs(float64(out[i])); !(bad <= math.MaxFloat32) {
			in.fail("encoder.not_finite", nil)
			return nil
		}
	}
	return out
}
