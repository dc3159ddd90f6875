BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    Start-NetFlowDriver
    $application = Start-Application -Sends 5 -Receives 6
    # A shell that says its host's id and its own (the program that is started only starts it) and then does what it is told, line by line.
    function Start-Shell {
        $script = "Import-Module -Name '$Manifest'; `$null = Get-ProcessTraffic; [Console]::WriteLine([NetFlow.Bridge]::HostProcessId); [Console]::WriteLine(`$PID); while (`$line = [Console]::ReadLine()) { [Console]::WriteLine([string] (Invoke-Expression `$line)) }"
        $process = Start-Program $Shell -NoProfile -NonInteractive -Command $script
        $hostId, $id = [int] $process.StandardOutput.ReadLine(), [int] $process.StandardOutput.ReadLine()
        [pscustomobject] @{ Process = $process; HostId = $hostId; Id = $id; Pipe = Get-Pipe $hostId }
    }
    function Invoke-In($Shell, [string] $Command) {
        $Shell.Process.StandardInput.WriteLine($Command)
        $Shell.Process.StandardOutput.ReadLine()
    }
}

AfterAll {
    Stop-Program $application.Process
}

Describe 'the host of a shell' {
    BeforeEach { $other = Start-Shell }
    AfterEach { Stop-Program $other.Process }

    It 'ends with a shell that exits, and leaves no file' {
        $other.Process.StandardInput.Close()
        $other.Process.WaitForExit()
        Wait-Until { -not (Test-Running $other.HostId) } 'the host to end'
        Wait-Until { -not (Test-Path -Path $other.Pipe) } 'its file to be gone'
    }

    It 'ends with a shell that is killed, and leaves no file' {
        Stop-Process -Id $other.Id -Force
        Wait-Until { -not (Test-Running $other.HostId) } 'the host to end'
        Wait-Until { -not (Test-Path -Path $other.Pipe) } 'its file to be gone'
    }

    It 'removes what a host and a shell left that were killed at once' {
        $left = Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "NetFlow-$('A' * 32)"
        & $Node -e "require('net').createServer().listen('$left', () => process.kill(process.pid, 'SIGKILL'))"
        (Get-Item -Path $left).LastWriteTime = (Get-Date).AddHours(-1)
        $third = Start-Shell
        try { Wait-Until { -not (Test-Path -Path $left) } 'the file to be gone' }
        finally { Stop-Program $third.Process }
    }

    It 'leaves no file when it is killed itself' {
        Stop-Process -Id $other.HostId -Force
        Wait-Until { -not (Test-Path -Path $other.Pipe) } 'its file to be gone'
    }

    It 'ends when the module is removed, and another one starts with the next import' {
        Invoke-In $other 'Remove-Module -Name NetFlow; 0' | Should -Be 0
        Wait-Until { -not (Test-Running $other.HostId) } 'the host to end'
        Invoke-In $other "Import-Module -Name '$Manifest'; (Get-ProcessTraffic -Id $($application.Id)).UploadBytes" | Should -Be 5
        [int] (Invoke-In $other '[NetFlow.Bridge]::HostProcessId') | Should -Not -Be $other.HostId
    }

    It 'stays one when the module is imported again and again' {
        foreach ($time in 1..3) {
            Invoke-In $other "Import-Module -Name '$Manifest' -Force; (Get-ProcessTraffic -Id $($application.Id)).UploadBytes" | Should -Be 5
        }
        $children = @(Get-Content -Path "/proc/$($other.Id)/task/*/children" | ForEach-Object -Process { $_.Trim().Split(' ') } | Where-Object -FilterScript { $_ })
        # What the imports before have let go may be about to end.
        Wait-Until { @($children | Where-Object -FilterScript { Test-Running $_ }).Count -le 1 } 'all hosts but one to end'
    }

    It 'is its shell''s own' {
        $third = Start-Shell
        try {
            $third.HostId | Should -Not -Be $other.HostId
            Invoke-In $other "(Get-ProcessTraffic -Id $($application.Id)).UploadBytes" | Should -Be 5
            Invoke-In $third "(Get-ProcessTraffic -Id $($application.Id)).DownloadBytes" | Should -Be 6
        }
        finally { Stop-Program $third.Process }
    }
}

Describe 'a host that is killed' {
    It 'is no error between two calls: the next one starts another' {
        $null = Get-ProcessTraffic
        Stop-Process -Id ([NetFlow.Bridge]::HostProcessId) -Force
        Wait-Until { [NetFlow.Bridge]::HostProcessId -eq 0 } 'the host to end'
        (Get-ProcessTraffic -Id $application.Id -ErrorAction Stop).UploadBytes | Should -Be 5
    }

    It 'is one error in a call, and the next one works' {
        $rows = Get-ProcessTraffic -Id $application.Id -Continuous -Interval 0.1 -ErrorAction SilentlyContinue -ErrorVariable problems | ForEach-Object -Process {
            Stop-Process -Id ([NetFlow.Bridge]::HostProcessId) -Force -ErrorAction Ignore
            $_
        }
        @($rows).Count | Should -BeGreaterOrEqual 1
        @($problems).Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -Be 'NetFlow.HostGone,Get-ProcessTraffic'
        $problems[0].CategoryInfo.Category | Should -Be 'ResourceUnavailable'
        (Get-ProcessTraffic -Id $application.Id -ErrorAction Stop).UploadBytes | Should -Be 5
    }
}

Describe 'many at once' {
    It 'share one host: jobs of Start-ThreadJob' {
        $id = $application.Id
        $jobs = foreach ($number in 1..8) {
            Start-ThreadJob -ThrottleLimit 8 -ScriptBlock {
                Import-Module -Name $using:Manifest
                foreach ($time in 1..10) { (Get-ProcessTraffic -Id $using:id -ErrorAction Stop).UploadBytes }
                [NetFlow.Bridge]::HostProcessId
            }
        }
        $said = @($jobs | Receive-Job -Wait -AutoRemoveJob)
        @($said | Where-Object -FilterScript { $_ -eq 5 }).Count | Should -Be 80
        @($said | Where-Object -FilterScript { $_ -ne 5 } | Select-Object -Unique).Count | Should -Be 1
    }

    It 'are answered one after the other: a thousand calls, and the host does not grow' {
        $resident = {
            $line = Get-Content -Path "/proc/$([NetFlow.Bridge]::HostProcessId)/status" | Where-Object -FilterScript { $_ -match '^VmRSS' }
            [int] ($line -replace '\D') / 1024
        }
        foreach ($time in 1..300) { $null = Get-ProcessTraffic }
        $before = & $resident
        foreach ($time in 1..1000) { $null = Get-ProcessTraffic }
        (& $resident) - $before | Should -BeLessThan 20 -Because 'a leak of every answer would be far more'
    }
}

Describe 'a stranger' {
    It 'cannot talk to the host' {
        $null = Get-ProcessTraffic
        # As another user, even where the file itself would let him.
        $pipe = Get-Pipe ([NetFlow.Bridge]::HostProcessId)
        & chmod 777 $pipe
        $talk = "const socket = require('net').connect('$pipe'); socket.on('error', (error) => console.log('refused', error.code)); socket.on('close', () => console.log('closed')); socket.on('data', () => console.log('answered')); socket.on('connect', () => socket.write(Buffer.from([0, 0, 0, 0, 5])));"
        $said = @(& timeout 10 setpriv --reuid 65534 --regid 65534 --clear-groups $Node -e $talk)
        $said | Should -Contain 'closed'
        $said | Should -Not -Contain 'answered'
        # The same words from the owner are answered.
        $own = @(& timeout 5 $Node -e "$talk setTimeout(() => process.exit(), 1000)")
        $own | Should -Contain 'answered'
        (Get-ProcessTraffic -Id $application.Id -ErrorAction Stop).UploadBytes | Should -Be 5
    }

    It 'does no harm with nonsense: <What>' -ForEach @(
        @{ What = 'a length that is impossible'; Bytes = '255, 255, 255, 255, 1' }
        @{ What = 'a length that is too large'; Bytes = '0, 0, 0, 64, 1' }
        @{ What = 'an unknown request'; Bytes = '0, 0, 0, 0, 99' }
        @{ What = 'half a request'; Bytes = '9, 0, 0, 0, 1, 5' }
        @{ What = 'a payload that is none'; Bytes = '3, 0, 0, 0, 1, 255, 255, 255' }
    ) {
        $null = Get-ProcessTraffic
        $hostId = [NetFlow.Bridge]::HostProcessId
        $pipe = Get-Pipe ([NetFlow.Bridge]::HostProcessId)
        & $Node -e "const socket = require('net').connect('$pipe', () => socket.end(Buffer.from([$Bytes]))); socket.resume().on('error', () => {});"
        (Get-ProcessTraffic -Id $application.Id -ErrorAction Stop).UploadBytes | Should -Be 5
        [NetFlow.Bridge]::HostProcessId | Should -Be $hostId
    }
}
