package parse

import (
	"testing"

	"yagura/internal/event"
)

func TestWindows(t *testing.T)           { golden(t, "windows") }
func FuzzWindows(f *testing.F)           { fuzzLines(f, "windows") }
func BenchmarkWindowsNXLog(b *testing.B) { benchLine(b, nxlogLogon) }
func BenchmarkWindowsXML(b *testing.B)   { benchLine(b, xmlLogon) }

const nxlogLogon = `{"EventTime":"2026-11-24 11:58:03","Hostname":"dc01.honcho.example","Keywords":-9214364837600034816,"EventType":"AUDIT_SUCCESS","SeverityValue":2,"Severity":"INFO","EventID":4624,"SourceName":"Microsoft-Windows-Security-Auditing","ProviderGuid":"{54849625-5478-4994-A5BA-3E3B0328C30D}","Version":2,"Task":12544,"OpcodeValue":0,"RecordNumber":71253,"ProcessID":700,"ThreadID":4120,"Channel":"Security","Category":"Logon","Opcode":"Info","SubjectUserSid":"S-1-0-0","SubjectUserName":"-","SubjectDomainName":"-","SubjectLogonId":"0x0","TargetUserSid":"S-1-5-21-1-2-3-1105","TargetUserName":"tanaka","TargetDomainName":"HONCHO","TargetLogonId":"0x8a31c2","LogonType":"3","LogonProcessName":"Kerberos","AuthenticationPackageName":"Kerberos","WorkstationName":"-","KeyLength":"0","ProcessId":"0x0","ProcessName":"-","IpAddress":"192.0.2.31","IpPort":"51022","EventReceivedTime":"2026-11-24 11:58:04","SourceModuleName":"in","SourceModuleType":"im_msvistalog"}`

const xmlLogon = `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-Security-Auditing" Guid="{54849625-5478-4994-A5BA-3E3B0328C30D}"/><EventID>4625</EventID><Version>0</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode><Keywords>0x8010000000000000</Keywords><TimeCreated SystemTime="2026-11-24T02:58:28.944354700Z"/><EventRecordID>2524</EventRecordID><Execution ProcessID="712" ThreadID="1128"/><Channel>Security</Channel><Computer>mail01</Computer><Security/></System><EventData><Data Name="SubjectUserName">-</Data><Data Name="TargetUserName">sato</Data><Data Name="TargetDomainName">HONCHO</Data><Data Name="Status">0xc000006d</Data><Data Name="SubStatus">0xc000006a</Data><Data Name="LogonType">3</Data><Data Name="IpAddress">203.0.113.8</Data><Data Name="IpPort">0</Data></EventData></Event>`

// An empty Data element is empty, a JSON null is null, and what is missing is
// missing: Sigma tells the three apart.
func TestWindowsEmptyNullMissing(t *testing.T) {
	for name, raw := range map[string]string{
		"json":   `{"EventID":4688,"Channel":"Security","SourceName":"Microsoft-Windows-Security-Auditing","CommandLine":"","ParentProcessName":null}`,
		"evtx":   `{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4688,"Channel":"Security"},"EventData":{"CommandLine":"","ParentProcessName":null}}}`,
		"evtxec": `{"EventId":4688,"Provider":"Microsoft-Windows-Security-Auditing","Channel":"Security","Payload":"{\"EventData\":{\"Data\":[{\"@Name\":\"CommandLine\"},{\"@Name\":\"ParentProcessName\",\"#text\":null}]}}"}`,
		"beats":  `{"winlog":{"event_id":4688,"channel":"Security","provider_name":"Microsoft-Windows-Security-Auditing","event_data":{"CommandLine":"","ParentProcessName":null}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			var d event.Draft
			d.Reset([]byte(raw))
			d.Received = received
			New().Parse(&d, nil)
			if v, ok := d.Get(d.Local("winlog.event_data.CommandLine")); !ok || v == nil || len(v) != 0 {
				t.Errorf("CommandLine = %q, %v; want present and empty", v, ok)
			}
			if v, ok := d.Get(d.Local("winlog.event_data.ParentProcessName")); !ok || v != nil {
				t.Errorf("ParentProcessName = %q, %v; want null", v, ok)
			}
			if d.Has(d.Local("winlog.event_data.NewProcessName")) {
				t.Error("NewProcessName is present")
			}
		})
	}
}
