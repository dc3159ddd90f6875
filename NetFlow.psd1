@{
    RootModule = 'psmodule/NetFlow.psm1'
    ModuleVersion = '0.1.0'
    GUID = 'b6f1c7d2-5a0e-4c1b-9d57-2f5a8e0c3b64'
    Author = 'The NetFlow authors'
    Copyright = '(c) The NetFlow authors. MIT licence.'
    Description = 'Shows the traffic of every process, exact to the byte, and limits it.'
    CompatiblePSEditions = @('Desktop', 'Core')
    PowerShellVersion = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    FormatsToProcess = @('psmodule/NetFlow.format.ps1xml')
    FunctionsToExport = @(
        'Export-ProcessBandwidthPolicy'
        'Get-NetFlowDriver'
        'Get-ProcessBandwidthLimit'
        'Get-ProcessConnection'
        'Get-ProcessTraffic'
        'Import-ProcessBandwidthPolicy'
        'Install-NetFlowDriver'
        'Measure-ProcessTraffic'
        'Remove-ProcessBandwidthLimit'
        'Set-ProcessBandwidthLimit'
        'Start-NetFlowDriver'
        'Stop-NetFlowDriver'
        'Test-ProcessBandwidthPolicy'
        'Uninstall-NetFlowDriver'
        'Update-ProcessBandwidthPolicy'
    )
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
    PrivateData = @{
        PSData = @{
            Tags = @('Network', 'Traffic', 'Process', 'Bandwidth', 'Linux', 'PSEdition_Core', 'PSEdition_Desktop')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
