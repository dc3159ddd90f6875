BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    Start-NetFlowDriver
    $first = Start-Application -Sends 123457 -Receives 76543
    $second = Start-Application -Sends 1 -Receives 2
}

AfterAll {
    Stop-Program $first.Process
    Stop-Program $second.Process
}

Describe 'Get-ProcessTraffic' {
    It 'gives the bytes that the application itself counted' {
        $traffic = Get-ProcessTraffic -Id $first.Id
        $traffic.UploadBytes | Should -BeExactly $first.Sent
        $traffic.DownloadBytes | Should -BeExactly $first.Received
        $first.Sent, $first.Received | Should -Be 123457, 76543
    }

    It 'gives what the command line gives, field by field and in its order' {
        Wait-Rest $first.Id
        $traffic = Get-ProcessTraffic -Id $first.Id
        $listed = Invoke-CommandLine list --pid $first.Id --json
        $time, $names = $traffic.PSObject.Properties.Name
        $time | Should -BeExactly 'Time'
        $names | Should -BeExactly @($listed.PSObject.Properties.Name | ForEach-Object -Process { $_.Substring(0, 1).ToUpperInvariant() + $_.Substring(1) })
        foreach ($name in $names | Where-Object -FilterScript { $_ -ne 'StartTime' }) { $traffic.$name | Should -BeExactly $listed.$name -Because $name }
        $traffic.StartTime.ToUniversalTime() | Should -BeExactly $listed.StartTime.ToUniversalTime()
    }

    It 'has plain types' {
        $traffic = Get-ProcessTraffic -Id $first.Id
        $traffic | Should -BeOfType 'NetFlow.ProcessTraffic'
        foreach ($name in 'UploadBytes', 'DownloadBytes', 'UploadSpeed', 'DownloadSpeed', 'Connections') { $traffic.$name | Should -BeOfType [long] -Because $name }
        $traffic.ProcessId | Should -BeOfType [int]
        $traffic.StartTime | Should -BeOfType [datetime]
        $traffic.StartTime.Kind, $traffic.Time.Kind | Should -Be 'Local', 'Local'
        $traffic.CommandLine | Should -Match '/application\.mjs 123457 76543$'
        $traffic.Exited | Should -BeOfType [bool]
        $traffic.UploadLimit, $traffic.DownloadLimit | Should -Be $null, $null
    }

    It 'starts when the process did' {
        $started = (Get-Process -Id $first.Id).StartTime
        [System.Math]::Abs(((Get-ProcessTraffic -Id $first.Id).StartTime - $started).TotalMilliseconds) | Should -BeLessThan 100
    }

    It 'gives processes by <How>' -ForEach @(
        @{ How = 'ids'; Get = { Get-ProcessTraffic -Id $first.Id, $second.Id } }
        @{ How = 'an id that is given twice, once'; Get = { Get-ProcessTraffic -Id $first.Id, $second.Id, $first.Id } }
        @{ How = 'the alias ProcessId'; Get = { Get-ProcessTraffic -ProcessId $first.Id, $second.Id } }
        @{ How = 'processes in the pipeline'; Get = { Get-Process -Id $first.Id, $second.Id | Get-ProcessTraffic } }
        @{ How = 'processes as a parameter'; Get = { Get-ProcessTraffic -InputObject (Get-Process -Id $first.Id, $second.Id) } }
        @{ How = 'objects with a property Id'; Get = { $first, $second | Select-Object -Property Id | Get-ProcessTraffic } }
        @{ How = 'objects with a property PID'; Get = { [pscustomobject] @{ PID = $first.Id }, [pscustomobject] @{ PID = $second.Id } | Get-ProcessTraffic } }
        @{ How = 'its own output'; Get = { Get-ProcessTraffic -Id $first.Id, $second.Id | Get-ProcessTraffic } }
    ) {
        @((& $Get).ProcessId | Sort-Object) | Should -Be @($first.Id, $second.Id | Sort-Object)
    }

    It 'gives processes of a pipeline that names some by id and others by process' {
        $mixed = [pscustomobject] @{ Id = $first.Id }, (Get-Process -Id $second.Id), [pscustomobject] @{ Name = 'no such*' }
        @(($mixed | Get-ProcessTraffic).ProcessId | Sort-Object) | Should -Be @($first.Id, $second.Id | Sort-Object)
    }

    It 'gives processes by name: <Name>' -ForEach @(
        @{ Name = 'node' }
        @{ Name = 'NODE' }
        @{ Name = 'n?de*' }
        @{ Name = '[mn]ode*' }
    ) {
        # Node.js names its main thread, which is what the kernel knows a process by.
        $named = (Get-ProcessTraffic -Id $first.Id).ProcessName
        $pattern = $Name -replace 'node', $named
        (Get-ProcessTraffic -Name $pattern).ProcessId | Should -Contain $first.Id
        (Get-ProcessTraffic $pattern).ProcessId | Should -Contain $second.Id
        ([pscustomobject] @{ ProcessName = $pattern } | Get-ProcessTraffic).ProcessId | Should -Contain $first.Id
    }

    It 'gives what Stop-Process takes for that one process, of several with its name: <What>' -ForEach @(
        @{ What = 'traffic'; Get = { Get-ProcessTraffic -Id $sleeper.Id } }
        @{ What = 'connections'; Get = { Get-ProcessConnection -Id $sleeper.Id } }
        @{ What = 'a limit'; Get = { Set-ProcessBandwidthLimit -Id $sleeper.Id -Upload 1GB -PassThru } }
    ) {
        $sleeper = Start-Application -Sends 1 -Receives 1
        & $Get | Should -Not -BeNullOrEmpty
        & $Get | Select-Object -First 1 | Stop-Process
        $sleeper.Process.WaitForExit(5000) | Should -BeTrue
        $first.Process.HasExited, $second.Process.HasExited | Should -Be $false, $false
    }

    It 'takes a wildcard literally after a backtick' {
        Get-ProcessTraffic -Name 'n`*' -ErrorAction SilentlyContinue -ErrorVariable problems | Should -BeNullOrEmpty
        $problems.TargetObject | Should -Be 'n*'
    }

    It 'gives all processes where none is named, and nothing for an empty pipeline' {
        $all = (Get-ProcessTraffic).ProcessId
        $all | Should -Contain $first.Id
        $all | Should -Contain $second.Id
        @() | Get-ProcessTraffic | Should -BeNullOrEmpty
    }

    It 'goes through all processes of Get-Process, traffic or not' {
        # Some may end in between, which is one error each.
        $ids = (Get-Process | Get-ProcessTraffic -ErrorAction SilentlyContinue).ProcessId
        $ids | Should -Contain $first.Id
        $ids | Should -Contain $second.Id
    }

    It 'says nothing of a process without sockets and traffic' {
        $sleeper = Start-Program '/bin/sleep' 100
        try { Get-ProcessTraffic -Id $sleeper.Id -ErrorAction Stop | Should -BeNullOrEmpty }
        finally { Stop-Program $sleeper }
    }

    It 'gives processes that have ended where that is asked for' {
        $ended = Start-Application -Sends 3331 -Receives 17
        Stop-Program $ended.Process
        Get-ProcessTraffic -Id $ended.Id -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $traffic = Get-ProcessTraffic -Id $ended.Id -Exited
        $traffic.Exited | Should -BeTrue
        $traffic.CommandLine | Should -Match '/application\.mjs 3331 17$'
        $traffic.UploadBytes, $traffic.DownloadBytes | Should -Be 3331, 17
    }

    It 'counts this shell too' {
        $before = Get-ProcessTraffic -Id $PID
        Send-Loopback -Bytes 12345
        $after = Get-ProcessTraffic -Id $PID
        $base = if ($before) { $before.UploadBytes, $before.DownloadBytes } else { 0, 0 }
        $after.UploadBytes - $base[0] | Should -BeExactly 24690
        $after.DownloadBytes - $base[1] | Should -BeExactly 24690
    }

    It 'starts the driver where it does not run, and says so with -Verbose' {
        Stop-NetFlowDriver -Confirm:$false
        try { $said = Get-ProcessTraffic -Id $PID -Verbose 4>&1 | Where-Object -FilterScript { $_ -is [System.Management.Automation.VerboseRecord] } }
        finally { Start-NetFlowDriver }
        @($said).Message | Should -Be "Asking the host for the traffic of the ids $PID", 'Starting the driver'
    }
}
