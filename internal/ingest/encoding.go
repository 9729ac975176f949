package ingest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/kapok-city/kapok/internal/errs"
)

// Encoding names how text is written as bytes.
type Encoding string

// The encodings. UTF-16 needs its byte order mark.
const (
	UTF8    Encoding = "utf-8"
	UTF16   Encoding = "utf-16"
	GB18030 Encoding = "gb18030" // and its parts GBK and GB2312
)

// Detection is what a file's bytes say of their encoding.
type Detection struct {
	Encoding   Encoding `json:"encoding"`
	Confidence float64  `json:"confidence"` // 0 to 1
	BOM        bool     `json:"bom,omitempty"`
	Stated     bool     `json:"stated,omitempty"` // by the user, not found
}

// sampleSize is how much of a file is looked at.
const sampleSize = 256 << 10

// minConfidence is how sure Detect must be before a file is read without
// asking.
const minConfidence = 0.6

// Detect tells the encoding of text from its beginning. A byte order mark
// decides. Valid UTF-8 with characters beyond ASCII is all but certain: other
// texts are valid by chance only when very short. Failing that it is GB18030
// with the share of its double bytes that are characters in common use (GB
// 2312 level 1, or punctuation) as confidence; for GB 2312 text this is above
// 0.9, for Latin-1, Big5 or binary files it is low.
func Detect(sample []byte) Detection {
	switch {
	case bytes.HasPrefix(sample, []byte("\xef\xbb\xbf")):
		return Detection{UTF8, 1, true, false}
	case bytes.HasPrefix(sample, []byte("\xff\xfe")), bytes.HasPrefix(sample, []byte("\xfe\xff")):
		return Detection{UTF16, 1, true, false}
	}
	if n, valid := validUTF8(sample); valid {
		if n == 0 {
			return Detection{UTF8, 1, false, false} // ASCII reads the same in both
		}
		return Detection{UTF8, 1 - 1/float64(1+8*n), false, false}
	}
	return Detection{GB18030, commonShare(sample), false, false}
}

// validUTF8 counts the characters beyond ASCII; a character that the end of
// the sample cuts is no fault.
func validUTF8(b []byte) (wide int, valid bool) {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return wide, len(b)-i < utf8.UTFMax && !utf8.FullRune(b[i:])
		}
		if n > 1 {
			wide++
		}
		i += n
	}
	return wide, true
}

// commonShare is the share of common characters among all that are not ASCII.
func commonShare(b []byte) float64 {
	common, all := 0, 0
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c < 0x80:
			if c == 0 {
				all++ // no text has it
			}
			i++
			continue
		case i+1 < len(b) && (c >= 0xB0 && c <= 0xD7 || c >= 0xA1 && c <= 0xA9) && b[i+1] >= 0xA1:
			common++
			i += 2
		case i+1 < len(b) && c >= 0x81 && c <= 0xFE && b[i+1] >= 0x40:
			i += 2
		default:
			i++
		}
		all++
	}
	if all == 0 {
		return 0
	}
	return float64(common) / float64(all)
}

// text returns the stream as UTF-8 without a byte order mark. stated overrides
// what Detect finds; "" lets it decide, and refuses when it is not sure.
func (f *file) text(s *stream, stated Encoding) (*bufio.Reader, Detection, error) {
	sample, err := peek(s.Reader, sampleSize)
	if err != nil {
		return nil, Detection{}, err
	}
	d := Detect(sample)
	if stated != "" && stated != d.Encoding {
		d = Detection{Encoding: stated, Confidence: 1, Stated: true}
	}
	if d.Confidence < minConfidence {
		return nil, d, errs.New(errs.Invalid, "ingest.encoding_unknown", errs.A{"file": f.name, "confidence": int(100 * d.Confidence)})
	}
	var dec *encoding.Decoder
	switch d.Encoding {
	case UTF8:
		if d.BOM {
			_, _ = s.Discard(3) // it was just peeked at
		}
		return s.Reader, d, nil
	case UTF16:
		dec = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()
	case GB18030:
		dec = simplifiedchinese.GB18030.NewDecoder()
	default:
		return nil, d, errs.New(errs.Invalid, "ingest.encoding_name", errs.A{"encoding": string(stated)})
	}
	r := bufio.NewReaderSize(transform.NewReader(s.Reader, dec), 256<<10)
	if _, err := r.Peek(1); err != nil && !errors.Is(err, io.EOF) {
		return nil, d, errs.Wrap(err, errs.Invalid, "ingest.encoding_wrong", errs.A{"file": f.name, "encoding": string(d.Encoding)})
	}
	return r, d, nil
}

// peek returns up to n bytes from the start of r, without consuming them; a
// reader with a smaller buffer gives less.
func peek(r *bufio.Reader, n int) ([]byte, error) {
	b, err := r.Peek(min(n, r.Size()))
	if errors.Is(err, io.EOF) || errors.Is(err, bufio.ErrBufferFull) {
		err = nil
	}
	return b, err
}
