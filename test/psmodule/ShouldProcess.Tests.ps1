BeforeDiscovery {
    $changing = @('Start-NetFlowDriver', 'Stop-NetFlowDriver', 'Install-NetFlowDriver', 'Uninstall-NetFlowDriver' | ForEach-Object -Process { @{ Command = $_ } })
    $states = @('running', 'stopped' | ForEach-Object -Process { @{ State = $_ } })
}

BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow

    $changing = 'Start-NetFlowDriver', 'Stop-NetFlowDriver', 'Install-NetFlowDriver', 'Uninstall-NetFlowDriver'

    # All that the cmdlets could change, as the command line and the file system know it.
    function Get-Machine {
        $status = & $Node "$Root/bin/netflow.js" driver status --json
        $state, $since = ($status | ConvertFrom-Json).state, ($status | Select-String -Pattern '"since": *[^,]+').Matches.Value
        $units = Get-ChildItem -Path '/etc/systemd/system', '/run/systemd/system' -Filter '*netflow*' -Recurse -Name -ErrorAction Ignore
        $pins = Get-ChildItem -Path '/sys/fs/bpf' -Filter 'netflow*' -Recurse -Name -ErrorAction Ignore
        "$state $since; units: $units; pins: $pins"
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

Describe '<Command>, where the driver is <State>' -ForEach @(foreach ($command in $changing) { foreach ($state in $states) { $command + $state } }) {
    BeforeAll {
        if ($State -eq 'running') { Start-NetFlowDriver } else { Stop-NetFlowDriver -Confirm:$false }
        $before = Get-Machine
        $before | Should -Match "^$State "
    }

    It 'changes nothing <How>' -ForEach @(
        @{ How = 'with -WhatIf'; Preference = ''; Options = '-WhatIf' }
        @{ How = 'with -WhatIf, confirmed or not'; Preference = ''; Options = '-WhatIf -Confirm:$false' }
        @{ How = 'where $WhatIfPreference says so'; Preference = '$global:WhatIfPreference = $true'; Options = '' }
    ) {
        Invoke-Unattended "$Preference; $Command $Options" | Should -BeNullOrEmpty
        Get-Machine | Should -BeExactly $before
    }

    It 'changes nothing where it has to ask and nobody can answer: <How>' -ForEach @(
        @{ How = '-Confirm'; Preference = ''; Options = '-Confirm' }
        @{ How = '$ConfirmPreference'; Preference = '$global:ConfirmPreference = "Low"'; Options = '' }
    ) {
        Invoke-Unattended "$Preference; $Command $Options" | Should -Not -BeNullOrEmpty
        Get-Machine | Should -BeExactly $before
    }
}

Describe '-WhatIf and -Confirm' {
    It 'are there where something is changed, and only there' {
        foreach ($name in 'WhatIf', 'Confirm') {
            @((Get-Command -Module NetFlow -ParameterName $name).Name | Sort-Object) | Should -BeExactly @($changing | Sort-Object)
        }
        @((Get-Command -Module NetFlow).Name | Where-Object -FilterScript { $_ -notmatch '^(Get|Measure)-' } | Sort-Object) | Should -BeExactly @($changing | Sort-Object)
    }
}

Describe 'what -WhatIf says' {
    It 'names the operation and the driver, one line for each command' {
        $said = @(Invoke-Shell (@($changing | ForEach-Object -Process { "$_ -WhatIf" }) -join '; '))
        $said.Count | Should -Be 4
        foreach ($line in $said) { $line | Should -Match '^What if: Performing the operation ".+" on target "the driver of NetFlow"\.$' }
        @($said | Select-Object -Unique).Count | Should -Be 4
    }
}

Describe 'Stop-NetFlowDriver and Start-NetFlowDriver with -Confirm:$false' {
    It 'do what they say where everything else would be asked, and leave nothing or all in the kernel' {
        Start-NetFlowDriver
        Invoke-Unattended '$global:ConfirmPreference = "Low"; Stop-NetFlowDriver -Confirm:$false' | Should -BeNullOrEmpty
        Get-Machine | Should -Match '^stopped "since": *null; .*pins: $'
        Invoke-Unattended '$global:ConfirmPreference = "Low"; Start-NetFlowDriver -Confirm:$false' | Should -BeNullOrEmpty
        Get-Machine | Should -Match '^running "since": *".+; .*pins: .*netflow'
    }

    It 'change nothing where it is so already' {
        Start-NetFlowDriver
        $before = Get-Machine
        Start-NetFlowDriver -Confirm:$false
        Get-Machine | Should -BeExactly $before
    }
}
