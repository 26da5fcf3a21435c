package parse

import "yagura/internal/event"

// The meanings of columns.
const (
	assetNone = iota
	assetTime
	assetHost
	assetUser
	assetDomain
	assetIP
	assetMAC
	assetFile
	assetDocument
	assetProgram
	assetTitle
	assetPage
	assetDone
	assetAlarm
	assetPrinter
	assetDevice
	assetGroup
	assetResult
)

var assetKeys = map[string]int{
	"日時": assetTime, "発生日時": assetTime, "操作日時": assetTime, "ログ日時": assetTime, "検知日時": assetTime, "発生時刻": assetTime,
	"端末名": assetHost, "端末機名": assetHost, "コンピューター名": assetHost, "コンピュータ名": assetHost, "コンピュータ": assetHost, "PC名": assetHost,
	"クライアント名": assetHost, "マシン名": assetHost, "ホスト名": assetHost, "クライアント端末": assetHost,
	"ユーザー名": assetUser, "ユーザ名": assetUser, "ログオンユーザー名": assetUser, "ログオンユーザ名": assetUser, "ログインユーザー名": assetUser,
	"ログオンユーザー": assetUser, "ログオンユーザ": assetUser, "ログインユーザー": assetUser, "アカウント名": assetUser, "アカウント": assetUser,
	"ドメイン名": assetDomain, "ドメイン": assetDomain, "ログオンドメイン": assetDomain,
	"IPアドレス": assetIP, "端末IPアドレス": assetIP, "IP": assetIP, "MACアドレス": assetMAC,
	"ファイル名": assetFile, "ファイルパス": assetFile, "対象ファイル": assetFile, "パス": assetFile, "ファイル": assetFile, "操作ファイル名": assetFile,
	"文書名": assetDocument, "ドキュメント名": assetDocument, "印刷ドキュメント名": assetDocument,
	"アプリケーション名": assetProgram, "アプリケーション": assetProgram, "プロセス名": assetProgram, "プログラム名": assetProgram, "アプリ名": assetProgram,
	"ウィンドウタイトル": assetTitle, "ウインドウタイトル": assetTitle, "タイトル": assetTitle,
	"URL": assetPage, "閲覧URL": assetPage, "アクセスURL": assetPage,
	"操作": assetDone, "操作種別": assetDone, "操作内容": assetDone, "動作": assetDone, "イベント": assetDone, "イベント種別": assetDone, "種別": assetDone, "ログ種別": assetDone, "処理": assetDone,
	"アラーム名": assetAlarm, "アラーム種別": assetAlarm, "アラーム": assetAlarm, "アラート名": assetAlarm, "ルール名": assetAlarm, "ポリシー名": assetAlarm, "検知名": assetAlarm,
	"プリンター名": assetPrinter, "プリンタ名": assetPrinter, "デバイス名": assetDevice, "ドライブ種別": assetDevice, "デバイス": assetDevice,
	"部署名": assetGroup, "部署": assetGroup, "グループ名": assetGroup, "所属": assetGroup, "グループ": assetGroup,
	"結果": assetResult, "実行結果": assetResult, "成否": assetResult,
}

// assetKey cuts the column's name off its value: "端末名=PC20", "端末名:PC20",
// "端末名：PC20". assetNone: it has none that is known.
func assetKey(b []byte) (key int, v []byte) {
	for i := 0; i < len(b) && i < 48; i++ {
		size := 0
		switch {
		case b[i] == '=' || b[i] == ':':
			size = 1
		case b[i] == 0xef && (hasPrefix(b[i:], "：") || hasPrefix(b[i:], "＝")):
			size = 3
		default:
			continue
		}
		key = assetKeys[string(unquote(trim(b[:i])))]
		return key, unquote(trim(b[i+size:]))
	}
	return assetNone, nil
}

// assetSet sets the field of a named column, and says whether it did.
func assetSet(l *Line, key int, v []byte) bool {
	if none(v) {
		return false
	}
	switch key {
	case assetTime:
		return l.setWritten(v)
	case assetHost:
		if l.Has(event.HostName) || isAddress(v) {
			return false
		}
		l.Set(event.HostName, v)
		return true
	case assetUser:
		return !l.Has(event.UserName) && setUser(l, event.UserName, event.UserDomain, v)
	case assetDomain:
		return !l.Has(event.UserDomain) && setText(l, event.UserDomain, v)
	case assetIP:
		return setIP(l, event.HostIP, v)
	case assetMAC:
		return isMAC(v) && setText(l, event.HostMAC, v)
	case assetDone:
		return assetAction(l, v)
	case assetPage:
		setURL(l, v)
		return true
	case assetResult:
		switch string(v) {
		case "成功", "OK", "許可":
			l.SetString(event.EventOutcome, "success")
		case "失敗", "NG", "禁止", "拒否":
			l.SetString(event.EventOutcome, "failure")
		default:
			return false
		}
		return true
	}
	return assetSetText(l, key, v)
}

func assetSetText(l *Line, key int, v []byte) bool {
	f := event.Field(0)
	switch key {
	case assetFile:
		f = event.FileName
		if len(v) > 3 && (v[1] == ':' || v[0] == '\\' || v[0] == '/') {
			f = event.FilePath
		}
	case assetDocument:
		f = event.FileName
	case assetProgram:
		f = event.ProcessName
	case assetTitle:
		f = event.ProcessTitle
	case assetAlarm:
		f = event.RuleName
	case assetPrinter:
		f = l.Local("assets.printer")
	case assetDevice:
		f = l.Local("assets.device")
	case assetGroup:
		f = event.UserGroupName
	default:
		return false
	}
	return !l.Has(f) && setText(l, f, v)
}

// assetAction sets the code of a word for what was done; a word that is not known is
// kept as it is written, but behind the product's name.
func assetAction(l *Line, v []byte) bool {
	if word := assetWord(v); word != "" {
		if !l.Has(event.EventAction) {
			l.SetString(event.EventAction, word)
		}
		return true
	}
	return setText(l, l.Local("assets.operation"), v)
}

// assetWord is the code of a word, "" when it is not known.
func assetWord(v []byte) string { return assetWords[string(v)] }

var assetWords = map[string]string{
	"ログオン": "login", "ログイン": "login", "サインイン": "login", "ログオフ": "logout", "ログアウト": "logout", "サインアウト": "logout",
	"ロック": "locked", "ロック解除": "unlocked",
	"電源ON": "power-on", "電源OFF": "power-off", "起動": "started", "終了": "ended", "シャットダウン": "shutdown", "再起動": "restart",
	"ファイル作成": "file-created", "作成": "file-created", "新規作成": "file-created", "ファイル削除": "file-deleted", "削除": "file-deleted",
	"ファイルコピー": "file-copied", "コピー": "file-copied", "ファイル移動": "file-moved", "移動": "file-moved",
	"名前変更": "file-renamed", "リネーム": "file-renamed", "ファイル名変更": "file-renamed", "上書き保存": "file-written", "上書き": "file-written", "保存": "file-written",
	"ファイル閲覧": "file-read", "閲覧": "file-read", "ファイルアクセス": "file-read", "アップロード": "upload", "ダウンロード": "download",
	"印刷": "printed", "プリント": "printed", "Webアクセス": "web-access", "Web閲覧": "web-access", "メール送信": "mail-sent",
	"デバイス接続": "device-attached", "デバイス切断": "device-removed", "USB接続": "usb-attached", "USB切断": "usb-removed", "USBメモリ接続": "usb-storage-attached",
	"USBメモリー接続": "usb-storage-attached", "USBデバイス接続": "usb-attached", "USBデバイス切断": "usb-removed", "接続": "attached", "切断": "removed",
	"書き込み": "file-written", "使用禁止": "blocked", "禁止": "blocked", "起動禁止": "blocked", "インストール": "software-installed", "アンインストール": "software-removed",
}

// assetCategory is the category of a code.
func assetCategory(action []byte) string {
	switch string(action) {
	case "login", "logout":
		return "authentication"
	case "web-access", "upload", "download":
		return "web"
	case "mail-sent":
		return "email"
	case "software-installed", "software-removed":
		return "package"
	}
	if hasPrefix(action, "file-") || string(action) == "printed" {
		return "file"
	}
	return "host"
}
