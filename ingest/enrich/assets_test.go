package enrich

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/japanese"
)

var sameAsset = cmp.Options{
	cmpopts.IgnoreUnexported(Asset{}),
	cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
}

const japaneseList = "アドレス,名前,管理者,ゾーン,設置場所,機密性,完全性,可用性\r\n" +
	"192.0.2.10,住民票サーバー,総務課,mynumber,本庁,3,2,3\r\n" +
	"１９２．０．２．３２／２８,\"出先,予約\",,internet,能化支所,２,中,\r\n" +
	",,,,,,,\r\n"

func TestReadAssets(t *testing.T) {
	sjis, err := japanese.ShiftJIS.NewEncoder().String(japaneseList)
	if err != nil {
		t.Fatal(err)
	}
	want := []Asset{
		{Address: netip.MustParsePrefix("192.0.2.10/32"), Name: "住民票サーバー", Owner: "総務課", Zone: "mynumber", Site: "本庁", Confidentiality: 3, Integrity: 2, Availability: 3},
		{Address: netip.MustParsePrefix("192.0.2.32/28"), Name: "出先,予約", Zone: "internet", Site: "能化支所", Confidentiality: 2, Integrity: 2},
	}
	for name, text := range map[string]string{"UTF-8": japaneseList, "BOM": "\ufeff" + japaneseList, "CP932": sjis} {
		got, err := ReadAssets("assets.csv", strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got, sameAsset); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestReadAssetsEnglish(t *testing.T) {
	got, err := ReadAssets("a.csv", strings.NewReader("# our list\nName, Address ,zone\nweb01,2001:db8::5,internet\nall,2001:db8::/32,\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Asset{
		{Address: netip.MustParsePrefix("2001:db8::5/128"), Name: "web01", Zone: "internet"},
		{Address: netip.MustParsePrefix("2001:db8::/32"), Name: "all"},
	}
	if diff := cmp.Diff(want, got, sameAsset); diff != "" {
		t.Error(diff)
	}
}

func TestReadAssetsErrors(t *testing.T) {
	const names = "address, name, owner, zone, site, confidentiality, integrity, availability"
	tests := []struct{ name, in, want string }{
		{"empty", "", `a.csv:1:1: file: empty; would be right: a line of headers: address,name,owner,zone,site,confidentiality,integrity,availability`},
		{"headers", "名前,メモ,名前\n",
			`a.csv:1:4: header: "メモ"; would be right: one of ` + names + `
a.csv:1:7: header: "名前" once more; would be right: each column once
a.csv:1:1: header: no column address; would be right: ` + strings.ReplaceAll(names, ", ", ",")},
		{"all at once", "名前,アドレス,機密性\n住民票,192.0.2.300,9\n,192.0.2.1/24,x\na,192.0.2.1,1\nb,192.0.2.1,2\nc,192.0.2.2,1,x\n",
			`a.csv:2:5: address: "192.0.2.300"; would be right: an address (192.0.2.10) or a network (192.0.2.0/24)
a.csv:2:17: confidentiality: "9"; would be right: 1, 2 or 3 (3 is the highest), or empty
a.csv:3:2: address: "192.0.2.1/24"; would be right: the network 192.0.2.0/24 or the address 192.0.2.1
a.csv:3:1: name: empty; would be right: a name for people and alerts
a.csv:3:15: confidentiality: "x"; would be right: 1, 2 or 3 (3 is the highest), or empty
a.csv:5:3: address: "192.0.2.1", already at a.csv:4; would be right: each address once
a.csv:6:15: row: a cell without a header: "x"; would be right: a comma inside a text needs quotes: "a, b"`},
		{"quotes", "address,name\n192.0.2.1,a\"b\n192.0.2.2,ok\n192.0.2.x,c\n",
			`a.csv:2:12: row: a quote out of place; would be right: "text" with quotes inside doubled ("")
a.csv:4:1: address: "192.0.2.x"; would be right: an address (192.0.2.10) or a network (192.0.2.0/24)`},
		{"no text", "\x89PNG\x0d\x0a\x1a\x0a\x00\xff\xff",
			`a.csv:1:1: file: neither UTF-8 nor CP932 (Shift_JIS); would be right: saved by Excel as "CSV UTF-8" or "CSV"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assets, err := ReadAssets("a.csv", strings.NewReader(tt.in))
			if err == nil {
				t.Fatalf("no error; %d assets", len(assets))
			}
			if diff := cmp.Diff(strings.Split(tt.want, "\n"), strings.Split(err.Error(), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
	_, err := ReadAssets("a.csv", strings.NewReader("address,name\n"+strings.Repeat("x,y\n", 150)))
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 101 || lines[100] != "a.csv: 50 more errors" {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

func FuzzReadAssets(f *testing.F) {
	f.Add([]byte(japaneseList))
	f.Add([]byte("\ufeffip,名称\n::1,\"a\n\n\"\n"))
	f.Add([]byte("\x83A\x83h\x83\x8c\x83X,name\n192.0.2.1,x\n"))
	f.Add([]byte("address,name\n\"\n,,,\n#\n1.2.3.4/33,a,b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		assets, err := ReadAssets("a.csv", strings.NewReader(string(data)))
		if err != nil {
			return
		}
		e, err := New(Config{Assets: assets})
		if err != nil {
			if strings.Contains(err.Error(), "zone") {
				return
			}
			t.Fatal(err)
		}
		for i, a := range assets {
			if a.Name == "" || a.Address != a.Address.Masked() {
				t.Fatalf("asset %d: %+v", i, a)
			}
			if _, got := e.Find(a.Address.Addr()); got == nil || got.Address.Bits() < a.Address.Bits() {
				t.Fatalf("%v is found as %+v", a.Address, got)
			}
		}
	})
}
