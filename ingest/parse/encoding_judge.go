package parse

import "unicode/utf8"

// Scores of one decoded character: how much it speaks for the encoding. A wrong
// encoding gives rare kanji, half-width kana and bytes that fit nothing.
const (
	scoreKana     = 3.0
	scoreCommon   = 3.0  // a kanji of everyday logs
	scoreKanji    = 0.6  // any other
	scoreSymbol   = 1.5  // full-width punctuation, digits, letters
	scoreHalfKana = 0.7  // half-width kana
	scoreVoiced   = 2.0  // a half-width voiced mark behind a kana that takes one
	scoreBad      = -8.0 // bytes that are no character
)

// judge decodes raw as CP932 and as EUC-JP and returns the likelier one, with
// its share of the best score that so many characters could have; "" when
// neither is likely.
func (p *Parser) judge(raw []byte) (name string, confidence float64) {
	sjis := score(p.transform(decoder(encodingCP932), raw))
	euc := score(p.transform(decoder(encodingEUC), raw))
	name, best, other := encodingCP932, sjis, euc
	if euc.points > sjis.points {
		name, best, other = encodingEUC, euc, sjis
	}
	if best.points < 1.2 || best.bad > 1+best.good/4 {
		return "", 0
	}
	confidence = best.points / (scoreKana * float64(best.good+best.bad))
	if other.points > 0 {
		confidence *= 1 - other.points/(best.points+other.points)
	}
	return name, max(0.1, confidence)
}

type verdict struct {
	points    float64
	good, bad int
}

// score judges the characters beyond ASCII of a decoded text.
func score(text []byte) (v verdict) {
	var before rune
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		if r < utf8.RuneSelf {
			before = r
			continue
		}
		if r == utf8.RuneError && i < len(text) { // at the very end it is only cut
			v.bad++
			v.points += scoreBad
		} else if r != utf8.RuneError {
			v.good++
			v.points += worth(r, before)
		}
		before = r
	}
	return v
}

func worth(r, before rune) float64 {
	switch {
	case r >= 0x3041 && r <= 0x30fe: // hiragana, katakana, long vowel
		return scoreKana
	case r == 0xff9e && (before >= 0xff73 && before <= 0xff84 || before >= 0xff8a && before <= 0xff8e),
		r == 0xff9f && before >= 0xff8a && before <= 0xff8e:
		return scoreVoiced
	case r >= 0xff61 && r <= 0xff9f:
		return scoreHalfKana
	case r >= 0x4e00 && r <= 0x9fff:
		if commonKanji(r) {
			return scoreCommon
		}
		return scoreKanji
	case r >= 0x3000 && r <= 0x303f, r >= 0xff01 && r <= 0xff5e, r >= 0x2460 && r <= 0x2473, r >= 0x3220 && r <= 0x32ff:
		return scoreSymbol
	}
	return 0
}

// commonKanji says whether r is among the kanji that logs, names of places,
// posts and people mostly use. It is only a weight: text of other kanji is still
// read.
func commonKanji(r rune) bool {
	at := int(r) - 0x4e00
	return common[at>>6]&(1<<(at&63)) != 0
}

// common is a bit for each kanji of commonText. Immutable after start.
var common = func() (set [(0x9fff-0x4e00)/64 + 1]uint64) {
	for _, r := range commonText {
		set[(r-0x4e00)>>6] |= 1 << ((r - 0x4e00) & 63)
	}
	return set
}()

const commonText = "一丁七万三上下不与両並中主乗乱予争事二互五井交京人仁今介仕他付代令以仮件任企伊会伝位低住体何作使例供依係保信修個倉倍借値停側備働像優元先光免入全八公六共具内円再写冷処出分切刊列初判別利制刷券前剣創力加効動務勝勤包化北区医十千午半協南単博占印危即却厚原去参及反収取受口古可台史右号司各合同名向否含告周味呼命和品員問商善器四回因団図固国土圧在地坂型埋城域報場塞境増壊声売変外多夜大天太失奈奥女好始委姓子字存孝学宅守安完定実客室宮害家容宿密富寒察寸対専導小少局届属山岡岩岸島崎川工左差巻市布希帯師席帰常年幸広序底店度座庫庁康延建引弱張強当形影役後待徒従得御復心必志応念急性恐悪情想意愛感態慮成我戦戸所手才打扱批承技投折抜押担拒拡拾持指挙捨授排採探接推掲提換損搬携撃操支改攻放政故教敗数整敵文斎料断新方施旅既日旧早明星映春昭是時普景晴暗更書替最月有朝期木未本札杉村条来松板析林果枝枠染査柱栄校株核根格案桜械棄棟森検業極構様標模横権橋機欄次欠歌止正武歩歳歴死残殊段殺母毎比民気水氷永求決沖河油治沢法波注洗活流浜浦海消液深混添清済減渡温測港湖湯満源準滅漏演漢潟澤瀬火灰災点無然照熊熱片版牛物特犯状独現理環生産用田由申男町画界留略番異疑病痛発登白百的皆益盗監目直相県真着知石研破確示礼社神票福秀私秋科秘移程種稼穴空突窓立竜章童端競笠第等筆答策算管箱節範築簡米精糸系約納純紙級素細終組経結給統絵継続維網線締編緊縄縮績織置署美義習翌老者聞職肉育背能脱腐自至致興舞航般良色花若苦英茂草荒荷菅落葉著蔵薬藤虎処虫行術街衛衝表被裏補製複西要見規視覚覧親観角解触言計訂訃記訓託設許訳証詐詞試詰話該詳認誌語誠誤説読課調談請論警議護譲豊負財貨販責貴買費資賀質赤走起超足跡路身車転軸軽載輝輸辺込近返述迷追退送逃通速造連進遅遊運過道達違遠遮適選遷郎部郡都配酒酸里重野量金針鈴鉄銀銭録鍵長閉開間関阪防阻降限院除陽隊階際障隣隠雄集雇離難雨雪電震青静非面革音頁頂順預頭頼題願類顔風飛食飯飲館香馬駅駐験高髙魚鳥鹿麻黄黒鼻齋"
