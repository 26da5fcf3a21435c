package dashboards

import "github.com/grafana/grafana-foundation-sdk/go/dashboard"

// Grafana's named colours. One meaning, one colour, on every board.
const (
	darkRed = "dark-red"
	red     = "red"
	orange  = "orange"
	yellow  = "yellow"
	blue    = "blue"
	green   = "green"
	purple  = "purple"
	gray    = "#8e8e8e"
)

// levels are an alert's, worst first; the words are those of rule.level.
var levels = []struct{ word, ja, color string }{
	{"critical", "緊急", darkRed},
	{"high", "重大", red},
	{"medium", "警告", orange},
	{"low", "注意", yellow},
	{"informational", "情報", blue},
}

// words are cell values that are shown in Japanese and colour.
var words = map[string]map[string][2]string{
	"level":  levelWords(),
	"status": {"open": {"未対応 / open", red}, "acknowledged": {"対応中 / acknowledged", orange}, "closed": {"完了 / closed", green}},
	"flow":   {"forbidden": {"禁止 / forbidden", red}, "allowed": {"許可 / allowed", green}},
}

func levelWords() map[string][2]string {
	m := map[string][2]string{}
	for _, l := range levels {
		m[l.word] = [2]string{l.ja + " / " + l.word, l.color}
	}
	return m
}

// mapping turns the words of a column into Grafana's value mapping.
func mapping(column string) []dashboard.ValueMapping {
	options := map[string]dashboard.ValueMappingResult{}
	for word, shown := range words[column] {
		options[word] = dashboard.ValueMappingResult{Text: &shown[0], Color: &shown[1]}
	}
	return []dashboard.ValueMapping{{ValueMap: &dashboard.ValueMap{Type: dashboard.MappingTypeValueToText, Options: options}}}
}
