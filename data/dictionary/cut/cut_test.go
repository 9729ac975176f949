package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = `export default {"all":[
["向","向","Xiang4","surname Xiang",[],[]],
["向","向","xiang4",["towards","to face; to turn towards","(suffix) suitable for ..."],[],[]],
["嚮","向","xiang4",["to tend toward","variant of 向[xiang4]"],[],[]],
["工信部","工信部","Gong1 xin4 bu4","abbr. for 工業和信息化部|工业和信息化部[Gong1 ye4], Ministry of Industry",[],[]],
["量","量","liang4",["capacity (of a vessel (old))","classifier: layer","CL:個|个[ge4]"],[],[]],
["新疆","新疆","Xin1 jiang1","see 新疆維吾爾|新疆维吾尔[Xin1 jiang1]",[],[]],
["新疆維吾爾","新疆维吾尔","Xin1 jiang1","Xinjiang",[],[]],
["3D","3D","san1 D","three dimensions",[],[]],
["兒","儿","er2","see 儿[er5]",[],[]]
],"variantLookup":{}};`

func TestCut(t *testing.T) {
	t.Parallel()
	entries, err := parse([]byte(module))
	if err != nil {
		t.Fatal(err)
	}
	packed, err := pack(cut(entries))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := pack(cut(entries))
	if !bytes.Equal(packed, again) {
		t.Error("the same input, other bytes")
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	want := "向\ttowards\tto tend toward\tto face\tto turn towards\tsuitable for ...\n" +
		"工信部\tMinistry of Industry\n" + "新疆\tXinjiang\n" + "新疆维吾尔\tXinjiang\n" + "量\tcapacity\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "export default 1", "{}}{", `{"all":[["a","b"]]}`, `{"all":[[1,2,3,4]]}`} {
		if _, err := parse([]byte(bad)); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}
