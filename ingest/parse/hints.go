package parse

// hints says which of the words that generic looks for a text may hold, whatever
// their case: one pass in place of a search for each. A bit that is not set is a
// proof; one that is set is none.
type hints uint8

const (
	hintLog     hints = 1 << iota // "login", "log in", "logon", "logged in"
	hintSign                      // "sign in", "signed in"
	hintAuth                      // "authentication", "authenticate user "
	hintPass                      // "password"
	hintFrom                      // "from "
	hintIP                        // "src IP ", "source IP ", "server (ip "
	hintClient                    // "client ", "client: "
	hintConnect                   // "connected to ", "connect to ", "connection to "
)

const hintLogon = hintLog | hintSign | hintAuth | hintPass

// hintTable gives for each byte the words whose three letters have it at their
// first, second and third place.
var hintTable = func() (t [3][256]hints) {
	for i, letters := range [...]string{"log", "sig", "aut", "pas", "fro", "ip ", "ien", "con"} {
		for place, c := range []byte(letters) {
			t[place][c] |= 1 << i
			if letter(c) {
				t[place][c&^0x20] |= 1 << i
			}
		}
	}
	return t
}()

func hintsOf(b []byte) (h hints) {
	for i := 2; i < len(b); i++ {
		h |= hintTable[0][b[i-2]] & hintTable[1][b[i-1]] & hintTable[2][b[i]]
	}
	return h
}
