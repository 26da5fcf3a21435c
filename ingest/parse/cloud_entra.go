package parse

import "yagura/internal/event"

// entra parses Entra ID's sign-ins and directory audits, as Microsoft Graph gives them
// and as Azure Monitor's diagnostic settings wrap them ("properties"). Source: Graph's
// resource types signIn and directoryAudit.
type entra struct{ records cloudRecords }

func newEntra() entra { return entra{newCloudRecords()} }

func (entra) name() string      { return "microsoft.entra" }
func (entra) aliases() []string { return []string{"azure.entra", "azuread"} }
func (entra) objects()          {}

func (entra) match(l *Line) int {
	b := l.Body
	switch {
	case jsonNames(b, "userPrincipalName") && (jsonNames(b, "appDisplayName") || jsonNames(b, "initiatedBy")),
		jsonNames(b, "activityDisplayName") && jsonNames(b, "targetResources"),
		jsonNames(b, "SignInLogs") && jsonNames(b, "operationName"):
		return 96
	}
	return 0
}

func (f entra) parse(l *Line) bool {
	r := f.records.read(l, "azure.", entraLeaf)
	defer f.records.done(r)
	if r.text[cloudOperation] == nil && r.text[cloudApp] == nil && !r.Has(event.UserName) {
		return false
	}
	r.entra()
	return true
}

func entraLeaf(r *cloudRecord, path, v []byte) bool {
	path, _ = cutPrefix(path, "properties.")
	switch string(path) {
	case "createdDateTime", "activityDateTime", "time":
		return r.utc(v)
	case "activityDisplayName":
		return r.keep(cloudOperation, v)
	case "appDisplayName":
		return r.keep(cloudApp, v)
	case "result":
		return r.keep(cloudStatus, v)
	case "status.errorCode", "resultType":
		return r.keep(cloudError, v)
	case "status.failureReason", "resultReason", "resultDescription":
		return r.keep(cloudReason, v)
	case "category":
		return r.keep(cloudCategory, v)
	case "userPrincipalName", "initiatedBy.user.userPrincipalName":
		return r.user(v)
	case "initiatedBy.app.displayName":
		return r.keep(cloudUser, v)
	case "userId", "initiatedBy.user.id":
		return r.once(event.UserID, v)
	case "userDisplayName", "initiatedBy.user.displayName":
		return r.once(event.UserFullName, v)
	case "ipAddress", "callerIpAddress", "initiatedBy.user.ipAddress":
		return r.address(v)
	case "userAgent":
		return r.once(event.UserAgentOriginal, v)
	case "id":
		return r.once(event.EventID, v)
	case "tenantId", "resourceTenantId":
		return r.once(event.OrganizationID, v)
	case "location.countryOrRegion":
		return r.once(event.SourceGeoCountry, v)
	case "deviceDetail.displayName":
		return r.once(event.SourceDomain, v)
	case "targetResources.userPrincipalName":
		return r.once(event.UserTargetName, v)
	}
	return false
}

// entra sets what follows from the whole document.
func (r *cloudRecord) entra() {
	r.SetString(event.CloudProvider, "azure")
	r.SetString(event.EventProvider, "AzureActiveDirectory")
	op := r.text[cloudOperation]
	if op == nil {
		r.SetString(event.EventDataset, "azure.signinlogs")
		r.SetString(event.EventAction, "sign-in")
		setClass(r.Draft, "authentication", "start")
		code := r.text[cloudError]
		if code != nil {
			ok := string(code) == "0"
			outcome(r.Line, ok)
			if !ok {
				setText(r.Line, event.ErrorCode, code)
				setText(r.Line, event.EventReason, r.text[cloudReason])
			}
		}
		setText(r.Line, event.NetworkApplication, r.text[cloudApp])
		return
	}
	r.SetString(event.EventDataset, "azure.auditlogs")
	r.Set(event.EventAction, op)
	r.class("iam", op)
	switch string(r.text[cloudStatus]) {
	case "success":
		outcome(r.Line, true)
	case "failure", "timeout":
		outcome(r.Line, false)
		setText(r.Line, event.EventReason, r.text[cloudReason])
	}
	if !r.Has(event.UserName) {
		setText(r.Line, event.UserName, r.text[cloudUser])
	}
}
