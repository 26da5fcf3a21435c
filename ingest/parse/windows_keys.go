package parse

// winKey numbers the names of EventData that the mapping reads.
type winKey int

const (
	wSubjectUserName winKey = iota
	wSubjectDomainName
	wSubjectUserSid
	wSubjectLogonID
	wTargetUserName
	wTargetDomainName
	wTargetUserSid
	wTargetSid
	wTargetLogonID
	wTargetServerName
	wLogonType
	wIPAddress
	wIPPort
	wWorkstationName
	wWorkstation
	wStatus
	wSubStatus
	wFailureReason
	wProcessID
	wNewProcessID
	wProcessName
	wNewProcessName
	wParentProcessName
	wCommandLine
	wServiceName
	wServiceFileName
	wImagePath
	wServiceType
	wTaskName
	wMemberName
	wMemberSid
	wAccountName
	wAccountDomain
	wClientName
	wClientAddress
	wShareName
	wRelativeTargetName
	wObjectName
	wObjectType
	wSourceAddress
	wSourcePort
	wDestAddress
	wDestPort
	wProtocol
	wDirection
	wApplication
	wPrivilegeList
	wOldTargetUserName
	wNewTargetUserName
	wImage
	wParentImage
	wParentCommandLine
	wParentProcessID
	wCurrentDirectory
	wOriginalFileName
	wHashes
	wUser
	wProcessGUID
	wSourceIP
	wDestinationIP
	wDestinationPort
	wSourceHostname
	wDestinationHostname
	wInitiated
	wTargetFilename
	wImageLoaded
	wTargetObject
	wDetails
	wQueryName
	wQueryResults
	wPipeName
	wUtcTime
	wRuleName
	wSourceImage
	wSourceProcessID
	wTargetImage
	wScriptBlockText
	wPath
	wParam1
	wParam2
	wExitStatus
	wChannel
	wSourceUser
	wThreatName
	wThreatID
	wCategoryName
	wDetectionUser
	wDetectionProcess
	wAddress
	wRDPUser
	wRDPDomain
	wRDPAddress
	wUserContext
	wTaskUser
	wActionName
	wClientIP
	wIPString
	wModifyingUser
	wModifyingApplication
	wTransferURL
	wBlockedPath
	wBlockedHash
	wTargetUser
	wParam3
	wParam7
	wFilterProcessID
	winKeys
)

// winKeyNames are the names as providers write them.
var winKeyNames = [winKeys]string{
	wSubjectUserName: "SubjectUserName", wSubjectDomainName: "SubjectDomainName", wSubjectUserSid: "SubjectUserSid",
	wSubjectLogonID: "SubjectLogonId", wTargetUserName: "TargetUserName", wTargetDomainName: "TargetDomainName",
	wTargetUserSid: "TargetUserSid", wTargetSid: "TargetSid", wTargetLogonID: "TargetLogonId",
	wTargetServerName: "TargetServerName", wLogonType: "LogonType", wIPAddress: "IpAddress", wIPPort: "IpPort",
	wWorkstationName: "WorkstationName", wWorkstation: "Workstation", wStatus: "Status", wSubStatus: "SubStatus",
	wFailureReason: "FailureReason", wProcessID: "ProcessId", wNewProcessID: "NewProcessId",
	wProcessName: "ProcessName", wNewProcessName: "NewProcessName", wParentProcessName: "ParentProcessName",
	wCommandLine: "CommandLine", wServiceName: "ServiceName", wServiceFileName: "ServiceFileName",
	wImagePath: "ImagePath", wServiceType: "ServiceType", wTaskName: "TaskName", wMemberName: "MemberName",
	wMemberSid: "MemberSid", wAccountName: "AccountName", wAccountDomain: "AccountDomain", wClientName: "ClientName",
	wClientAddress: "ClientAddress", wShareName: "ShareName", wRelativeTargetName: "RelativeTargetName",
	wObjectName: "ObjectName", wObjectType: "ObjectType", wSourceAddress: "SourceAddress", wSourcePort: "SourcePort",
	wDestAddress: "DestAddress", wDestPort: "DestPort", wProtocol: "Protocol", wDirection: "Direction",
	wApplication: "Application", wPrivilegeList: "PrivilegeList", wOldTargetUserName: "OldTargetUserName",
	wNewTargetUserName: "NewTargetUserName", wImage: "Image", wParentImage: "ParentImage",
	wParentCommandLine: "ParentCommandLine", wParentProcessID: "ParentProcessId", wCurrentDirectory: "CurrentDirectory",
	wOriginalFileName: "OriginalFileName", wHashes: "Hashes", wUser: "User", wProcessGUID: "ProcessGuid",
	wSourceIP: "SourceIp", wDestinationIP: "DestinationIp", wDestinationPort: "DestinationPort",
	wSourceHostname: "SourceHostname", wDestinationHostname: "DestinationHostname", wInitiated: "Initiated",
	wTargetFilename: "TargetFilename", wImageLoaded: "ImageLoaded", wTargetObject: "TargetObject", wDetails: "Details",
	wQueryName: "QueryName", wQueryResults: "QueryResults", wPipeName: "PipeName", wUtcTime: "UtcTime",
	wRuleName: "RuleName", wSourceImage: "SourceImage", wSourceProcessID: "SourceProcessId", wTargetImage: "TargetImage",
	wScriptBlockText: "ScriptBlockText", wPath: "Path", wParam1: "param1", wParam2: "param2", wExitStatus: "ExitStatus",
	wChannel: "Channel", wSourceUser: "SourceUser", wThreatName: "Threat Name", wThreatID: "Threat ID", wCategoryName: "Category Name",
	wDetectionUser: "Detection User", wDetectionProcess: "Process Name", wAddress: "Address", wRDPUser: "Param1", wRDPDomain: "Param2",
	wRDPAddress: "Param3", wUserContext: "UserContext", wTaskUser: "UserName", wActionName: "ActionName", wClientIP: "ClientIP",
	wIPString: "IPString", wModifyingUser: "ModifyingUser", wModifyingApplication: "ModifyingApplication", wTransferURL: "url",
	wBlockedPath: "FilePath", wBlockedHash: "FileHash", wTargetUser: "TargetUser", wParam3: "param3", wParam7: "param7", wFilterProcessID: "ProcessID",
}

// winKeyIndex is immutable.
var winKeyIndex = func() map[string]winKey {
	m := make(map[string]winKey, winKeys)
	for k, name := range winKeyNames {
		m[name] = winKey(k)
	}
	return m
}()
