# What the tests of the module share. Dot-sourced in BeforeAll.
Set-StrictMode -Version Latest

$script:Root = [System.IO.Path]::GetFullPath("$PSScriptRoot/../../..")
$script:Manifest = "$Root/dist/module/NetFlow/NetFlow.psd1"
$script:Shell = (Get-Item -Path "$Root/dist/tools/powershell-*/pwsh").FullName
# The folder of the .NET that this shell runs on: <folder>/shared/Microsoft.NETCore.App/<version>.
$script:DotNet = [System.IO.Path]::GetFullPath("$([System.Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory())/../../..")
$script:Node = (Get-Command -Name node -CommandType Application | Select-Object -First 1).Source

function Import-NetFlow {
    Import-Module -Name $Manifest -Global -Force
}

# Sends so many bytes from this shell to itself, and as many back: both its upload and its download grow by twice that.
function Send-Loopback([int] $Bytes) {
    $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $listener.LocalEndpoint.Port)
    $server = $listener.AcceptTcpClient()
    try {
        Copy-Through $client $server $Bytes
        Copy-Through $server $client $Bytes
    }
    finally {
        $client.Dispose()
        $server.Dispose()
        $listener.Stop()
    }
}

# In pieces that fit into the sockets' buffers, since one thread does both.
function Copy-Through($From, $To, [int] $Bytes) {
    $buffer = [byte[]]::new(10000)
    for ($left = $Bytes; $left -gt 0; $left -= $piece) {
        $piece = [System.Math]::Min($left, $buffer.Length)
        $From.GetStream().Write($buffer, 0, $piece)
        for ($read = 0; $read -lt $piece; ) { $read += $To.GetStream().Read($buffer, 0, $piece - $read) }
    }
}

# A Node.js process that has sent and received so many bytes, says so itself, and keeps its connection until it is ended.
function Start-Application([int] $Sends = 123457, [int] $Receives = 76543) {
    $process = Start-Program $Node "$PSScriptRoot/application.mjs" $Sends $Receives
    $report = $process.StandardOutput.ReadLine() | ConvertFrom-Json
    [pscustomobject] @{ Process = $process; Id = $process.Id; Sent = $report.sent; Received = $report.received; Port = $report.port }
}

# A Node.js process, run by a program of that path, that sends or receives as fast as it can until it is ended.
function Start-Stream([string] $Direction, [string] $Path = $Node) {
    $process = Start-Program $Path "$PSScriptRoot/stream.mjs" $Direction $Node
    $null = $process.StandardOutput.ReadLine() # it is connected
    $process
}

# What has arrived at each receiving end in these seconds, in bytes per second by its own count and clock, after a second in
# which what was on its way still arrives.
function Measure-Stream($Process, [double] $Seconds = 3) {
    Start-Sleep -Milliseconds 1000
    $before = @($Process | ForEach-Object -Process { Read-Stream $_ })
    Start-Sleep -Milliseconds ($Seconds * 1000)
    foreach ($index in 0..($before.Count - 1)) {
        $after = Read-Stream @($Process)[$index]
        ($after.bytes - $before[$index].bytes) * 1000 / ($after.at - $before[$index].at)
    }
}

function Read-Stream($Process) {
    $Process.StandardInput.WriteLine()
    $Process.StandardInput.Flush()
    $Process.StandardOutput.ReadLine() | ConvertFrom-Json
}

# No limits, whoever has set them: an empty policy removes its own, and -All the others.
function Clear-Limit {
    $file = [System.IO.Path]::GetTempPath() + "netflow-empty-$PID.csv"
    Set-Content -Path $file -Value 'Path,Upload,Download,Shared'
    try { Import-ProcessBandwidthPolicy -Path $file -Confirm:$false }
    finally { Remove-Item -Path $file }
    Remove-ProcessBandwidthLimit -All -Confirm:$false
}

# A program with its standard streams in the test's hands.
function Start-Program([string] $Path) {
    $start = [System.Diagnostics.ProcessStartInfo]::new($Path)
    foreach ($argument in $args) { $start.ArgumentList.Add([string] $argument) }
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    [System.Diagnostics.Process]::Start($start)
}

function Stop-Program($Process) {
    if ($null -eq $Process) { return }
    if (-not $Process.HasExited) { $Process.Kill() }
    $Process.WaitForExit()
    $Process.Dispose()
}

# A new shell with the module that runs some script to its end; what it wrote, line by line.
function Invoke-Shell([string] $Script, [string] $Path = $Manifest) {
    & $Shell -NoProfile -NonInteractive -Command "Import-Module -Name '$Path'; $Script" 2>&1 | ForEach-Object -Process { [string] $_ }
}

# What the command line says, as objects.
function Invoke-CommandLine {
    (& $Node "$Root/bin/netflow.js" @args) -join "`n" | ConvertFrom-Json
}

function Wait-Until([scriptblock] $Condition, [string] $What, [int] $Seconds = 20) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($watch.Elapsed.TotalSeconds -gt $Seconds) { throw "waited $Seconds seconds for: $What" }
        Start-Sleep -Milliseconds 20
    }
}

# Until a second has ended in which the process transferred nothing. The second that is under way may be one in which it
# did, and the speed still be that of the one before: so a whole second is let go first.
function Wait-Rest([int] $Id) {
    Start-Sleep -Milliseconds 1000
    Wait-Until { $traffic = Get-ProcessTraffic -Id $Id; $traffic.UploadSpeed + $traffic.DownloadSpeed -eq 0 } "process $Id to be at rest"
}

function Test-Running([int] $Id) {
    Test-Path -Path "/proc/$Id"
}

# A host's pipe: the last argument of its command line.
function Get-Pipe([int] $HostId) {
    [System.IO.File]::ReadAllText("/proc/$HostId/cmdline").TrimEnd([char] 0).Split([char] 0)[-1]
}
