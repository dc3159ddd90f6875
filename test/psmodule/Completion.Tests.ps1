BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    $sleeper = Start-Program '/bin/sleep' 100
    function Get-Completion([string] $Line) { (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches }
}

AfterAll {
    Stop-Program $sleeper
}

Describe 'tab completion' {
    It 'offers what runs: <Line>' -ForEach @(
        @{ Line = 'Get-ProcessTraffic -Name slee'; Expected = 'sleep' }
        @{ Line = 'Get-ProcessTraffic slee'; Expected = 'sleep' }
        @{ Line = 'Get-ProcessTraffic -Name SLEE'; Expected = 'sleep' }
        @{ Line = 'Get-ProcessConnection -Name slee'; Expected = 'sleep' }
        @{ Line = "Get-ProcessConnection -Name 'slee"; Expected = 'sleep' }
        @{ Line = 'Get-ProcessTraffic -'; Expected = '-Continuous' }
        @{ Line = 'Set-ProcessBandwidthLimit -Name slee'; Expected = 'sleep' }
        @{ Line = 'Set-ProcessBandwidthLimit slee'; Expected = 'sleep' }
        @{ Line = 'Import-ProcessBandwidthPolicy -'; Expected = '-Path' }
        @{ Line = 'Set-ProcessBandwidthLimit -Path /x -Upload 10m'; Expected = '10mbit' }
    ) {
        (Get-Completion $Line).CompletionText | Should -Contain $Expected
    }

    It 'offers ids, with the name of each beside it: <_>' -ForEach 'Get-ProcessTraffic', 'Get-ProcessConnection', 'Set-ProcessBandwidthLimit' {
        $found = Get-Completion "$_ -Id $($sleeper.Id)" | Where-Object -Property CompletionText -EQ -Value ([string] $sleeper.Id)
        $found.ListItemText | Should -Be "$($sleeper.Id) sleep"
        $found.ToolTip | Should -Be 'sleep'
    }

    It 'offers each name once' {
        $again = Start-Program '/bin/sleep' 100
        try { @((Get-Completion 'Get-ProcessTraffic slee').CompletionText | Where-Object -FilterScript { $_ -eq 'sleep' }).Count | Should -Be 1 }
        finally { Stop-Program $again }
    }

    It 'offers no threads of the kernel' {
        $kernel = Get-Process | Where-Object -FilterScript { $_.Id -ne $PID -and (Get-Content -LiteralPath "/proc/$($_.Id)/cmdline" -Raw -ErrorAction Ignore) -in $null, '' } | Select-Object -First 1
        if ($null -eq $kernel) { Set-ItResult -Skipped -Because 'none is seen here'; return }
        @(Get-Completion "Get-ProcessTraffic -Id $($kernel.Id)" | ForEach-Object -MemberName CompletionText) | Should -Not -Contain ([string] $kernel.Id)
    }

    It 'offers what has a limit where one is removed or shown: <_>' -ForEach 'Get-ProcessBandwidthLimit', 'Remove-ProcessBandwidthLimit' {
        Start-NetFlowDriver
        $path = "$TestDrive/limited sleep"
        [System.IO.File]::Copy('/bin/sleep', $path, $true)
        Set-ProcessBandwidthLimit -Id $sleeper.Id -Upload 1MB
        Set-ProcessBandwidthLimit -LiteralPath $path -Upload 1MB
        try {
            (Get-Completion "$_ -Id ").CompletionText | Should -BeExactly ([string] $sleeper.Id)
            (Get-Completion "$_ -Path limited").CompletionText | Should -BeExactly "'$path'"
        }
        finally { Clear-Limit }
    }

    It 'offers no name where none fits' {
        @(Get-Completion 'Get-ProcessTraffic -Name nosuchname' | Where-Object -Property ResultType -EQ -Value 'ParameterValue').Count | Should -Be 0
    }
}

Describe 'tab completion of a path' {
    BeforeAll {
        $null = New-Item -Path "$TestDrive/a folder" -ItemType Directory
        $program = "$TestDrive/a folder/net[flow]sleep"
        [System.IO.File]::Copy('/bin/sleep', $program)
        $named = Start-Program $program 100
    }

    AfterAll {
        Stop-Program $named
    }

    It 'offers what runs, by its path and by its name, so that the command line means it: <_>' -ForEach @(
        'Set-ProcessBandwidthLimit -Path', 'Set-ProcessBandwidthLimit -LiteralPath'
    ) {
        foreach ($typed in "'$TestDrive/a fol", 'net') {
            $match = @(Get-Completion "$_ $typed" | Where-Object -Property ListItemText -CEQ -Value $program)
            $match.Count | Should -Be 1 -Because $typed
            $text = & ([scriptblock]::Create("Write-Output $($match[0].CompletionText)"))
            if ($_ -notlike '*Literal*') { $text = [System.Management.Automation.WildcardPattern]::Unescape($text) }
            $text | Should -BeExactly $program
        }
    }

    It 'offers files as well, after what runs' {
        Set-Content -Path "$TestDrive/plainfile" -Value ''
        (Get-Completion "Set-ProcessBandwidthLimit -Path $TestDrive/plain").CompletionText | Should -BeExactly "$TestDrive/plainfile"
        (Get-Completion "Import-ProcessBandwidthPolicy -Path $TestDrive/plain").CompletionText | Should -BeExactly "$TestDrive/plainfile"
    }
}

Describe "the command line's completion in PowerShell" {
    It 'offers what a command takes' {
        Set-Content -Path "$TestDrive/netflow" -Value '#!/bin/sh', ('exec "{0}" "{1}/bin/netflow.js" "$@"' -f $Node, $Root)
        chmod +x "$TestDrive/netflow"
        $before = $env:PATH
        $env:PATH = "$TestDrive`:$before"
        try {
            netflow completion powershell | Out-String | Invoke-Expression
            $offered = (Get-Completion 'netflow list --sort=upl').CompletionText
        }
        finally { $env:PATH = $before }
        $offered | Should -Be @('--sort=uploadBytes', '--sort=uploadSpeed', '--sort=uploadLimit')
    }
}
