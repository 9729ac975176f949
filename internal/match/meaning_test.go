package match

import (
	"context"
	"errors"
	"hash/fnv"
	"testing"
	"time"

	"github.com/kapok-city/kapok/internal/search/encoder"
)

// bagEncoder adds up a direction for each character.
type bagEncoder struct{}

func (bagEncoder) Dim() int     { return 32 }
func (bagEncoder) Name() string { return "bag" }
func (bagEncoder) Encode(_ context.Context, _ encoder.Side, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = make([]float32, 32)
		for _, r := range t {
			h := fnv.New32a()
			h.Write([]byte(string(r)))
			out[i][h.Sum32()%32]++
		}
	}
	return out, nil
}

// slowEncoder is bagEncoder that takes its time over asks, or fails at records.
type slowEncoder struct {
	bagEncoder
	wait time.Duration
	fail error
}

func (e slowEncoder) Encode(ctx context.Context, side encoder.Side, texts []string) ([][]float32, error) {
	if side == encoder.Query {
		time.Sleep(e.wait)
	} else if e.fail != nil {
		return nil, e.fail
	}
	return e.bagEncoder.Encode(ctx, side, texts)
}

func TestMeaningTakesPart(t *testing.T) {
	r := newRoom(t, sqlite(t), bagEncoder{}, city()...)
	got, err := r.For(t.Context(), public, Key{Kind: KindNeed, ID: "need-battery"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Meaning.State != MeaningUsed || !got.Matches[0].Features[atMeaning].Known || got.Matches[0].Features[atMeaning].Contribution <= 0 {
		t.Errorf("%+v %+v", got.Meaning, got.Matches[0].Features)
	}
}

func TestAnswersDoNotWaitForVectors(t *testing.T) {
	d := sqlite(t)
	r := newRoom(t, d, nil, city()...)
	r.meaning = newMeaning(bagEncoder{}, r.log)
	for _, doc := range r.shelf.by {
		r.document(doc) // asked before any vector was made
	}
	got, err := r.For(t.Context(), public, Key{Kind: KindNeed, ID: "need-battery"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Meaning.State != MeaningBehind || got.Meaning.Behind == 0 || got.Matches[0].ID != "battery" || got.Matches[0].Features[atMeaning].Known {
		t.Errorf("%+v %v", got.Meaning, keysOf(got.Matches))
	}

	r.meaning = newMeaning(slowEncoder{wait: time.Second}, r.log)
	r.meaning.patience = 10 * time.Millisecond
	if got, err = r.ForText(t.Context(), public, Ask{Text: "锂电池"}, Options{}); err != nil || got.Meaning.State != MeaningLate || got.Abstained {
		t.Errorf("%+v, %v", got.Meaning, err)
	}
}

func TestFailingEncoderIsTold(t *testing.T) {
	broken := errors.New("no such model")
	r := newRoom(t, sqlite(t), nil, city()...)
	r.meaning = newMeaning(slowEncoder{fail: broken}, r.log)
	for _, doc := range r.shelf.by {
		r.document(doc)
	}
	if _, err := r.EncodePending(t.Context()); !errors.Is(err, broken) {
		t.Errorf("err = %v", err)
	}
	if _, err := r.For(t.Context(), public, Key{Kind: KindNeed, ID: "need-battery"}, Options{}); err != nil {
		t.Errorf("an answer fails with the encoder: %v", err)
	}
}

func TestVectorsFollowTheirRecords(t *testing.T) {
	r := newRoom(t, sqlite(t), bagEncoder{}, city()...)
	before := r.meaning.len()
	r.shelf.put(result("new", "荔枝保鲜", ""))
	r.shelf.remove(Key{Kind: KindResult, ID: "bridge"})
	r.catchUp(t)
	if got := r.meaning.len(); got != before {
		t.Errorf("%d vectors, not %d", got, before)
	}
	r.shelf.remove(Key{Kind: KindResult, ID: "new"})
	r.catchUp(t)
	if got := r.meaning.len(); got != before-1 {
		t.Errorf("%d vectors, not %d", got, before-1)
	}
}
