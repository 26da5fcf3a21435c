package parse

import (
	"bytes"

	"yagura/internal/event"
)

// m365 parses Microsoft 365's unified audit log. Source: "Office 365 Management
// Activity API schema".
type m365 struct{ records cloudRecords }

func newM365() m365 { return m365{newCloudRecords()} }

func (m365) name() string      { return "microsoft.365" }
func (m365) aliases() []string { return []string{"o365", "microsoft.o365"} }
func (m365) objects()          {}

func (m365) match(l *Line) int {
	b := l.Body
	if jsonNames(b, "Workload") && jsonNames(b, "Operation") && (jsonNames(b, "UserId") || jsonNames(b, "RecordType")) ||
		jsonNames(b, "AuditData") && jsonNames(b, "Operations") {
		return 96
	}
	return 0
}

func (f m365) parse(l *Line) bool {
	r := f.records.read(l, "o365.audit.", m365Leaf)
	defer f.records.done(r)
	if r.text[cloudOperation] == nil {
		return false
	}
	r.m365()
	return true
}

func m365Leaf(r *cloudRecord, path, v []byte) bool {
	switch string(path) {
	case "AuditData":
		if len(v) > 1 && v[0] == '{' && !r.inner {
			r.inner = true
			var w jsonWalk
			w.walk(append([]byte(nil), v...), cloudLeaves{r, m365Leaf})
			return true
		}
	case "CreationTime":
		return r.utc(v)
	case "Operation":
		return r.keep(cloudOperation, v)
	case "Workload":
		return r.keep(cloudWorkload, v)
	case "ResultStatus":
		return r.keep(cloudStatus, v)
	case "LogonError":
		return r.keep(cloudReason, v)
	case "ErrorNumber":
		return r.once(event.ErrorCode, v)
	case "UserId":
		return r.user(v)
	case "ClientIP", "ClientIPAddress", "ActorIpAddress":
		return r.address(v)
	case "UserAgent", "ExtendedProperties.UserAgent":
		return r.once(event.UserAgentOriginal, v)
	case "Id":
		return r.once(event.EventID, v)
	case "OrganizationId":
		return r.once(event.OrganizationID, v)
	case "ObjectId":
		return r.keep(cloudObject, v)
	case "SourceFileName":
		return r.once(event.FileName, v)
	case "SourceFileExtension":
		return r.once(event.FileExtension, v)
	case "Item.Subject", "AffectedItems.Subject":
		return r.once(event.EmailSubject, v)
	}
	return false
}

// m365 sets what follows from the whole document.
func (r *cloudRecord) m365() {
	op, object := r.text[cloudOperation], r.text[cloudObject]
	r.SetString(event.EventDataset, "o365.audit")
	r.SetString(event.CloudProvider, "azure")
	r.Set(event.EventAction, op)
	setText(r.Line, event.EventProvider, r.text[cloudWorkload])
	switch string(op) {
	case "UserLoggedIn", "TeamsSessionStarted":
		setClass(r.Draft, "authentication", "start")
	case "UserLoginFailed":
		setClass(r.Draft, "authentication", "start")
		r.text[cloudStatus] = []byte("Failed")
	default:
		r.class(m365Category(r.text[cloudWorkload], op), op)
	}
	switch string(r.text[cloudStatus]) {
	case "Success", "Succeeded", "True", "PartiallySucceeded", "success", "true":
		outcome(r.Line, true)
	case "Failed", "Failure", "False", "failed", "failure", "false", "Fail":
		outcome(r.Line, false)
	}
	if why := r.text[cloudReason]; why != nil {
		setText(r.Line, event.EventReason, why)
	}
	switch {
	case hasPrefix(object, "http"):
		setURL(r.Line, object)
	case bytes.IndexByte(object, '@') > 0 && string(r.text[cloudWorkload]) == "AzureActiveDirectory" && !hasPrefix(op, "UserLog"):
		setText(r.Line, event.UserTargetName, object)
	}
}

func m365Category(workload, op []byte) string {
	switch {
	case contains(op, "InboxRule"), contains(op, "TransportRule"), hasPrefix(op, "Set-"), hasPrefix(op, "New-"), hasPrefix(op, "Remove-"), hasPrefix(op, "Disable-"):
		return "configuration"
	case hasPrefix(op, "Add-MailboxPermission"), hasPrefix(op, "Add-RecipientPermission"):
		return "iam"
	}
	switch string(workload) {
	case "AzureActiveDirectory":
		return "iam"
	case "Exchange":
		return "email"
	case "SharePoint", "OneDrive":
		return "file"
	case "SecurityComplianceCenter":
		return "configuration"
	}
	return ""
}
