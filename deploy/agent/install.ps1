# Installs the agent as a Windows service, from the folder that `make agent` wrote.
#   .\install.ps1 [-Token TOKEN] [-Server URL]   token of `yagura agents invite NAME`
#   .\install.ps1 -Uninstall                     keeps C:\ProgramData\yagura-agent
# Run it as administrator. A second run brings a newer program.
[CmdletBinding()]
param([string]$Token = "", [string]$Server = "", [switch]$Uninstall)
$ErrorActionPreference = "Stop"

$here = Split-Path -Parent $MyInvocation.MyCommand.Path
$folder = Join-Path $env:ProgramData "yagura-agent"
$bin = Join-Path $env:ProgramFiles "yagura-agent"
$program = Join-Path $bin "yagura-agent.exe"
$service = "yagura-agent"

$who = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
if (-not $who.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { throw "run this as administrator" }

if (Get-Service $service -ErrorAction SilentlyContinue) { Stop-Service $service -Force }
if ($Uninstall) {
	if (Test-Path $program) { & $program agent uninstall; Remove-Item $program }
	Write-Host "removed; identity and spool are kept in $folder"
	return
}

$arch = if ($env:PROCESSOR_ARCHITECTURE -eq "ARM64") { "arm64" } else { "amd64" }
$name = "yagura-windows-$arch.exe"
$line = Select-String -Path (Join-Path $here "SHA256SUMS") -Pattern (" [ *]?" + [regex]::Escape($name) + "$") | Select-Object -First 1
if (-not $line) { throw "SHA256SUMS does not name $name; copy the whole folder bin\agent" }
$want = ($line.Line -split "\s+")[0]
$got = (Get-FileHash -Algorithm SHA256 (Join-Path $here $name)).Hash
if ($got -ne $want) { throw "$name is not as SHA256SUMS says: copy it again" }

New-Item -ItemType Directory -Force -Path $folder, $bin | Out-Null
# The key is for administrators and the service only. S-1-5-18: SYSTEM; S-1-5-32-544: Administrators.
& icacls $folder /inheritance:r /grant:r "*S-1-5-18:(OI)(CI)F" "*S-1-5-32-544:(OI)(CI)F" | Out-Null
if ($LASTEXITCODE -ne 0) { throw "icacls $folder failed" }
Copy-Item (Join-Path $here $name) $program -Force
$config = Join-Path $folder "agent.yaml"
if (-not (Test-Path $config)) { Copy-Item (Join-Path $here "agent-windows.yaml") $config }

if (-not (Test-Path (Join-Path $folder "agent.pem"))) {
	if ($Token -eq "") { $Token = Read-Host "Token of yagura agents invite NAME" }
	$more = @()
	if ($Server -ne "") { $more = @("--server", $Server) }
	$Token | & $program agent enrol --folder $folder @more
	if ($LASTEXITCODE -ne 0) { throw "the host was not enrolled" }
}
& $program agent check -c $config
if ($LASTEXITCODE -ne 0) { throw "$config is not right" }
if (-not (Get-Service $service -ErrorAction SilentlyContinue)) {
	& $program agent install -c $config
	if ($LASTEXITCODE -ne 0) { throw "the service was not made" }
} else {
	Start-Service $service
}
Write-Host "the agent runs: Get-Service $service"
