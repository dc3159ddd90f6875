# Runs a caller's block, discards its output, and returns the exit code of the last program that it ran, or null. The
# block runs in its caller's scope, as with Measure-Command, so that its assignments last.
function Invoke-NetFlowBlock {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)] [scriptblock] $ScriptBlock
    )

    $exitCodeBefore = Get-Variable -Name LASTEXITCODE -Scope Global -ValueOnly -ErrorAction Ignore
    $global:LASTEXITCODE = $null
    try {
        $null = . $ScriptBlock
        $global:LASTEXITCODE
    }
    finally {
        if ($null -eq $global:LASTEXITCODE) { $global:LASTEXITCODE = $exitCodeBefore }
    }
}
