# What one pwsh says of the module: JSON with milliseconds, run by powershell.ts.
param(
    [Parameter(Mandatory)] [string] $Manifest,
    [Parameter(Mandatory)] [int] $Calls,
    [int] $ManyCalls
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Measure-Milliseconds([scriptblock] $Block) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $null = & $Block
    $watch.Elapsed.TotalMilliseconds
}

function Measure-Repeated([scriptblock] $Block) {
    $null = & $Block
    , @(foreach ($call in 1..$Calls) { Measure-Milliseconds $Block })
}

# Resident memory in MB, as the kernel has it.
function Get-HostMemory {
    $line = Get-Content -Path "/proc/$([NetFlow.Bridge]::HostProcessId)/status" | Where-Object { $_ -match '^VmRSS:\s+(\d+)' }
    [int] ($line -replace '\D') / 1024
}

$import = Measure-Milliseconds { Import-Module $Manifest }
$first = Measure-Milliseconds { Get-ProcessTraffic | Select-Object -First 1 }
$result = [ordered] @{
    import = $import
    first = $first
    rows = @(Get-ProcessTraffic).Count
    warm = Measure-Repeated { Get-ProcessTraffic }
    getProcess = Measure-Repeated { Get-Process }
    processes = @(Get-Process).Count
    memory = @()
}
if ($ManyCalls -gt 0) {
    $result.memory = @(
        Get-HostMemory
        foreach ($tenth in 1..10) {
            foreach ($call in 1..($ManyCalls / 10)) { $null = Get-ProcessTraffic }
            Get-HostMemory
        }
    )
}
$result | ConvertTo-Json -Compress
