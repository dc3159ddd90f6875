BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow

    # In a script of its own, as users have them, and in a runspace where the tests' own preferences are not in the way.
    function Invoke-Script([string] $Text) {
        Set-Content -Path "$TestDrive/script.ps1" -Value $Text
        $shell = [powershell]::Create()
        try { $shell.AddScript("Import-Module -Name '$Manifest'; & '$TestDrive/script.ps1' *>&1").Invoke() | ForEach-Object -Process { [string] $_ } }
        finally { $shell.Dispose() }
    }
}

AfterAll {
    Start-NetFlowDriver
}

# A function of a module sees the global preferences, but not those of the script that calls it, unless it looks for them.
Describe 'a preference that a script sets for itself' {
    It 'stops at an error: $ErrorActionPreference = Stop, with <Command>' -ForEach @(
        @{ Command = 'Get-ProcessTraffic' }
        @{ Command = 'Get-ProcessConnection' }
        @{ Command = 'Get-ProcessBandwidthLimit' }
        @{ Command = 'Remove-ProcessBandwidthLimit' }
    ) {
        Invoke-Script "`$ErrorActionPreference = 'Stop'; try { $Command -Id 999999; 'went on' } catch { 'caught ' + `$_.FullyQualifiedErrorId }" | Should -BeExactly "caught NetFlow.NotFound,$Command"
    }

    It 'says nothing of an error: $ErrorActionPreference = SilentlyContinue' {
        Invoke-Script "`$ErrorActionPreference = 'SilentlyContinue'; Get-ProcessTraffic -Id 999999; 'went on'" | Should -BeExactly 'went on'
    }

    It 'gives way to -ErrorAction' {
        Invoke-Script "`$ErrorActionPreference = 'Stop'; Get-ProcessTraffic -Id 999999 -ErrorAction Ignore; 'went on'" | Should -BeExactly 'went on'
    }

    It 'says what goes on: $VerbosePreference = Continue' {
        [string] (Invoke-Script "`$VerbosePreference = 'Continue'; `$null = Get-ProcessTraffic -Id `$PID 4>&1; Get-ProcessTraffic -Id `$PID 4>&1") | Should -Match 'Asking the host'
    }

    It 'changes nothing: $WhatIfPreference, with <_>' -ForEach 'Stop-NetFlowDriver', 'Uninstall-NetFlowDriver' {
        Start-NetFlowDriver
        Invoke-Script "`$WhatIfPreference = `$true; $_; 'went on'" | Should -BeExactly 'went on'
        (Invoke-CommandLine driver status --json).state | Should -Be 'running'
    }

    It 'asks: $ConfirmPreference = Low' {
        Start-NetFlowDriver
        # Nobody can be asked there, which is an error.
        Invoke-Script "`$ConfirmPreference = 'Low'; try { Start-NetFlowDriver; 'went on' } catch { 'asked' }" | Should -BeExactly 'asked'
        Invoke-Script "`$ConfirmPreference = 'None'; Remove-ProcessBandwidthLimit -All; 'went on'" | Should -BeExactly 'went on'
        (Invoke-CommandLine driver status --json).state | Should -Be 'running'
    }
}
