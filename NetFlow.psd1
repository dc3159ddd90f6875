@{
    RootModule = 'psmodule/NetFlow.psm1'
    NestedModules = if ($PSEdition -eq 'Desktop') { 'dist/psmodule/client/net472/NetFlow.Client.dll' } else { 'dist/psmodule/client/netstandard2.0/NetFlow.Client.dll' }
    ModuleVersion = '0.1.0'
    GUID = 'b6f1c7d2-5a0e-4c1b-9d57-2f5a8e0c3b64'
    Author = 'The NetFlow authors'
    Copyright = '(c) The NetFlow authors. MIT licence.'
    Description = 'Shows what every process sends and receives, to the byte.'
    CompatiblePSEditions = @('Desktop', 'Core')
    PowerShellVersion = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    FormatsToProcess = @('psmodule/NetFlow.format.ps1xml')
    TypesToProcess = @('psmodule/NetFlow.types.ps1xml')
    FunctionsToExport = @(
        'Get-NetFlowDriver'
        'Get-ProcessConnection'
        'Get-ProcessTraffic'
        'Install-NetFlowDriver'
        'Measure-ProcessTraffic'
        'Start-NetFlowDriver'
        'Stop-NetFlowDriver'
        'Uninstall-NetFlowDriver'
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
