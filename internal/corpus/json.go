package corpus

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads one JSON text in place. It knows the grammar and nothing else:
// callers walk the objects, take what they want and skip the rest, which is
// checked as strictly as encoding/json does but never built.
type scanner struct {
	b     []byte
	i     int
	depth int
	buf   []byte // of texts with escapes
}

var errBroken = errors.New("no JSON")

// deepest is how far values may nest: the stack stays small.
const deepest = 200

func (s *scanner) reset(b []byte) { s.b, s.i, s.depth, s.buf = b, 0, 0, s.buf[:0] }

// space moves to the next byte that is no white space and returns it, 0 at the
// end.
func (s *scanner) space() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// object calls field with each name of the object that begins here; field must
// read or skip the value. A value of another kind than an object is skipped,
// and ok is false.
func (s *scanner) object(field func(name []byte) error) (ok bool, err error) {
	if s.space() != '{' {
		return false, s.skip()
	}
	if err := s.enter(); err != nil {
		return false, err
	}
	for c := s.space(); c != '}'; {
		name, err := s.text()
		if err != nil {
			return false, err
		}
		if s.space() != ':' {
			return false, errBroken
		}
		s.i++
		if err := field(name); err != nil {
			return false, err
		}
		if c = s.space(); c == ',' {
			s.i++
			if s.space() != '"' {
				return false, errBroken
			}
		} else if c != '}' {
			return false, errBroken
		}
	}
	s.leave()
	return true, nil
}

// array calls element for each value of the array that begins here.
func (s *scanner) array(element func() error) (ok bool, err error) {
	if s.space() != '[' {
		return false, s.skip()
	}
	if err := s.enter(); err != nil {
		return false, err
	}
	for c := s.space(); c != ']'; {
		if err := element(); err != nil {
			return false, err
		}
		if c = s.space(); c == ',' {
			s.i++
			if s.space() == ']' {
				return false, errBroken
			}
		} else if c != ']' {
			return false, errBroken
		}
	}
	s.leave()
	return true, nil
}

func (s *scanner) enter() error {
	s.i++
	if s.depth++; s.depth > deepest {
		return errBroken
	}
	return nil
}

func (s *scanner) leave() { s.i++; s.depth-- }

// special marks the bytes of a word that are a quote, a backslash or a control
// character. Bytes after the first mark may be marked wrongly.
func special(w uint64) uint64 {
	const ones, high = 0x0101010101010101, 0x8080808080808080
	quote, back := w^0x22*ones, w^0x5c*ones
	return ((quote-ones)&^quote | (back-ones)&^back | (w-0x20*ones)&^w) & high
}

// stop moves to the next byte of a text that needs a look.
func (s *scanner) stop() {
	b, i := s.b, s.i
	for i+8 <= len(b) {
		if m := special(binary.LittleEndian.Uint64(b[i:])); m != 0 {
			s.i = i + bits.TrailingZeros64(m)/8
			return
		}
		i += 8
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
		i++
	}
	s.i = i
}

// skipText skips a text after its opening quote.
func (s *scanner) skipText() error {
	for {
		s.stop()
		if s.i >= len(s.b) {
			return errBroken
		}
		switch s.b[s.i] {
		case '"':
			s.i++
			return nil
		case '\\':
			if _, err := s.escape(); err != nil {
				return err
			}
		default:
			return errBroken
		}
	}
}

// text reads a text. The bytes are good until the scanner is reset; UTF-8 is
// not checked.
func (s *scanner) text() ([]byte, error) {
	if s.space() != '"' {
		return nil, errBroken
	}
	s.i++
	start := s.i
	s.stop()
	if s.i < len(s.b) && s.b[s.i] == '"' {
		s.i++
		return s.b[start : s.i-1 : s.i-1], nil
	}
	return s.escaped(start)
}

// escaped reads on in a text that has an escape.
func (s *scanner) escaped(start int) ([]byte, error) {
	from := len(s.buf)
	for {
		s.buf = append(s.buf, s.b[start:s.i]...)
		if s.i >= len(s.b) {
			return nil, errBroken
		}
		switch s.b[s.i] {
		case '"':
			s.i++
			return s.buf[from:len(s.buf):len(s.buf)], nil
		case '\\':
			r, err := s.escape()
			if err != nil {
				return nil, err
			}
			s.buf = utf8.AppendRune(s.buf, r)
		default:
			return nil, errBroken
		}
		start = s.i
		s.stop()
	}
}

var simple = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads one escape, with its second half where it is a surrogate.
func (s *scanner) escape() (rune, error) {
	if s.i+1 >= len(s.b) {
		return 0, errBroken
	}
	c := s.b[s.i+1]
	s.i += 2
	if plain := simple[c]; plain != 0 {
		return rune(plain), nil
	}
	r, ok := s.hex()
	if c != 'u' || !ok {
		return 0, errBroken
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	if s.i+1 < len(s.b) && s.b[s.i] == '\\' && s.b[s.i+1] == 'u' {
		at := s.i
		s.i += 2
		low, ok := s.hex()
		if !ok {
			return 0, errBroken
		}
		if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
			return both, nil
		}
		s.i = at
	}
	return utf8.RuneError, nil
}

func (s *scanner) hex() (r rune, ok bool) {
	if s.i+4 > len(s.b) {
		return 0, false
	}
	for _, c := range s.b[s.i : s.i+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	s.i += 4
	return r, true
}

// skip skips a value of any kind.
func (s *scanner) skip() error {
	switch c := s.space(); c {
	case '"':
		s.i++
		return s.skipText()
	case '{':
		return s.skipObject()
	case '[':
		return s.skipArray()
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	_, err := s.number()
	return err
}

func (s *scanner) skipObject() error {
	if err := s.enter(); err != nil {
		return err
	}
	for c := s.space(); c != '}'; {
		if c != '"' {
			return errBroken
		}
		s.i++
		if err := s.skipText(); err != nil {
			return err
		}
		if s.space() != ':' {
			return errBroken
		}
		s.i++
		if err := s.skip(); err != nil {
			return err
		}
		if c = s.space(); c == ',' {
			s.i++
			if c = s.space(); c == '}' {
				return errBroken
			}
		} else if c != '}' {
			return errBroken
		}
	}
	s.leave()
	return nil
}

func (s *scanner) skipArray() error {
	if err := s.enter(); err != nil {
		return err
	}
	for c := s.space(); c != ']'; {
		if err := s.skip(); err != nil {
			return err
		}
		if c = s.space(); c == ',' {
			s.i++
			if s.space() == ']' {
				return errBroken
			}
		} else if c != ']' {
			return errBroken
		}
	}
	s.leave()
	return nil
}

func (s *scanner) word(w string) error {
	if len(s.b)-s.i < len(w) || string(s.b[s.i:s.i+len(w)]) != w {
		return errBroken
	}
	s.i += len(w)
	return nil
}

// number reads the bytes of a number.
func (s *scanner) number() ([]byte, error) {
	start := s.i
	if s.i < len(s.b) && s.b[s.i] == '-' {
		s.i++
	}
	switch {
	case s.i < len(s.b) && s.b[s.i] == '0':
		s.i++
	case !s.digits():
		return nil, errBroken
	}
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		if !s.digits() {
			return nil, errBroken
		}
	}
	if s.i < len(s.b) && s.b[s.i]|0x20 == 'e' {
		if s.i++; s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if !s.digits() {
			return nil, errBroken
		}
	}
	return s.b[start:s.i], nil
}

func (s *scanner) digits() bool {
	start := s.i
	for s.i < len(s.b) && s.b[s.i] >= '0' && s.b[s.i] <= '9' {
		s.i++
	}
	return s.i > start
}

// kindOf says what a value is, as far as a reader of fields asks.
type kindOf byte

const (
	isThere kindOf = iota
	isNull
	isOther // of another type than was asked for
)

// textValue reads a text; null and other kinds are skipped and told.
func (s *scanner) textValue() ([]byte, kindOf, error) {
	switch s.space() {
	case '"':
		b, err := s.text()
		return b, isThere, err
	case 'n':
		return nil, isNull, s.word("null")
	}
	return nil, isOther, s.skip()
}

// intValue reads a whole number of up to 18 digits; one with a fraction or an
// exponent is of another kind.
func (s *scanner) intValue() (int64, kindOf, error) {
	c := s.space()
	if c == 'n' {
		return 0, isNull, s.word("null")
	}
	if c != '-' && (c < '0' || c > '9') {
		return 0, isOther, s.skip()
	}
	b, err := s.number()
	if err != nil {
		return 0, isOther, err
	}
	v, ok := whole64(b)
	if !ok {
		return 0, isOther, nil
	}
	return v, isThere, nil
}

// whole64 reads a whole number of up to 18 digits.
func whole64(b []byte) (int64, bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var v int64
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	if neg {
		v = -v
	}
	return v, true
}

func (s *scanner) realValue() (float64, kindOf, error) {
	c := s.space()
	if c == 'n' {
		return 0, isNull, s.word("null")
	}
	if c != '-' && (c < '0' || c > '9') {
		return 0, isOther, s.skip()
	}
	b, err := s.number()
	if err != nil {
		return 0, isOther, err
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return 0, isOther, nil // out of range
	}
	return v, isThere, nil
}

func (s *scanner) boolValue() (bool, kindOf, error) {
	switch s.space() {
	case 't':
		return true, isThere, s.word("true")
	case 'f':
		return false, isThere, s.word("false")
	case 'n':
		return false, isNull, s.word("null")
	}
	return false, isOther, s.skip()
}

// end reports an error unless only white space is left.
func (s *scanner) end() error {
	if s.space() != 0 || s.i < len(s.b) {
		return errBroken
	}
	return nil
}
