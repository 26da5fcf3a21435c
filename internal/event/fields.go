package event

// The interned fields. The numbers are part of the block format: append only,
// never reorder, never delete. Names are ECS (Elastic Common Schema 8) where ECS
// has one; yagura.* where it has none.
const (
	_ Field = iota
	EventAction
	EventCategory
	EventType
	EventOutcome
	EventKind
	EventCode
	EventProvider
	EventModule
	EventDataset
	EventReason
	EventSeverity
	EventStart
	EventEnd
	EventCreated
	EventDuration
	EventID
	EventSequence
	EventRiskScore
	HostName
	HostIP
	HostMAC
	HostOSName
	HostDomain
	ProcessName
	ProcessPID
	ProcessExecutable
	ProcessCommandLine
	ProcessArgs
	ProcessTitle
	ProcessWorkingDirectory
	ProcessExitCode
	ProcessEntityID
	ProcessHashMD5
	ProcessHashSHA1
	ProcessHashSHA256
	ProcessParentName
	ProcessParentPID
	ProcessParentExecutable
	ProcessParentCommandLine
	ProcessPEOriginalFileName
	SourceIP
	SourcePort
	SourceDomain
	SourceMAC
	SourceBytes
	SourcePackets
	SourceNATIP
	SourceNATPort
	SourceUserName
	SourceGeoCountry
	SourceGeoName
	SourceASNumber
	SourceASName
	DestinationIP
	DestinationPort
	DestinationDomain
	DestinationMAC
	DestinationBytes
	DestinationPackets
	DestinationNATIP
	DestinationNATPort
	DestinationUserName
	DestinationGeoCountry
	DestinationGeoName
	DestinationASNumber
	DestinationASName
	ClientIP
	ClientPort
	ClientMAC
	ClientDomain
	ServerIP
	ServerPort
	ServerDomain
	NetworkTransport
	NetworkProtocol
	NetworkApplication
	NetworkDirection
	NetworkBytes
	NetworkPackets
	NetworkType
	NetworkIANANumber
	NetworkName
	NetworkVLANID
	NetworkCommunityID
	UserName
	UserDomain
	UserID
	UserFullName
	UserEmail
	UserGroupName
	UserGroupID
	UserEffectiveName
	UserEffectiveID
	UserTargetName
	UserTargetDomain
	UserTargetID
	UserTargetGroupName
	UserChangesName
	UserRoles
	GroupName
	GroupID
	GroupDomain
	URLOriginal
	URLFull
	URLDomain
	URLPath
	URLQuery
	URLScheme
	URLPort
	URLExtension
	URLUsername
	HTTPRequestMethod
	HTTPRequestReferrer
	HTTPRequestBytes
	HTTPRequestBodyBytes
	HTTPResponseStatusCode
	HTTPResponseBytes
	HTTPResponseBodyBytes
	HTTPResponseMimeType
	HTTPVersion
	UserAgentOriginal
	DNSQuestionName
	DNSQuestionType
	DNSQuestionClass
	DNSAnswersName
	DNSAnswersData
	DNSResponseCode
	DNSType
	DNSID
	TLSVersion
	TLSCipher
	TLSServerName
	TLSJA3
	TLSJA3S
	TLSSubject
	TLSIssuer
	RuleName
	RuleID
	RuleCategory
	RuleRuleset
	RuleReference
	RuleUUID
	ObserverName
	ObserverVendor
	ObserverProduct
	ObserverType
	ObserverVersion
	ObserverSerialNumber
	ObserverIP
	ObserverIngressInterface
	ObserverIngressZone
	ObserverEgressInterface
	ObserverEgressZone
	FilePath
	FileName
	FileExtension
	FileSize
	FileHashMD5
	FileHashSHA1
	FileHashSHA256
	FileOwner
	FileMode
	FileInode
	RegistryPath
	RegistryKey
	RegistryValue
	RegistryData
	ServiceName
	ServiceType
	ServiceState
	DeviceID
	DeviceSerialNumber
	DeviceManufacturer
	DeviceModelName
	EmailFrom
	EmailTo
	EmailSubject
	EmailMessageID
	EmailLocalID
	EmailDirection
	SMTPResponseCode
	SMTPEnhancedStatus
	LogLevel
	LogLogger
	LogFilePath
	SyslogPriority
	SyslogFacilityCode
	SyslogFacilityName
	SyslogSeverityCode
	SyslogSeverityName
	SyslogMsgID
	SyslogVersion
	SyslogHostname
	SyslogAppname
	SyslogProcID
	AuditdRecordType
	AuditdSequence
	AuditdSession
	AuditdResult
	WinlogChannel
	WinlogProvider
	WinlogComputer
	WinlogRecordID
	WinlogLogonType
	WinlogLogonID
	WinlogOpcode
	WinlogTask
	WinlogKeywords
	SuricataEventType
	ThreatIndicatorName
	ThreatTacticID
	ThreatTechniqueID
	VulnerabilityID
	Labels
	Tags
	ErrorMessage
	ErrorCode
	AgentName
	AgentType
	AgentVersion
	AgentID
	EntityName
	YaguraParser
	YaguraAnomaly
	YaguraEncoding
	YaguraEncodingConfidence
	YaguraZone
	YaguraSourceZone
	YaguraDestinationZone
	YaguraSite
	YaguraSourceAsset
	YaguraDestinationAsset
	YaguraHostAsset
	YaguraAssetClass
	YaguraRepeat
	YaguraClockOffset
	YaguraOriginalLength
	YaguraFlow
	LogOffset
	HostID
	ContainerID
	ContainerName
	TraceID
	SpanID
	OrganizationID
	CloudProvider
	SourceUserDomain
	LogSourceAddress
	RelatedUser
)

var fields = [...]fieldInfo{
	EventAction:               {name: "event.action", kind: Keyword},
	EventCategory:             {name: "event.category", kind: Keyword, list: true},
	EventType:                 {name: "event.type", kind: Keyword, list: true},
	EventOutcome:              {name: "event.outcome", kind: Keyword},
	EventKind:                 {name: "event.kind", kind: Keyword},
	EventCode:                 {name: "event.code", kind: Keyword},
	EventProvider:             {name: "event.provider", kind: Keyword},
	EventModule:               {name: "event.module", kind: Keyword},
	EventDataset:              {name: "event.dataset", kind: Keyword},
	EventReason:               {name: "event.reason", kind: Keyword},
	EventSeverity:             {name: "event.severity", kind: Long},
	EventStart:                {name: "event.start", kind: Date},
	EventEnd:                  {name: "event.end", kind: Date},
	EventCreated:              {name: "event.created", kind: Date},
	EventDuration:             {name: "event.duration", kind: Long},
	EventID:                   {name: "event.id", kind: Keyword},
	EventSequence:             {name: "event.sequence", kind: Long},
	EventRiskScore:            {name: "event.risk_score", kind: Float},
	HostName:                  {name: "host.name", kind: Keyword},
	HostIP:                    {name: "host.ip", kind: IP, list: true},
	HostMAC:                   {name: "host.mac", kind: Keyword, list: true},
	HostOSName:                {name: "host.os.name", kind: Keyword},
	HostDomain:                {name: "host.domain", kind: Keyword},
	ProcessName:               {name: "process.name", kind: Keyword},
	ProcessPID:                {name: "process.pid", kind: Long},
	ProcessExecutable:         {name: "process.executable", kind: Keyword},
	ProcessCommandLine:        {name: "process.command_line", kind: Keyword},
	ProcessArgs:               {name: "process.args", kind: Keyword, list: true},
	ProcessTitle:              {name: "process.title", kind: Keyword},
	ProcessWorkingDirectory:   {name: "process.working_directory", kind: Keyword},
	ProcessExitCode:           {name: "process.exit_code", kind: Long},
	ProcessEntityID:           {name: "process.entity_id", kind: Keyword},
	ProcessHashMD5:            {name: "process.hash.md5", kind: Keyword},
	ProcessHashSHA1:           {name: "process.hash.sha1", kind: Keyword},
	ProcessHashSHA256:         {name: "process.hash.sha256", kind: Keyword},
	ProcessParentName:         {name: "process.parent.name", kind: Keyword},
	ProcessParentPID:          {name: "process.parent.pid", kind: Long},
	ProcessParentExecutable:   {name: "process.parent.executable", kind: Keyword},
	ProcessParentCommandLine:  {name: "process.parent.command_line", kind: Keyword},
	ProcessPEOriginalFileName: {name: "process.pe.original_file_name", kind: Keyword},
	SourceIP:                  {name: "source.ip", kind: IP},
	SourcePort:                {name: "source.port", kind: Long},
	SourceDomain:              {name: "source.domain", kind: Keyword},
	SourceMAC:                 {name: "source.mac", kind: Keyword},
	SourceBytes:               {name: "source.bytes", kind: Long},
	SourcePackets:             {name: "source.packets", kind: Long},
	SourceNATIP:               {name: "source.nat.ip", kind: IP},
	SourceNATPort:             {name: "source.nat.port", kind: Long},
	SourceUserName:            {name: "source.user.name", kind: Keyword},
	SourceGeoCountry:          {name: "source.geo.country_iso_code", kind: Keyword},
	SourceGeoName:             {name: "source.geo.country_name", kind: Keyword},
	SourceASNumber:            {name: "source.as.number", kind: Long},
	SourceASName:              {name: "source.as.organization.name", kind: Keyword},
	DestinationIP:             {name: "destination.ip", kind: IP},
	DestinationPort:           {name: "destination.port", kind: Long},
	DestinationDomain:         {name: "destination.domain", kind: Keyword},
	DestinationMAC:            {name: "destination.mac", kind: Keyword},
	DestinationBytes:          {name: "destination.bytes", kind: Long},
	DestinationPackets:        {name: "destination.packets", kind: Long},
	DestinationNATIP:          {name: "destination.nat.ip", kind: IP},
	DestinationNATPort:        {name: "destination.nat.port", kind: Long},
	DestinationUserName:       {name: "destination.user.name", kind: Keyword},
	DestinationGeoCountry:     {name: "destination.geo.country_iso_code", kind: Keyword},
	DestinationGeoName:        {name: "destination.geo.country_name", kind: Keyword},
	DestinationASNumber:       {name: "destination.as.number", kind: Long},
	DestinationASName:         {name: "destination.as.organization.name", kind: Keyword},
	ClientIP:                  {name: "client.ip", kind: IP},
	ClientPort:                {name: "client.port", kind: Long},
	ClientMAC:                 {name: "client.mac", kind: Keyword},
	ClientDomain:              {name: "client.domain", kind: Keyword},
	ServerIP:                  {name: "server.ip", kind: IP},
	ServerPort:                {name: "server.port", kind: Long},
	ServerDomain:              {name: "server.domain", kind: Keyword},
	NetworkTransport:          {name: "network.transport", kind: Keyword},
	NetworkProtocol:           {name: "network.protocol", kind: Keyword},
	NetworkApplication:        {name: "network.application", kind: Keyword},
	NetworkDirection:          {name: "network.direction", kind: Keyword},
	NetworkBytes:              {name: "network.bytes", kind: Long},
	NetworkPackets:            {name: "network.packets", kind: Long},
	NetworkType:               {name: "network.type", kind: Keyword},
	NetworkIANANumber:         {name: "network.iana_number", kind: Keyword},
	NetworkName:               {name: "network.name", kind: Keyword},
	NetworkVLANID:             {name: "network.vlan.id", kind: Keyword},
	NetworkCommunityID:        {name: "network.community_id", kind: Keyword},
	UserName:                  {name: "user.name", kind: Keyword},
	UserDomain:                {name: "user.domain", kind: Keyword},
	UserID:                    {name: "user.id", kind: Keyword},
	UserFullName:              {name: "user.full_name", kind: Keyword},
	UserEmail:                 {name: "user.email", kind: Keyword},
	UserGroupName:             {name: "user.group.name", kind: Keyword},
	UserGroupID:               {name: "user.group.id", kind: Keyword},
	UserEffectiveName:         {name: "user.effective.name", kind: Keyword},
	UserEffectiveID:           {name: "user.effective.id", kind: Keyword},
	UserTargetName:            {name: "user.target.name", kind: Keyword},
	UserTargetDomain:          {name: "user.target.domain", kind: Keyword},
	UserTargetID:              {name: "user.target.id", kind: Keyword},
	UserTargetGroupName:       {name: "user.target.group.name", kind: Keyword},
	UserChangesName:           {name: "user.changes.name", kind: Keyword},
	UserRoles:                 {name: "user.roles", kind: Keyword, list: true},
	GroupName:                 {name: "group.name", kind: Keyword},
	GroupID:                   {name: "group.id", kind: Keyword},
	GroupDomain:               {name: "group.domain", kind: Keyword},
	URLOriginal:               {name: "url.original", kind: Keyword},
	URLFull:                   {name: "url.full", kind: Keyword},
	URLDomain:                 {name: "url.domain", kind: Keyword},
	URLPath:                   {name: "url.path", kind: Keyword},
	URLQuery:                  {name: "url.query", kind: Keyword},
	URLScheme:                 {name: "url.scheme", kind: Keyword},
	URLPort:                   {name: "url.port", kind: Long},
	URLExtension:              {name: "url.extension", kind: Keyword},
	URLUsername:               {name: "url.username", kind: Keyword},
	HTTPRequestMethod:         {name: "http.request.method", kind: Keyword},
	HTTPRequestReferrer:       {name: "http.request.referrer", kind: Keyword},
	HTTPRequestBytes:          {name: "http.request.bytes", kind: Long},
	HTTPRequestBodyBytes:      {name: "http.request.body.bytes", kind: Long},
	HTTPResponseStatusCode:    {name: "http.response.status_code", kind: Long},
	HTTPResponseBytes:         {name: "http.response.bytes", kind: Long},
	HTTPResponseBodyBytes:     {name: "http.response.body.bytes", kind: Long},
	HTTPResponseMimeType:      {name: "http.response.mime_type", kind: Keyword},
	HTTPVersion:               {name: "http.version", kind: Keyword},
	UserAgentOriginal:         {name: "user_agent.original", kind: Keyword},
	DNSQuestionName:           {name: "dns.question.name", kind: Keyword},
	DNSQuestionType:           {name: "dns.question.type", kind: Keyword},
	DNSQuestionClass:          {name: "dns.question.class", kind: Keyword},
	DNSAnswersName:            {name: "dns.answers.name", kind: Keyword, list: true},
	DNSAnswersData:            {name: "dns.answers.data", kind: Keyword, list: true},
	DNSResponseCode:           {name: "dns.response_code", kind: Keyword},
	DNSType:                   {name: "dns.type", kind: Keyword},
	DNSID:                     {name: "dns.id", kind: Keyword},
	TLSVersion:                {name: "tls.version", kind: Keyword},
	TLSCipher:                 {name: "tls.cipher", kind: Keyword},
	TLSServerName:             {name: "tls.client.server_name", kind: Keyword},
	TLSJA3:                    {name: "tls.client.ja3", kind: Keyword},
	TLSJA3S:                   {name: "tls.server.ja3s", kind: Keyword},
	TLSSubject:                {name: "tls.server.subject", kind: Keyword},
	TLSIssuer:                 {name: "tls.server.issuer", kind: Keyword},
	RuleName:                  {name: "rule.name", kind: Keyword},
	RuleID:                    {name: "rule.id", kind: Keyword},
	RuleCategory:              {name: "rule.category", kind: Keyword},
	RuleRuleset:               {name: "rule.ruleset", kind: Keyword},
	RuleReference:             {name: "rule.reference", kind: Keyword},
	RuleUUID:                  {name: "rule.uuid", kind: Keyword},
	ObserverName:              {name: "observer.name", kind: Keyword},
	ObserverVendor:            {name: "observer.vendor", kind: Keyword},
	ObserverProduct:           {name: "observer.product", kind: Keyword},
	ObserverType:              {name: "observer.type", kind: Keyword},
	ObserverVersion:           {name: "observer.version", kind: Keyword},
	ObserverSerialNumber:      {name: "observer.serial_number", kind: Keyword},
	ObserverIP:                {name: "observer.ip", kind: IP, list: true},
	ObserverIngressInterface:  {name: "observer.ingress.interface.name", kind: Keyword},
	ObserverIngressZone:       {name: "observer.ingress.zone", kind: Keyword},
	ObserverEgressInterface:   {name: "observer.egress.interface.name", kind: Keyword},
	ObserverEgressZone:        {name: "observer.egress.zone", kind: Keyword},
	FilePath:                  {name: "file.path", kind: Keyword},
	FileName:                  {name: "file.name", kind: Keyword},
	FileExtension:             {name: "file.extension", kind: Keyword},
	FileSize:                  {name: "file.size", kind: Long},
	FileHashMD5:               {name: "file.hash.md5", kind: Keyword},
	FileHashSHA1:              {name: "file.hash.sha1", kind: Keyword},
	FileHashSHA256:            {name: "file.hash.sha256", kind: Keyword},
	FileOwner:                 {name: "file.owner", kind: Keyword},
	FileMode:                  {name: "file.mode", kind: Keyword},
	FileInode:                 {name: "file.inode", kind: Keyword},
	RegistryPath:              {name: "registry.path", kind: Keyword},
	RegistryKey:               {name: "registry.key", kind: Keyword},
	RegistryValue:             {name: "registry.value", kind: Keyword},
	RegistryData:              {name: "registry.data.strings", kind: Keyword, list: true},
	ServiceName:               {name: "service.name", kind: Keyword},
	ServiceType:               {name: "service.type", kind: Keyword},
	ServiceState:              {name: "service.state", kind: Keyword},
	DeviceID:                  {name: "device.id", kind: Keyword},
	DeviceSerialNumber:        {name: "device.serial_number", kind: Keyword},
	DeviceManufacturer:        {name: "device.manufacturer", kind: Keyword},
	DeviceModelName:           {name: "device.model.name", kind: Keyword},
	EmailFrom:                 {name: "email.from.address", kind: Keyword, list: true},
	EmailTo:                   {name: "email.to.address", kind: Keyword, list: true},
	EmailSubject:              {name: "email.subject", kind: Keyword},
	EmailMessageID:            {name: "email.message_id", kind: Keyword},
	EmailLocalID:              {name: "email.local_id", kind: Keyword},
	EmailDirection:            {name: "email.direction", kind: Keyword},
	SMTPResponseCode:          {name: "smtp.response.code", kind: Long},
	SMTPEnhancedStatus:        {name: "smtp.response.enhanced_status_code", kind: Keyword},
	LogLevel:                  {name: "log.level", kind: Keyword},
	LogLogger:                 {name: "log.logger", kind: Keyword},
	LogFilePath:               {name: "log.file.path", kind: Keyword},
	SyslogPriority:            {name: "log.syslog.priority", kind: Long},
	SyslogFacilityCode:        {name: "log.syslog.facility.code", kind: Long},
	SyslogFacilityName:        {name: "log.syslog.facility.name", kind: Keyword},
	SyslogSeverityCode:        {name: "log.syslog.severity.code", kind: Long},
	SyslogSeverityName:        {name: "log.syslog.severity.name", kind: Keyword},
	SyslogMsgID:               {name: "log.syslog.msgid", kind: Keyword},
	SyslogVersion:             {name: "log.syslog.version", kind: Keyword},
	SyslogHostname:            {name: "log.syslog.hostname", kind: Keyword},
	SyslogAppname:             {name: "log.syslog.appname", kind: Keyword},
	SyslogProcID:              {name: "log.syslog.procid", kind: Keyword},
	AuditdRecordType:          {name: "auditd.record_type", kind: Keyword},
	AuditdSequence:            {name: "auditd.sequence", kind: Long},
	AuditdSession:             {name: "auditd.session", kind: Keyword},
	AuditdResult:              {name: "auditd.result", kind: Keyword},
	WinlogChannel:             {name: "winlog.channel", kind: Keyword},
	WinlogProvider:            {name: "winlog.provider_name", kind: Keyword},
	WinlogComputer:            {name: "winlog.computer_name", kind: Keyword},
	WinlogRecordID:            {name: "winlog.record_id", kind: Keyword},
	WinlogLogonType:           {name: "winlog.logon.type", kind: Keyword},
	WinlogLogonID:             {name: "winlog.logon.id", kind: Keyword},
	WinlogOpcode:              {name: "winlog.opcode", kind: Keyword},
	WinlogTask:                {name: "winlog.task", kind: Keyword},
	WinlogKeywords:            {name: "winlog.keywords", kind: Keyword, list: true},
	SuricataEventType:         {name: "suricata.eve.event_type", kind: Keyword},
	ThreatIndicatorName:       {name: "threat.indicator.name", kind: Keyword},
	ThreatTacticID:            {name: "threat.tactic.id", kind: Keyword, list: true},
	ThreatTechniqueID:         {name: "threat.technique.id", kind: Keyword, list: true},
	VulnerabilityID:           {name: "vulnerability.id", kind: Keyword},
	Labels:                    {name: "labels", kind: Keyword},
	Tags:                      {name: "tags", kind: Keyword, list: true},
	ErrorMessage:              {name: "error.message", kind: Text},
	ErrorCode:                 {name: "error.code", kind: Keyword},
	AgentName:                 {name: "agent.name", kind: Keyword},
	AgentType:                 {name: "agent.type", kind: Keyword},
	AgentVersion:              {name: "agent.version", kind: Keyword},
	AgentID:                   {name: "agent.id", kind: Keyword},
	EntityName:                {name: "entity.name", kind: Keyword},
	YaguraParser:              {name: "yagura.parser", kind: Keyword},
	YaguraAnomaly:             {name: "yagura.anomaly", kind: Keyword, list: true},
	YaguraEncoding:            {name: "yagura.encoding", kind: Keyword},
	YaguraEncodingConfidence:  {name: "yagura.encoding_confidence", kind: Float},
	YaguraZone:                {name: "yagura.zone", kind: Keyword},
	YaguraSourceZone:          {name: "yagura.source.zone", kind: Keyword},
	YaguraDestinationZone:     {name: "yagura.destination.zone", kind: Keyword},
	YaguraSite:                {name: "yagura.site", kind: Keyword},
	YaguraSourceAsset:         {name: "yagura.source.asset", kind: Keyword},
	YaguraDestinationAsset:    {name: "yagura.destination.asset", kind: Keyword},
	YaguraHostAsset:           {name: "yagura.host.asset", kind: Keyword},
	YaguraAssetClass:          {name: "yagura.asset.class", kind: Keyword},
	YaguraRepeat:              {name: "yagura.repeat", kind: Long},
	YaguraClockOffset:         {name: "yagura.clock_offset", kind: Float},
	YaguraOriginalLength:      {name: "yagura.original_length", kind: Long},
	YaguraFlow:                {name: "yagura.flow", kind: Keyword},
	LogOffset:                 {name: "log.offset", kind: Long},
	HostID:                    {name: "host.id", kind: Keyword},
	ContainerID:               {name: "container.id", kind: Keyword},
	ContainerName:             {name: "container.name", kind: Keyword},
	TraceID:                   {name: "trace.id", kind: Keyword},
	SpanID:                    {name: "span.id", kind: Keyword},
	OrganizationID:            {name: "organization.id", kind: Keyword},
	CloudProvider:             {name: "cloud.provider", kind: Keyword},
	SourceUserDomain:          {name: "source.user.domain", kind: Keyword},
	LogSourceAddress:          {name: "log.source.address", kind: Keyword},
	RelatedUser:               {name: "related.user", kind: Keyword, list: true},
}
