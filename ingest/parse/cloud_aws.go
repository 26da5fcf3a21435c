package parse

import "yagura/internal/event"

// cloudTrail parses AWS CloudTrail's records, one an object. Source: "CloudTrail record
// contents".
type cloudTrail struct{ records cloudRecords }

func newCloudTrail() cloudTrail { return cloudTrail{newCloudRecords()} }

func (cloudTrail) name() string      { return "aws.cloudtrail" }
func (cloudTrail) aliases() []string { return []string{"cloudtrail"} }
func (cloudTrail) objects()          {}

func (cloudTrail) match(l *Line) int {
	if b := l.Body; jsonNames(b, "eventSource") && jsonNames(b, "eventName") && jsonNames(b, "awsRegion") {
		return 96
	}
	return 0
}

func (f cloudTrail) parse(l *Line) bool {
	r := f.records.read(l, "aws.cloudtrail.", cloudTrailLeaf)
	defer f.records.done(r)
	op := r.text[cloudOperation]
	if op == nil {
		return false
	}
	r.SetString(event.EventDataset, "aws.cloudtrail")
	r.SetString(event.CloudProvider, "aws")
	r.Set(event.EventAction, op)
	source := r.text[cloudSource]
	setText(l, event.EventProvider, source)
	switch {
	case string(op) == "ConsoleLogin":
		setClass(l.Draft, "authentication", "start")
	case hasPrefix(source, "iam."), hasPrefix(source, "sts."), hasPrefix(source, "sso"):
		r.class("iam", op)
	case hasPrefix(source, "s3."):
		r.class("file", op)
	default:
		r.class("configuration", op)
	}
	login := r.text[cloudLogin]
	outcome(l, r.text[cloudError] == nil && (login == nil || string(login) == "Success"))
	if !r.Has(event.UserName) {
		setText(l, event.UserName, r.text[cloudUser])
	}
	return true
}

func cloudTrailLeaf(r *cloudRecord, path, v []byte) bool {
	switch string(path) {
	case "eventTime":
		return r.utc(v)
	case "eventName":
		return r.keep(cloudOperation, v)
	case "eventSource":
		return r.keep(cloudSource, v)
	case "errorCode":
		r.keep(cloudError, v)
		return r.once(event.ErrorCode, v)
	case "errorMessage":
		return r.once(event.EventReason, v)
	case "responseElements.ConsoleLogin":
		return r.keep(cloudLogin, v)
	case "userIdentity.userName":
		return r.user(v)
	case "userIdentity.sessionContext.sessionIssuer.userName":
		return r.keep(cloudUser, v)
	case "userIdentity.type":
		if string(v) == "Root" {
			return r.keep(cloudUser, v)
		}
	case "userIdentity.principalId":
		return r.once(event.UserID, v)
	case "sourceIPAddress": // or the name of a service
		if !isAddress(v) {
			return r.once(event.SourceDomain, v)
		}
		return r.address(v)
	case "userAgent":
		return r.once(event.UserAgentOriginal, v)
	case "eventID":
		return r.once(event.EventID, v)
	case "recipientAccountId":
		return r.once(event.OrganizationID, v)
	}
	return false
}
