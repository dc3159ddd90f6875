BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    Start-NetFlowDriver
    $application = Start-Application -Sends 100 -Receives 200
}

AfterAll {
    Stop-Program $application.Process
}

Describe 'Get-ProcessTraffic -Continuous' {
    It 'gives one batch at once and one each interval, as many as Count says' {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $rows = @(Get-ProcessTraffic -Id $application.Id -Continuous -Interval 0.2 -Count 4)
        $rows.Count | Should -Be 4
        $rows.UploadBytes | Should -Be 100, 100, 100, 100
        # Three intervals lie between four batches: a fifth of a second each cannot have taken less.
        $watch.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 0.55
    }

    It 'tells the readings apart, each with its time and a table of its own' {
        $from = Get-Date
        $rows = Get-ProcessTraffic -Id $PID, $application.Id -Continuous -Interval 0.2 -Count 3
        $times = @($rows.Time | Select-Object -Unique)
        $times.Count | Should -Be 3
        $times | ForEach-Object -Process { $_ | Should -BeGreaterOrEqual $from; $from = $_ }
        @($rows | Out-String -Stream | Where-Object -FilterScript { $_ -match '^ +Time: ' }).Count | Should -Be 3
        $rows | ConvertTo-Csv -NoTypeInformation | Select-Object -First 1 | Should -Match '^"Time","ProcessId",'
    }

    It 'gives fresh figures to one who takes longer than an interval, not those that were due' {
        $seen = 0
        Send-Loopback -Bytes 1000 # without any traffic it would not be listed
        Get-ProcessTraffic -Id $PID, $application.Id -Continuous -Interval 0.1 -Count 3 | Where-Object -Property ProcessId -EQ -Value $PID | ForEach-Object -Process {
            if ($seen++ -gt 0) { $_.UploadBytes - $before | Should -BeExactly 2000 }
            $before = $_.UploadBytes
            Send-Loopback -Bytes 1000
            Start-Sleep -Milliseconds 350
        }
        $seen | Should -BeGreaterOrEqual 2
    }

    It 'ends with Select-Object -First, and the host takes the next call' {
        $started = [NetFlow.Bridge]::HostProcessId
        (Get-ProcessTraffic -Id $application.Id -Continuous -Interval 0.1 | Select-Object -First 2).Count | Should -Be 2
        [NetFlow.Bridge]::HostProcessId | Should -Be $started
        (Get-ProcessTraffic -Id $application.Id).UploadBytes | Should -Be 100
    }

    It 'leaves no connection open behind it' {
        $hostId = [NetFlow.Bridge]::HostProcessId
        $null = Get-ProcessTraffic
        $sockets = { @(Get-ChildItem -Path "/proc/$hostId/fd" | Where-Object -FilterScript { $_.Target -like 'socket:*' }).Count }
        $before = & $sockets
        foreach ($time in 1..20) { $null = Get-ProcessTraffic -Id $application.Id -Continuous -Interval 0.1 | Select-Object -First 1 }
        $null = Get-ProcessTraffic
        Wait-Until { (& $sockets) -le $before + 1 } 'the connections to be closed'
    }

    It 'tells a missing process once, and goes on' {
        $rows = @(Get-ProcessTraffic -Id 999999, $application.Id -Continuous -Interval 0.1 -Count 3 -ErrorAction SilentlyContinue -ErrorVariable problems)
        $rows.Count | Should -Be 3
        @($problems).Count | Should -Be 1
    }

    It 'ends at Ctrl+C in a terminal, and the shell goes on' {
        $socket = "netflow-test-$PID"
        $enter = { param($Text) & tmux -L $socket send-keys -l $Text; & tmux -L $socket send-keys Enter }
        $shown = { (& tmux -L $socket capture-pane -p) -join "`n" }
        $wait = { param($Pattern) Wait-Until { (& $shown) -match $Pattern } "the terminal to show $Pattern" -Seconds 40 }
        & tmux -L $socket -f /dev/null new-session -d -x 150 -y 50 "'$Shell' -NoProfile -NoLogo"
        try {
            & $wait 'PS .*>'
            & $enter "Import-Module -Name '$Manifest'; 'import' + 'ed'"
            & $wait '(?m)^imported$'
            & $enter "Get-ProcessTraffic -Id $($application.Id) -Continuous -Interval 0.3 | ForEach-Object -Process { 'row ' + `$_.UploadBytes }"
            & $wait 'row 100\s+row 100'
            & tmux -L $socket send-keys C-c
            & $wait 'row 100\s+PS [^>]*>\s*$'
            & $enter "'host ' + [NetFlow.Bridge]::HostProcessId + ' still ' + (Get-ProcessTraffic -Id $($application.Id)).UploadBytes"
            & $wait 'host \d+ still 100'
            $hostId = [int] [regex]::Match((& $shown), 'host (\d+) still').Groups[1].Value
            Test-Running $hostId | Should -BeTrue
            & $enter 'exit'
            Wait-Until { -not (Test-Running $hostId) } 'the host to end with its shell'
        }
        finally { & tmux -L $socket kill-server 2> $null }
    }
}
