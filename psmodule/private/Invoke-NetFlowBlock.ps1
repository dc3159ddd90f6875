# Runs a caller's block without its output, and emits the exit code of the last program that it ran, or null. The block
# runs in the scope of its caller, as with Measure-Command: what it assigns is there afterwards.
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
