// Package search turns yagura's search language into SQL with bound parameters.
// It is pure: text in, statement out. No text of the user's becomes part of the
// statement; values and names of the map travel as parameters.
//
//	source.ip:203.0.113.0/24 user.name:*adm* NOT event.outcome:success "free words" | count by source.ip
//
// # Conditions
//
//	word, "two words"     the line holds it, in any case
//	field:value           equal, in any case; field:"Value" exactly as written
//	field:*part*          * any text, ? one character
//	field:(a OR b c)      one of them; field:>1000, >=, <, <=; field:[10 TO 20]
//	source.ip:10.0.0.0/8  inside the network; ip: asks both ends
//	field:/regexp/        RE2, in any case
//	field:* _exists_:field  the event has the field
//	a b, a AND b, a OR b, NOT a, -a, ( )    AND binds tighter than OR
//	fields['vendor.name']:value             a name that is not ECS
//
// # Stages, after |
//
//	count [by field, …]            top 10 by field       rare 10 by field
//	sum(field) by …, also avg min max dc; several with commas
//	timechart 5m [by field]        sort field [desc]     limit 100     fields a, b
//
// Bounds: MaxLength bytes of text, MaxDepth nested parentheses, MaxTerms
// conditions.
package search
