package parse

import "strings"

// winInserts names the values of an event in the order of its manifest, for agents
// that send them without names (Fluent Bit's StringInserts). Later versions of an
// event append, so a longer list is still in this order. Source: the providers'
// manifests.
var winInserts = map[string]string{
	"4624": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType LogonProcessName AuthenticationPackageName WorkstationName LogonGuid TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort",
	"4625": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid TargetUserName TargetDomainName Status FailureReason SubStatus LogonType LogonProcessName AuthenticationPackageName WorkstationName TransmittedServices LmPackageName KeyLength ProcessId ProcessName IpAddress IpPort",
	"4634": "TargetUserSid TargetUserName TargetDomainName TargetLogonId LogonType",
	"4647": "TargetUserSid TargetUserName TargetDomainName TargetLogonId",
	"4648": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId LogonGuid TargetUserName TargetDomainName TargetLogonGuid TargetServerName TargetInfo ProcessId ProcessName IpAddress IpPort",
	"4672": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList",
	"4688": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId NewProcessId NewProcessName TokenElevationType ProcessId CommandLine TargetUserSid TargetUserName TargetDomainName TargetLogonId ParentProcessName MandatoryLabel",
	"4697": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ServiceName ServiceFileName ServiceType ServiceStartType ServiceAccount",
	"4698": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TaskName TaskContent",
	"4720": "TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId PrivilegeList SamAccountName",
	"4724": "TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId",
	"4726": "TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId",
	"4728": "MemberName MemberSid TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId",
	"4732": "MemberName MemberSid TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId",
	"4756": "MemberName MemberSid TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId",
	"4740": "TargetUserName TargetDomainName TargetSid SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId",
	"4768": "TargetUserName TargetDomainName TargetSid ServiceName ServiceSid TicketOptions Status TicketEncryptionType PreAuthType IpAddress IpPort",
	"4769": "TargetUserName TargetDomainName ServiceName ServiceSid TicketOptions TicketEncryptionType IpAddress IpPort Status LogonGuid",
	"4771": "TargetUserName TargetSid ServiceName TicketOptions Status PreAuthType IpAddress IpPort",
	"4776": "PackageName TargetUserName Workstation Status",
	"5140": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectType IpAddress IpPort ShareName ShareLocalPath AccessMask",
	"5145": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId ObjectType IpAddress IpPort ShareName ShareLocalPath RelativeTargetName AccessMask",
	"1102": "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId",
}

const winServiceInserts = "ServiceName ImagePath ServiceType StartType AccountName"

// nameInserts files the values that came without names. A list that does not begin
// as its event does is left to the text.
func (r *winRecord) nameInserts(kind winProvider) {
	if len(r.inserts) == 0 || r.fields > 0 || kind == ofSysmon { // Sysmon's order is its version's; its text has the names
		return
	}
	names := ""
	switch {
	case kind == ofSecurity:
		names = winInserts[string(r.id)]
	case kind == ofServices && string(r.id) == "7045":
		names = winServiceInserts
	}
	if names == "" || strings.Count(names, " ") >= len(r.inserts) || !r.insertsFit(names) {
		if kind == ofOther && !hasPrefix(r.provider, "Microsoft-Windows-") || string(r.provider) == "EventLog" || string(r.id) == "7036" || string(r.id) == "7040" {
			for _, v := range r.inserts { // no names in the event itself
				r.numbered(v)
			}
			r.fields = 0 // the text may say more
		}
		return
	}
	for _, v := range r.inserts {
		name, rest, more := strings.Cut(names, " ")
		r.data([]byte(name), v)
		if names = rest; !more {
			return
		}
	}
}

// insertsFit says whether what must be a SID is one.
func (r *winRecord) insertsFit(names string) bool {
	for _, v := range r.inserts {
		name, rest, more := strings.Cut(names, " ")
		if strings.HasSuffix(name, "Sid") && !none(v) && !isSID(v) {
			return false
		}
		if names = rest; !more {
			return true
		}
	}
	return true
}
