@{
    ModuleVersion = '0.1.0'
    GUID = '0c9a4a1e-3f0c-4a55-9a53-6d5f3f1b8c7e'
    Author = 'The NetFlow authors'
    Description = 'What NetFlow adds to its types, for NetFlow.psm1 to import.'
    TypesToProcess = @('NetFlow.types.ps1xml')
    FunctionsToExport = @()
    CmdletsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
}
