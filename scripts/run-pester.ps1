# Runs the Pester tests of a folder, and notes each result as a line of JSON, for scripts/support/suite.mjs.
param(
    [Parameter(Mandatory)] [string] $Pester,
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $Results
)
$ErrorActionPreference = 'Stop'
Import-Module -Name $Pester

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.CIFormat = 'None'
$run = Invoke-Pester -Configuration $configuration

$lines = @(
    foreach ($test in $run.Tests) {
        $result = switch ($test.Result) { 'Passed' { 'passed' } 'Failed' { 'failed' } default { 'skipped' } }
        @{ result = $result; title = $test.ExpandedPath; error = "$($test.ErrorRecord)" -replace '\s+', ' ' }
    }
    # A file that could not be read, or whose set-up failed outside of any test.
    foreach ($container in $run.FailedContainers) { @{ result = 'failed'; title = [string] $container.Item } }
    foreach ($block in $run.FailedBlocks) { @{ result = 'failed'; title = "$($block.ExpandedPath), around its tests" } }
    @{ result = 'end' }
)
[System.IO.File]::WriteAllLines($Results, [string[]] @($lines | ForEach-Object -Process { ConvertTo-Json -InputObject $_ -Compress }))
if ($run.Result -ne 'Passed') { exit 1 }
