BeforeDiscovery {
    $changing = @('Start-NetFlowDriver', 'Stop-NetFlowDriver', 'Install-NetFlowDriver', 'Uninstall-NetFlowDriver' | ForEach-Object -Process { @{ Command = $_ } })
    # What they are given, in the words of -WhatIf: the operation and its target.
    $limiting = @(
        @{ Command = 'Set-ProcessBandwidthLimit'; Arguments = '-Id $PID -Upload 2MB'; Operation = 'Limit the bandwidth: upload 2MB'; Target = "process $PID " }
        @{ Command = 'Set-ProcessBandwidthLimit'; Arguments = "-LiteralPath '/opt/netflow test' -Upload none -Download 10mbit -Shared"; Operation = 'Limit the bandwidth: upload none, download 10mbit, shared'; Target = '/opt/netflow test' }
        @{ Command = 'Remove-ProcessBandwidthLimit'; Arguments = '-Id $PID'; Operation = 'Remove the limit of the bandwidth'; Target = "process $PID " }
        @{ Command = 'Remove-ProcessBandwidthLimit'; Arguments = "-Path '*/netflow test'"; Operation = 'Remove the limit of the bandwidth'; Target = '/opt/netflow test' }
        @{ Command = 'Remove-ProcessBandwidthLimit'; Arguments = '-All'; Operation = 'Remove the limit of the bandwidth'; Target = 'all that no policy has limited' }
        @{ Command = 'Import-ProcessBandwidthPolicy'; Arguments = "-Path 'TESTDRIVE/policy.csv'"; Operation = 'Make the limits for paths equal to this file'; Target = 'TESTDRIVE/policy.csv' }
        @{ Command = 'Export-ProcessBandwidthPolicy'; Arguments = "-Path 'TESTDRIVE/policy.csv'"; Operation = 'Write the limits for paths to this file'; Target = 'TESTDRIVE/policy.csv' }
        @{ Command = 'Update-ProcessBandwidthPolicy'; Arguments = ''; Operation = 'Apply its policy'; Target = 'the limits of this machine' }
    )
    # A function sees the global preferences; those of a script: Preference.Tests.ps1.
    $unchanging = @(
        @{ How = 'with -WhatIf'; Before = ''; Options = '-WhatIf'; Asks = $false }
        @{ How = 'where $WhatIfPreference says so'; Before = '$global:WhatIfPreference = $true; '; Options = ''; Asks = $false }
        @{ How = 'where it has to ask and nobody can answer: -Confirm'; Before = ''; Options = '-Confirm'; Asks = $true }
        @{ How = 'where it has to ask and nobody can answer: $ConfirmPreference'; Before = '$global:ConfirmPreference = "Low"; '; Options = ''; Asks = $true }
    )
}

BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow

    $changing = 'Start-NetFlowDriver', 'Stop-NetFlowDriver', 'Install-NetFlowDriver', 'Uninstall-NetFlowDriver'
    $limiting = 'Set-ProcessBandwidthLimit', 'Remove-ProcessBandwidthLimit', 'Import-ProcessBandwidthPolicy', 'Export-ProcessBandwidthPolicy', 'Update-ProcessBandwidthPolicy'

    # All that the cmdlets could change.
    function Get-Machine {
        $status = Get-NetFlowDriver
        $units = Get-ChildItem -Path '/etc/systemd/system', '/run/systemd/system' -Filter '*netflow*' -Recurse -Name -ErrorAction Ignore
        $pins = Get-ChildItem -Path '/sys/fs/bpf' -Filter 'netflow*' -Recurse -Name -ErrorAction Ignore
        '{0} {1:o}; units: {2}; pins: {3}' -f $status.State, $status.Since, "$units", "$pins"
    }

    # Where nobody can be asked: a runspace without a host of its own.
    function Invoke-Unattended([string] $Code) {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module -Name '$Manifest'").Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddScript($Code).Invoke()
            @($shell.Streams.Error)
        }
        catch { $_ }
        finally { $shell.Dispose() }
    }
}

AfterAll {
    Start-NetFlowDriver
}

Describe '<Command>, where the driver is <State>' -ForEach @(foreach ($state in 'running', 'stopped') { foreach ($command in $changing) { $command + @{ State = $state } } }) {
    BeforeAll {
        if ($State -eq 'running') { Start-NetFlowDriver } else { Stop-NetFlowDriver -Confirm:$false }
        $machine = Get-Machine
        $machine | Should -Match "^$State "
    }

    It 'changes nothing <How>' -ForEach $unchanging {
        @(Invoke-Unattended "$Before$Command $Options").Count -gt 0 | Should -Be $Asks
        Get-Machine | Should -BeExactly $machine
    }
}

Describe '<Command> <Arguments>' -ForEach $limiting {
    BeforeAll {
        Start-NetFlowDriver
        Clear-Limit
        $policy = "$TestDrive/policy.csv"
        Set-Content -Path $policy -Value 'Path,Upload,Download,Shared', '/opt/netflow policy,1MB,,'
        Set-ProcessBandwidthLimit -Id $PID -Upload 1MB
        Set-ProcessBandwidthLimit -LiteralPath '/opt/netflow test' -Upload 1MB
        $given, $named = $Arguments.Replace('TESTDRIVE', $TestDrive), $Target.Replace('TESTDRIVE', $TestDrive)

        # All that these could change.
        function Get-Limited {
            $limits = Get-ProcessBandwidthLimit | ConvertTo-Json -Compress
            "$limits $([System.IO.File]::ReadAllText($policy)) $([System.IO.File]::GetLastWriteTimeUtc($policy).Ticks)"
        }
        $limited = Get-Limited
        $limited | Should -Match '/opt/netflow test'
    }

    AfterAll {
        Clear-Limit
    }

    It 'changes nothing <How>' -ForEach $unchanging {
        @(Invoke-Unattended "$Before$Command $given $Options").Count -gt 0 | Should -Be $Asks
        Get-Limited | Should -BeExactly $limited
    }

    It 'does it with -Confirm:$false where everything else would be asked' {
        Invoke-Unattended "`$global:ConfirmPreference = 'Low'; $Command $given -Confirm:`$false" | Should -BeNullOrEmpty
        if ($Command -ne 'Update-ProcessBandwidthPolicy') { Get-Limited | Should -Not -BeExactly $limited }
    }
}

Describe 'what loses counts or all limits' {
    It 'asks by itself: <_>' -ForEach 'Stop-NetFlowDriver', 'Uninstall-NetFlowDriver', 'Remove-ProcessBandwidthLimit -All' {
        Start-NetFlowDriver
        Set-ProcessBandwidthLimit -Id $PID -Upload 1MB
        $machine = Get-Machine
        @(Invoke-Unattended $_).Count | Should -Be 1
        Get-Machine | Should -BeExactly $machine
        (Get-ProcessBandwidthLimit).ProcessId | Should -Be $PID
        Invoke-Unattended "Remove-ProcessBandwidthLimit -Id $PID" | Should -BeNullOrEmpty
    }
}

Describe '-WhatIf and -Confirm' {
    It 'are there where something is changed, and only there' {
        foreach ($name in 'WhatIf', 'Confirm') {
            @((Get-Command -Module NetFlow -ParameterName $name).Name | Sort-Object) | Should -BeExactly @($changing + $limiting | Sort-Object)
        }
        @((Get-Command -Module NetFlow).Name | Where-Object -FilterScript { $_ -notmatch '^(Get|Measure|Test)-' } | Sort-Object) | Should -BeExactly @($changing + $limiting | Sort-Object)
    }
}

Describe 'what -WhatIf says' -ForEach @{ Limiting = $limiting } {
    It 'is a line for each target, which names it and the operation' {
        Start-NetFlowDriver
        Clear-Limit
        Set-Content -Path "$TestDrive/policy.csv" -Value 'Path,Upload,Download,Shared', '/opt/netflow policy,1MB,,'
        Set-ProcessBandwidthLimit -Id $PID -Upload 1MB
        Set-ProcessBandwidthLimit -LiteralPath '/opt/netflow test' -Upload 1MB
        $calls = @($Limiting | ForEach-Object -Process { "$($_.Command) $($_.Arguments)" }) + @(
            "Set-ProcessBandwidthLimit -LiteralPath '/opt/one', '/opt/two' -Upload 1MB"
            'Get-ProcessBandwidthLimit | Remove-ProcessBandwidthLimit'
        ) + $changing
        $named = @($Limiting | ForEach-Object -Process {
                "Performing the operation `"$($_.Operation)`" on target `"$($_.Target)*`"."
                if ($_.Command -like 'Import-*') { '/opt/netflow policy: then upload 1MB, download none; now no rule' }
            }) + @(
            '/opt/one', '/opt/two', "process $PID ", '/opt/netflow test' | ForEach-Object -Process { "Performing the operation `"*the bandwidth*`" on target `"$_*`"." }
        ) + @('Performing the operation "*" on target "the driver of NetFlow".') * $changing.Count
        # Its own shell, so that what a host would show can be read; the process is this one.
        $said = @(Invoke-Shell (@($calls | ForEach-Object -Process { "$_ -WhatIf" }) -join '; ').Replace('TESTDRIVE', $TestDrive).Replace('$PID', $PID))
        Clear-Limit
        $said.Count | Should -Be $named.Count
        foreach ($index in 0..($named.Count - 1)) { $said[$index] | Should -BeLike "What if: $($named[$index].Replace('TESTDRIVE', $TestDrive))" }
        @($said | Select-Object -Last $changing.Count -Unique).Count | Should -Be $changing.Count
    }
}

Describe 'Stop-NetFlowDriver and Start-NetFlowDriver with -Confirm:$false' {
    It 'do what they say where everything else would be asked, and leave nothing or all in the kernel' {
        Start-NetFlowDriver
        Invoke-Unattended '$global:ConfirmPreference = "Low"; Stop-NetFlowDriver -Confirm:$false' | Should -BeNullOrEmpty
        Get-Machine | Should -Match '^stopped ; .*pins: $'
        Invoke-Unattended '$global:ConfirmPreference = "Low"; Start-NetFlowDriver -Confirm:$false' | Should -BeNullOrEmpty
        Get-Machine | Should -Match '^running \S+; .*pins: .*netflow'
    }
}
