BeforeDiscovery {
    . $PSScriptRoot/support/Support.ps1
    $names = @('with-hyphen', '-first', 'spa ce', 'quote''d', 'br[1]', 'dollar$1', 'longer-than-the-fifteen-that-the-kernel-keeps' | ForEach-Object -Process { @{ Name = $_ } })
    $commands = 'Get-ProcessTraffic', 'Get-ProcessConnection'
}

BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    Start-NetFlowDriver
    $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $bash = (Get-Command -Name bash -CommandType Application | Select-Object -First 1).Source
    $programs = @{}

    # A process of that name that has sent four bytes and stays.
    function Start-Named([string] $Name) {
        Copy-Item -LiteralPath $bash -Destination "$TestDrive/copy"
        [System.IO.File]::Move("$TestDrive/copy", "$TestDrive/$Name")
        $process = Start-Program "$TestDrive/$Name" -c "exec 3<>/dev/tcp/127.0.0.1/$($listener.LocalEndpoint.Port) && printf four >&3 && echo sent && read line"
        $process.StandardOutput.ReadLine() | Should -BeExactly 'sent'
        $programs[$Name] = $process
        $process
    }

    function Complete([string] $Line) {
        @((TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches | Where-Object -Property ResultType -EQ -Value 'ParameterValue')
    }
}

AfterAll {
    foreach ($process in $programs.Values) { Stop-Program $process }
    $listener.Stop()
}

Describe 'a process named <Name>' -ForEach $names {
    BeforeAll {
        $process = Start-Named $Name
        $escaped = [System.Management.Automation.WildcardPattern]::Escape($Name)
    }

    It 'has its name, and is found by it: <_>' -ForEach $commands {
        $found = & $_ -Name $escaped -ErrorAction Stop
        $found.ProcessId | Should -Be $process.Id
        $found.ProcessName | Should -BeExactly $Name
        $found.UploadBytes | Should -Be 4
    }

    It 'is found by the beginning of it: <_>' -ForEach $commands {
        $beginning = [System.Management.Automation.WildcardPattern]::Escape($Name.Substring(0, 4)) + '*'
        (& $_ -Name $beginning -ErrorAction Stop).ProcessId | Should -Contain $process.Id
    }

    It 'is completed so that the command line means it: <_>' -ForEach $commands {
        $typed = $Name.Substring(0, 2)
        $text = (Complete "$_ -Name '$typed" | Where-Object -Property ListItemText -CEQ -Value $Name).CompletionText
        $text | Should -HaveCount 1
        $found = & ([scriptblock]::Create("$_ -Name $text -ErrorAction Stop"))
        $found.ProcessId | Should -Be $process.Id
    }
}

Describe 'a program whose file was deleted, as an update does' {
    It 'keeps its name' {
        $name = 'deleted-after-its-start'
        $process = Start-Named $name
        Remove-Item -LiteralPath "$TestDrive/$name"
        (Complete 'Get-ProcessTraffic -Name deleted').CompletionText | Should -BeExactly $name
        (Get-ProcessTraffic -Name $name).ProcessId | Should -Be $process.Id
        (Set-ProcessBandwidthLimit -Name $name -Upload 1MB -PassThru).ProcessId | Should -Be $process.Id
    }
}

Describe 'ids' {
    It 'are completed in order, all that run: <_>' -ForEach $commands {
        $ids = (Complete "$_ -Id ").CompletionText
        $ids | Should -Contain ([string] $PID)
        $ids | Should -Be @($ids | Sort-Object -Property { [int] $_ })
    }

    It 'are completed as typed, after a comma too' {
        $typed = ([string] $PID).Substring(0, 1)
        foreach ($match in Complete "Get-ProcessTraffic -Id 1,$typed") { $match.CompletionText | Should -MatchExactly "^$typed" }
    }
}

Describe 'completion' {
    It 'does not start a host' {
        Invoke-Shell "[NetFlow.Bridge]::Close(); `$null = TabExpansion2 -inputScript 'Get-ProcessTraffic -Id ' -cursorColumn 23; [NetFlow.Bridge]::HostProcessId" | Should -BeExactly '0'
    }
}
