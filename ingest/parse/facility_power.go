package parse

import (
	"bytes"

	"yagura/internal/event"
)

// powerState is what words in a UPS's sentence mean, in the form of deviceSentence.
var powerStates = [...]deviceSentence{
	{"no longer on", "power-restored", "host", "change", ""},
	{"power is restored", "power-restored", "host", "change", ""},
	{"power restored", "power-restored", "host", "change", ""},
	{"power&restored", "power-restored", "host", "change", ""},
	{"power is back", "power-restored", "host", "change", ""},
	{"power recover", "power-restored", "host", "change", ""},
	{"on line power", "power-restored", "host", "change", ""},
	{"on utility power", "power-restored", "host", "change", ""},
	{"battery&too low", "battery-low", "host", "change", ""},
	{"low battery", "battery-low", "host", "change", ""},
	{"low-battery", "battery-low", "host", "change", ""},
	{"battery&is low", "battery-low", "host", "change", ""},
	{"battery&low", "battery-low", "host", "change", ""},
	{"battery&discharged", "battery-low", "host", "change", ""},
	{"battery&exhausted", "battery-low", "host", "change", ""},
	{"battery&replac", "battery-replace", "host", "info", ""},
	{"battery&disconnected", "battery-replace", "host", "info", ""},
	{"on battery", "power-failure", "host", "change", ""},
	{"on ups batteries", "power-failure", "host", "change", ""},
	{"power failure", "power-failure", "host", "change", ""},
	{"power fail", "power-failure", "host", "change", ""},
	{"input power&out", "power-failure", "host", "change", ""},
	{"blackout", "power-failure", "host", "change", ""},
	{"utility&fail", "power-failure", "host", "change", ""},
	{"overload", "ups-overload", "host", "info", ""},
	{"ups&shutdown", "ups-shutdown", "host", "change", ""},
	{"shutting down", "ups-shutdown", "host", "change", ""},
	{"shutdown&start", "ups-shutdown", "host", "change", ""},
	{"lost communication", "communication-lost", "host", "change", ""},
	{"communication&lost", "communication-lost", "host", "change", ""},
	{"communications with ups&lost", "communication-lost", "host", "change", ""},
	{"ups&unavailable", "communication-lost", "host", "change", ""},
	{"communication&established", "communication-restored", "host", "change", ""},
	{"communication&restored", "communication-restored", "host", "change", ""},
	{"self-test&fail", "self-test-failed", "host", "info", ""},
	{"self test&fail", "self-test-failed", "host", "info", ""},
	{"self-test&passed", "self-test-passed", "host", "info", ""},
	{"self test completed", "self-test-passed", "host", "info", ""},
	{"temperature&exceed", "temperature-high", "host", "info", ""},
	{"temperature&high", "temperature-high", "host", "info", ""},
}

// powerJapanese are the words of UPS software that writes Japanese.
var powerJapanese = [...]struct{ words, action string }{
	{"復電", "power-restored"},
	{"電源が回復", "power-restored"},
	{"停電が回復", "power-restored"},
	{"停電が発生", "power-failure"},
	{"停電発生", "power-failure"},
	{"停電を検", "power-failure"},
	{"停電検", "power-failure"},
	{"停電です", "power-failure"},
	{"停電しま", "power-failure"},
	{"入力電源異常", "power-failure"},
	{"バッテリ運転", "power-failure"},
	{"バッテリー運転", "power-failure"},
	{"バッテリ低下", "battery-low"},
	{"バッテリー低下", "battery-low"},
	{"バッテリ交換", "battery-replace"},
	{"バッテリー交換", "battery-replace"},
	{"過負荷", "ups-overload"},
	{"シャットダウン", "ups-shutdown"},
}

// powerWords reads a sentence of a UPS: power, battery, tests. False: nothing was
// known of it.
func powerWords(l *Line, b []byte) bool {
	var tmp [256]byte
	low := lowerInto(tmp[:0], b[:min(len(b), len(tmp))])
	action := ""
	for i := range powerStates {
		if powerStates[i].in(low) {
			action = powerStates[i].action
			break
		}
	}
	for i := range powerJapanese {
		if action == "" && contains(b, powerJapanese[i].words) {
			action = powerJapanese[i].action
		}
	}
	if action == "" {
		return false
	}
	if !l.Has(event.EventAction) {
		l.SetString(event.EventAction, action)
		typ := "change"
		if action == "battery-replace" || hasPrefix([]byte(action), "self-test") || action == "ups-overload" || action == "temperature-high" {
			typ = "info"
		}
		setClass(l.Draft, "host", typ)
	}
	return true
}

// powerProgram says whether the tag is one of a UPS's card or of software that minds
// one, and whose.
func powerProgram(l *Line) (vendor, product string) {
	switch string(l.Tag) {
	case "UPS", "apcupsd":
		return "APC", "UPS"
	case "upsmon", "upsd", "upssched", "upsdrvctl", "nut-monitor", "nut-server":
		return "", "NUT"
	case "PowerAct", "PowerActPro", "PAPro", "PowerAttendant", "SimplePowerAct":
		return "OMRON", "UPS"
	case "PowerChute", "PCNS", "PCBE":
		return "APC", "PowerChute"
	}
	if b := l.Body; len(b) > 12 {
		switch {
		case hasPrefix(b, "PowerAttendant"), hasPrefix(b, "PowerAct"):
			return "OMRON", "UPS"
		case hasPrefix(b, "UPS Event: "):
			return "", "UPS"
		case hasPrefix(b, "PowerChute "):
			return "APC", "PowerChute"
		}
	}
	return "", ""
}

// apcTag says whether the tag is one of a network management card of APC.
func apcTag(tag []byte) bool {
	switch string(tag) {
	case "UPS", "System", "Environment", "Device", "PDU", "ATS", "Rack":
		return true
	}
	return false
}

// bracketCode takes "[0x0001]" or "(0x0001)" out of a sentence.
func bracketCode(b []byte) []byte {
	i := index(b, "0x")
	if i < 1 || b[i-1] != '[' && b[i-1] != '(' {
		return nil
	}
	n := i + 2
	for n < len(b) && isHex(b[n:n+1]) {
		n++
	}
	if n == i+2 || n-i > 10 || n == len(b) || bytes.IndexByte([]byte("])"), b[n]) < 0 {
		return nil
	}
	return b[i:n]
}
