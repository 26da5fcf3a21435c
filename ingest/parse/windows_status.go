package parse

import "yagura/internal/event"

// reason says in a word why a log-on failed: from the codes, never from text.
func (r *winRecord) reason() {
	code := r.get(wSubStatus)
	if n, ok := hexNumber(code); code == nil || ok && n == 0 {
		code = r.get(wStatus)
	}
	n, ok := hexNumber(code)
	if code == nil || !ok || n == 0 {
		return
	}
	putLower(r.Draft, event.ErrorCode, code)
	if word := ntStatus(n); word != "" && !r.Has(event.EventReason) {
		r.SetString(event.EventReason, word)
	}
}

// ntStatus names the codes of failed log-ons (NTSTATUS and, below 0x100, RFC 4120).
func ntStatus(n uint64) string {
	switch n {
	case 0xc0000064, 0x6:
		return "unknown-user"
	case 0xc000006a, 0x18:
		return "bad-password"
	case 0xc000006d:
		return "bad-credentials"
	case 0xc000006e:
		return "account-restriction"
	case 0xc000006f:
		return "outside-hours"
	case 0xc0000070:
		return "workstation-not-allowed"
	case 0xc0000071, 0x17:
		return "password-expired"
	case 0xc0000072:
		return "account-disabled"
	case 0x12:
		return "account-revoked"
	case 0xc000015b:
		return "logon-type-not-granted"
	case 0xc0000193:
		return "account-expired"
	case 0xc0000224:
		return "must-change-password"
	case 0xc0000234:
		return "account-locked"
	case 0xc0000133, 0x25:
		return "clock-skew"
	}
	return ""
}
