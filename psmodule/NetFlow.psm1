Set-StrictMode -Version Latest

if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    throw "NetFlow needs a shell in full language mode, and this one is in $($ExecutionContext.SessionState.LanguageMode) mode: allow the module in the machine's application control policy, or use another shell."
}

# The client for this PowerShell; the one that is compiled ahead was made for this machine, the others run anywhere.
function Find-NetFlowClient {
    $frameworks = if ($PSVersionTable.PSVersion -ge [version] '7.4') { 'net8.0', 'netstandard2.0' }
    elseif ($PSVersionTable.PSEdition -eq 'Core') { , 'netstandard2.0' }
    else { , 'net472' }
    foreach ($framework in $frameworks) {
        $path = [System.IO.Path]::Combine($PSScriptRoot, '..', 'dist', 'psmodule', 'client', $framework, 'NetFlow.Client.dll')
        if ([System.IO.File]::Exists($path)) { return [System.IO.Path]::GetFullPath($path) }
    }
    throw "NetFlow is not built, or not all of it was copied: $path is missing. In a checkout run 'npm run module'; otherwise copy the module's folder again."
}

[void] [System.Reflection.Assembly]::LoadFrom((Find-NetFlowClient))

# First of all, so that the host starts while the rest is read.
[NetFlow.Bridge]::Prepare([System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..')))

foreach ($folder in 'private', 'public') {
    foreach ($file in [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')) { . $file }
}

$ExecutionContext.SessionState.Module.OnRemove = { [NetFlow.Bridge]::Close() }
