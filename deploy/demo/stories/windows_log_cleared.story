# title: The security log of a Windows server is cleared and a service installed
# ja: Windows サーバのセキュリティログ消去と、サービスの登録
# clauses: 3-1 3-2
# rules: windows_log_cleared
+0 <13>{bsd} dc01 {"EventTime":"{date} {time}","Hostname":"dc01.honcho.example.jp","EventID":4624,"SourceName":"Microsoft-Windows-Security-Auditing","Channel":"Security","EventType":"AUDIT_SUCCESS","SeverityValue":2,"TargetUserName":"kanri","TargetDomainName":"HONCHO","LogonType":"3","IpAddress":"10.1.0.45","IpPort":"52211"}
+4 <13>{bsd} dc01 {"EventTime":"{date} {time}","Hostname":"dc01.honcho.example.jp","EventID":7045,"SourceName":"Service Control Manager","Channel":"System","SeverityValue":2,"ServiceName":"PSEXESVC","ImagePath":"%SystemRoot%\\PSEXESVC.exe","ServiceType":"user mode service","StartType":"demand start","AccountName":"LocalSystem"}
+9 <13>{bsd} dc01 {"EventTime":"{date} {time}","Hostname":"dc01.honcho.example.jp","EventID":1102,"SourceName":"Microsoft-Windows-Eventlog","Channel":"Security","EventType":"INFO","SeverityValue":2,"SubjectUserName":"kanri","SubjectDomainName":"HONCHO","SubjectUserSid":"S-1-5-21-1004336348-1177238915-682003330-1104"}
