package parse

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"

	"yagura/internal/event"
)

// texts are lines as Japanese systems write them, of every length.
var texts = []string{
	"認証に失敗しました", "ログイン", "接続を切断しました。", "管理者 山田太郎がログオンしました",
	"表示 ソフト 能力 十件 予約 申請 暴力 構成", "ユーザー名またはパスワードが正しくありません", "ファイル「予算.xlsx」を削除しました",
	"総務課のプリンター（２階）で用紙切れ", "①㈱髙橋", "許可されていない通信を遮断 宛先=203.0.113.9", "エラー", "完了",
}

func TestEncodingsAreFound(t *testing.T) {
	p := New()
	for _, text := range texts {
		for name, enc := range map[string]func(string) (string, error){
			encodingCP932:   japanese.ShiftJIS.NewEncoder().String,
			encodingEUC:     japanese.EUCJP.NewEncoder().String,
			encodingISO2022: japanese.ISO2022JP.NewEncoder().String,
			"":              func(s string) (string, error) { return s, nil },
		} {
			raw, err := enc(text)
			if err != nil {
				continue // not in this encoding
			}
			d := newDraft("<13>Nov 24 11:15:42 h1 app: " + raw)
			p.Parse(d, nil)
			got, _ := d.Get(event.YaguraEncoding)
			if string(d.Message()) != text || string(got) != name {
				t.Errorf("%s in %q: %q as %q", text, name, d.Message(), got)
			}
			if !bytes.HasSuffix(d.Raw(), []byte(raw)) {
				t.Errorf("%s in %q: the raw bytes changed", text, name)
			}
		}
	}
}

func TestEncodingTraps(t *testing.T) {
	p := New()
	sjis := func(s string) string { v, _ := japanese.ShiftJIS.NewEncoder().String(s); return v }
	for _, c := range []struct{ raw, setting, want, encoding, anomaly string }{
		{sjis("ｻｰﾊﾞｰ ﾛｸﾞｲﾝ ｼｯﾊﾟｲ"), "", "ｻｰﾊﾞｰ ﾛｸﾞｲﾝ ｼｯﾊﾟｲ", encodingCP932, ""},         // half-width kana look like EUC-JP
		{sjis("ログオンに失") + "\x94", "", "ログオンに失", encodingCP932, anomalyCut},              // cut in a character
		{"ログオンに失\xe6\x95", "", "ログオンに失", "", anomalyCut},                                // so is this, and it is UTF-8
		{"fond\xfc und sch\xe4s", "", "fond\ufffd und sch\ufffds", "", anomalyEncoding}, // Latin-1
		{"\xa4\xb3\xa4\xf3", encodingCP932, "､ｳ､", encodingCP932, anomalyCut},           // the setting wins
		{sjis("ソ") + "\"x\"", encodingCP932, `ソ"x"`, encodingCP932, ""},                 // 0x5C inside a character
		{"\xff\xfe\xfd", "", "\ufffd", "", anomalyEncoding},
		{"\x1b[31mred\x1b[0m", "", "\x1b[31mred\x1b[0m", "", ""}, // terminal colours are no ISO-2022-JP
	} {
		d := newDraft(c.raw)
		p.Parse(d, &Settings{Encoding: c.setting})
		encoding, _ := d.Get(event.YaguraEncoding)
		anomaly, _ := d.Get(event.YaguraAnomaly)
		if string(d.Message()) != c.want || string(encoding) != c.encoding || string(anomaly) != c.anomaly {
			t.Errorf("%q: %q %q %q, want %q %q %q", c.raw, d.Message(), encoding, anomaly, c.want, c.encoding, c.anomaly)
		}
	}
}

func FuzzEncoding(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
		v, _ := japanese.ShiftJIS.NewEncoder().Bytes([]byte(text))
		f.Add(v)
	}
	p := New()
	f.Fuzz(func(t *testing.T, raw []byte) {
		d := newDraft(string(raw))
		p.Parse(d, nil)
		if !utf8.Valid(d.Text()) {
			t.Fatalf("text is not UTF-8: %q", d.Text())
		}
		if !bytes.Equal(d.Raw(), raw) {
			t.Fatal("the raw bytes changed")
		}
		if utf8.Valid(raw) && d.Has(event.YaguraEncoding) && bytes.IndexByte(raw, 0x1b) < 0 {
			t.Fatal("UTF-8 was decoded as something else")
		}
	})
}
