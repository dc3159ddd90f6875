# Loads the functions, one by one, since a loop over the files would take longer than they do. The manifest loads the
# client first, which starts and ends the host (bridge/client/ModuleEvents.cs).
Set-StrictMode -Version Latest

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
