package dashboards

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// column says how a result column is shown, wherever it occurs.
type column struct {
	name  string // Japanese / English
	unit  string // Grafana's unit id; "" is the panel's
	color string // of a series; "" is the palette's
	link  string // of a cell; ${__value.text} is the cell
	width int    // of a table's column, px; 0 is automatic
}

// Links of cells: every address, host, user and incident leads on.
const (
	addressLink  = "/d/yagura-address?var-address=${__value.text}&${__url_time_range}"
	hostLink     = "/d/yagura-host?var-host=${__value.text}&${__url_time_range}"
	userLink     = "/d/yagura-access?var-user=${__value.text}&${__url_time_range}"
	clauseLink   = "/d/yagura-policy?var-clause=${__value.text}&${__url_time_range}"
	incidentLink = "${console}/incidents/${__value.text}"
)

// timeUnit shows a time in the board's zone, to the second.
const timeUnit = "time:YYYY-MM-DD HH:mm:ss"

// known is the dictionary of result columns.
var known = map[string]column{
	// levels, as series
	"critical":      {name: "緊急 / critical", color: darkRed},
	"high":          {name: "重大 / high", color: red},
	"medium":        {name: "警告 / medium", color: orange},
	"low":           {name: "注意 / low", color: yellow},
	"informational": {name: "情報 / informational", color: blue},
	// words
	"level":       {name: "レベル / level", width: 150},
	"status":      {name: "状態 / status", width: 170},
	"flow":        {name: "判定 / verdict", width: 130},
	"rule":        {name: "ルール / rule", width: 320},
	"about":       {name: "対象 / about"},
	"reason":      {name: "理由 / reason"},
	"assignee":    {name: "担当 / assignee", width: 120},
	"incident":    {name: "インシデント / incident", width: 150, link: incidentLink},
	"clause":      {name: "条項 / clause", width: 90, link: clauseLink},
	"title":       {name: "内容 / subject"},
	"action":      {name: "動作 / action", width: 180},
	"application": {name: "アプリ / application", width: 140},
	"service":     {name: "サービス / service"},
	"country":     {name: "国 / country", width: 140},
	"domain":      {name: "ドメイン / domain"},
	"line":        {name: "ログ / log line"},
	"parser":      {name: "パーサ / parser", width: 160},
	"process":     {name: "プロセス / process", width: 180},
	"listener":    {name: "受信口 / listener", width: 180},
	"peer":        {name: "送信元機器 / source", width: 170},
	"site":        {name: "拠点 / site"},
	"table":       {name: "表 / table"},
	"event_id":    {name: "イベントID / event id"},
	"code":        {name: "コード / code", width: 90},
	// who
	"host":           {name: "ホスト / host", width: 190, link: hostLink},
	"hosts":          {name: "ホスト / hosts", width: 190},
	"user":           {name: "利用者 / user", width: 150, link: userLink},
	"target":         {name: "対象者 / target", width: 150, link: userLink},
	"entered_as":     {name: "入れた利用者 / entered as", width: 180},
	"source_address": {name: "送信元 / source", width: 150, link: addressLink},
	"destination":    {name: "宛先 / destination", width: 150, link: addressLink},
	"by":             {name: "どの端末から / from", width: 220},
	"port":           {name: "ポート / port", unit: "none", width: 100},
	"zone_from":      {name: "元の系 / from zone", width: 140},
	"zone_to":        {name: "先の系 / to zone", width: 140},
	// when
	"time":           {name: "時刻 / time", unit: timeUnit, width: 170},
	"first":          {name: "最初 / first", unit: timeUnit, width: 170},
	"last":           {name: "最後 / last", unit: timeUnit, width: 170},
	"last_stored":    {name: "最後の保存から / since last stored", unit: "s"},
	"silent_seconds": {name: "無通信 / silent for", unit: "s", width: 140},
	"clock_offset":   {name: "時計のずれ / clock offset", unit: "s", width: 140},
	"every":          {name: "間隔 / every", unit: "s", width: 110},
	// how many
	"events":            {name: "件数 / events", unit: "short"},
	"last_week":         {name: "先週 / last week", unit: "short", color: gray},
	"alerts":            {name: "警報 / alerts", unit: "short"},
	"open":              {name: "未対応 / open", unit: "short", width: 120},
	"rules":             {name: "発火ルール数 / rules fired", unit: "short", width: 160},
	"late":              {name: "放置 / late", unit: "short"},
	"silent":            {name: "無通信の機器 / silent sources", unit: "short"},
	"matched":           {name: "ルール一致 / matched", unit: "short"},
	"calls":             {name: "回数 / calls", unit: "short", width: 110},
	"spread":            {name: "ばらつき / spread", unit: "percentunit", width: 130},
	"connections":       {name: "通信 / connections", unit: "short"},
	"clients":           {name: "端末数 / clients", unit: "short", width: 130},
	"destinations":      {name: "宛先数 / destinations", unit: "short", width: 150},
	"ports":             {name: "ポート数 / ports", unit: "short", width: 130},
	"users":             {name: "利用者数 / users", unit: "short", width: 130},
	"host_count":        {name: "ホスト数 / hosts", unit: "short", width: 130},
	"sources":           {name: "機器数 / sources", unit: "short", width: 130},
	"source_addresses":  {name: "送信元数 / sources", unit: "short", width: 140},
	"uploads":           {name: "送信要求 / uploads", unit: "short", width: 140},
	"longest":           {name: "最長 / longest", unit: "short", width: 120},
	"events_per_second": {name: "毎秒 / per second", unit: "eps", width: 140},
	"forbidden":         {name: "禁止の通信 / forbidden flows", unit: "short", color: red},
	"media":             {name: "外部媒体 / removable media", unit: "short"},
	"changes":           {name: "設定変更 / changes", unit: "short"},
	"broken_in":         {name: "失敗後の成功 / success after failures", unit: "short"},
	"logs_cleared":      {name: "ログ消去 / logs cleared", unit: "short"},
	"unjudged":          {name: "未判定 / unjudged", unit: "short"},
	// outcomes and directions, as series
	"success":             {name: "成功 / success", color: green},
	"failure":             {name: "失敗 / failure", color: red},
	"successes":           {name: "成功 / successes", unit: "short", width: 130},
	"failures":            {name: "失敗 / failures", unit: "short", color: red, width: 130},
	"outbound":            {name: "外向き / outbound", color: orange},
	"inbound":             {name: "内向き / inbound", color: blue},
	"internal":            {name: "内部 / internal", color: green},
	"crossing":            {name: "系をまたぐ / crossing", color: red},
	"allowed":             {name: "許可 / allowed", unit: "short", color: green},
	"denied_in":           {name: "外から拒否 / denied inbound", color: blue},
	"denied_out":          {name: "外へ拒否 / denied outbound", unit: "short", color: orange},
	"denied_inside":       {name: "内部で拒否 / denied inside", color: purple},
	"as_source":           {name: "送信元として / as source", color: orange},
	"as_destination":      {name: "宛先として / as destination", color: blue},
	"unauthorized_access": {name: "不正アクセス / unauthorized access", color: red},
	"abnormal_outbound":   {name: "異常な外部通信 / abnormal outbound", color: orange},
	"policy_violation":    {name: "規程違反 / policy violation", color: purple},
	// bytes
	"bytes_out":   {name: "送信量 / bytes out", unit: "bytes", color: orange, width: 130},
	"bytes_in":    {name: "受信量 / bytes in", unit: "bytes", color: blue, width: 130},
	"raw_bytes":   {name: "原文 / raw bytes", unit: "bytes", color: blue},
	"disk":        {name: "ディスク / on disk", unit: "bytes"},
	"stored_rows": {name: "行数 / rows", unit: "short"},
	// the books
	"received":       {name: "受信 / received", color: blue},
	"accepted":       {name: "受理 / accepted", color: green},
	"refused":        {name: "拒否 / refused", color: red},
	"stored":         {name: "保存 / stored", color: green},
	"dead":           {name: "保存不能 / dead", color: darkRed},
	"pending":        {name: "未保存 / pending", color: yellow},
	"kernel_full":    {name: "カーネル溢れ / kernel_full", color: red},
	"share":          {name: "配分超過 / share", color: orange},
	"frame":          {name: "枠不正 / frame", color: yellow},
	"denied":         {name: "許可外 / denied", color: purple},
	"bus_full":       {name: "バス満杯 / bus_full", color: darkRed},
	"shutdown":       {name: "停止中 / shutdown", color: gray},
	"crash":          {name: "異常終了 / crash", color: blue},
	"unparsed":       {name: "未解釈 / unparsed", unit: "short", color: orange},
	"unparsed_share": {name: "未解釈の割合 / unparsed share", unit: "percentunit", width: 220},
	"partial_share":  {name: "一部解釈の割合 / partial share", unit: "percentunit", width: 220},
	"partial":        {name: "一部解釈 / partial", unit: "short", color: yellow},
	"clock_wrong":    {name: "時計異常 / clock wrong", unit: "short", color: red},
	"chain_gaps":     {name: "連鎖の欠け / chain gaps", unit: "short"},
	"absent":         {name: "バスで消失 / absent", unit: "short"},
}

// columnOverride shows one result column. An unknown one is shown as it is; a test
// finds it.
func columnOverride(name string, k kind) dashboard.DashboardFieldConfigSourceOverrides {
	c := known[name]
	o := dashboard.DashboardFieldConfigSourceOverrides{Matcher: dashboard.MatcherConfig{Id: "byName", Options: name}}
	set := func(id string, value any) {
		o.Properties = append(o.Properties, dashboard.DynamicConfigValue{Id: id, Value: value})
	}
	set("displayName", c.name)
	if c.unit != "" {
		set("unit", c.unit)
	}
	if c.color != "" && (k == bars || k == lines) {
		set("color", dashboard.FieldColor{Mode: dashboard.FieldColorModeIdFixed, FixedColor: &c.color})
	}
	if c.color != "" && k == number {
		set("thresholds", thresholds([]limit{{0, green}, {1, c.color}}))
		set("color", dashboard.FieldColor{Mode: dashboard.FieldColorModeIdThresholds})
	}
	if k == rows {
		tableCell(name, c, set)
	}
	return o
}

func tableCell(name string, c column, set func(id string, value any)) {
	if c.width > 0 {
		set("custom.width", c.width)
	}
	if c.link != "" {
		set("links", []dashboard.DashboardLink{goTo(c.name, c.link)})
	}
	if words[name] != nil {
		set("mappings", mapping(name))
		set("custom.cellOptions", map[string]any{"type": "color-background", "mode": "basic"})
	}
}

// goTo is a link of a panel's value.
func goTo(title, url string) dashboard.DashboardLink {
	return dashboard.DashboardLink{Title: title, Type: dashboard.DashboardLinkTypeLink, Url: &url, Tags: []string{}}
}
