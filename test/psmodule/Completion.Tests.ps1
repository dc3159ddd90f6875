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
    ) {
        (Get-Completion $Line).CompletionText | Should -Contain $Expected
    }

    It 'offers ids, with the name of each beside it: <_>' -ForEach 'Get-ProcessTraffic', 'Get-ProcessConnection' {
        $found = Get-Completion "$_ -Id $($sleeper.Id)" | Where-Object -Property CompletionText -EQ -Value ([string] $sleeper.Id)
        $found.ListItemText | Should -Be "$($sleeper.Id) sleep"
        $found.ToolTip | Should -Be 'sleep'
    }

    It 'offers each name once' {
        $again = Start-Program '/bin/sleep' 100
        try { @((Get-Completion 'Get-ProcessTraffic slee').CompletionText | Where-Object -FilterScript { $_ -eq 'sleep' }).Count | Should -Be 1 }
        finally { Stop-Program $again }
    }

    It 'offers no name where none fits' {
        @(Get-Completion 'Get-ProcessTraffic -Name nosuchname' | Where-Object -Property ResultType -EQ -Value 'ParameterValue').Count | Should -Be 0
    }
}
