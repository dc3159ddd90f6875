# Loads the client, which starts the host and ends it (bridge/client/ModuleEvents.cs), and the functions: one by one,
# since a loop over the files would take longer than they do. A manifest can't choose the client: it is data.
Set-StrictMode -Version Latest

$mode = $ExecutionContext.SessionState.LanguageMode
if ($mode -ne 'FullLanguage') {
    throw "NetFlow requires a shell in full language mode, and this one is in $mode mode: allow the module in the machine's application control policy, or use another shell."
}
$framework = if ($PSEdition -eq 'Desktop') { 'net472' } else { 'netstandard2.0' }
try { Import-Module -Name "$PSScriptRoot/../dist/psmodule/client/$framework/NetFlow.Client.dll" -ErrorAction Stop }
catch [System.IO.FileNotFoundException] { throw 'NetFlow is not built here: run `npm run module`.' }
# .NET keeps the first client that a shell loads.
$client = [NetFlow.Bridge].Assembly.Location
if ([System.IO.Path]::GetFullPath("$PSScriptRoot/../dist/psmodule/client/$framework/NetFlow.Client.dll") -ne $client) {
    Write-Warning -Message "This shell keeps a part of the NetFlow that it loaded first ($client): start another shell to have all of this one."
}
[NetFlow.Bridge]::Prepare("$PSScriptRoot/..")

# A second version of the module finds these types in the shell, and would be refused.
if ($null -eq [NetFlow.ProcessTraffic]::new().psobject.Properties['Id']) {
    Import-Module -Name "$PSScriptRoot/NetFlow.types.psd1"
}

. $PSScriptRoot/private/Invoke-NetFlowBlock.ps1
. $PSScriptRoot/public/Export-ProcessBandwidthPolicy.ps1
. $PSScriptRoot/public/Get-NetFlowDriver.ps1
. $PSScriptRoot/public/Get-ProcessBandwidthLimit.ps1
. $PSScriptRoot/public/Get-ProcessConnection.ps1
. $PSScriptRoot/public/Get-ProcessTraffic.ps1
. $PSScriptRoot/public/Import-ProcessBandwidthPolicy.ps1
. $PSScriptRoot/public/Install-NetFlowDriver.ps1
. $PSScriptRoot/public/Measure-ProcessTraffic.ps1
. $PSScriptRoot/public/Remove-ProcessBandwidthLimit.ps1
. $PSScriptRoot/public/Set-ProcessBandwidthLimit.ps1
. $PSScriptRoot/public/Start-NetFlowDriver.ps1
. $PSScriptRoot/public/Stop-NetFlowDriver.ps1
. $PSScriptRoot/public/Test-ProcessBandwidthPolicy.ps1
. $PSScriptRoot/public/Uninstall-NetFlowDriver.ps1
. $PSScriptRoot/public/Update-ProcessBandwidthPolicy.ps1
