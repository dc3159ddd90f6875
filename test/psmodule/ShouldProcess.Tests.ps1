BeforeDiscovery {
    $changing = @('Start-NetFlowDriver', 'Stop-NetFlowDriver', 'Install-NetFlowDriver', 'Uninstall-NetFlowDriver' | ForEach-Object -Process { @{ Command = $_ } })
    $reading = @('Get-ProcessTraffic', 'Get-ProcessConnection', 'Measure-ProcessTraffic', 'Get-NetFlowDriver' | ForEach-Object -Process { @{ Command = $_ } })
}

BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow

    # All that the cmdlets could change, as the command line and the file system know it.
    function Get-Machine {
        $status = & $Node "$Root/bin/netflow.js" driver status --json | ConvertFrom-Json
        $units = Get-ChildItem -Path '/etc/systemd/system', '/run/systemd/system' -Filter '*netflow*' -Recurse -ErrorAction Ignore | ForEach-Object -Process { $_.FullName }
        $pins = Get-ChildItem -Path '/sys/fs/bpf' -Recurse -Exclude '*.debug' -ErrorAction Ignore | ForEach-Object -Process { $_.FullName }
        "$($status.state) since $($status.since); units: $units; pins: $pins"
    }

    # Where nobody can be asked: a runspace without a host of its own.
    function Invoke-Unattended([string] $Code) {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module -Name '$Manifest'").Invoke()
            $shell.Commands.Clear()
            $output = try { $shell.AddScript($Code).Invoke() } catch { $_ }
            [pscustomobject] @{ Output = @($output); Errors = @($shell.Streams.Error) }
        }
        finally { $shell.Dispose() }
    }
}

AfterAll {
    Start-NetFlowDriver
}

Describe '<Command>, which changes something' -ForEach $changing {
    BeforeEach { Start-NetFlowDriver }

    It 'changes nothing with -WhatIf, where the driver runs' {
        $before = Get-Machine
        & $Command -WhatIf
        Get-Machine | Should -BeExactly $before
    }

    It 'changes nothing with -WhatIf, where the driver does not run' {
        Stop-NetFlowDriver -Confirm:$false
        $before = Get-Machine
        & $Command -WhatIf
        $before | Should -Match '^stopped'
        Get-Machine | Should -BeExactly $before
    }

    It 'changes nothing where $WhatIfPreference says so' {
        Stop-NetFlowDriver -Confirm:$false
        $before = Get-Machine
        $null = Invoke-Unattended "`$global:WhatIfPreference = `$true; $Command"
        Get-Machine | Should -BeExactly $before
    }

    It 'says what it would do, and to what' {
        $said = (& $Shell -NoProfile -NonInteractive -Command "Import-Module -Name '$Manifest'; $Command -WhatIf") -join "`n"
        $said | Should -Match '^What if: Performing the operation ".+" on target ".*driver.*"\.$'
    }

    It 'changes nothing with -Confirm where nobody can answer' {
        $before = Get-Machine
        $result = Invoke-Unattended "$Command -Confirm"
        @($result.Output) + $result.Errors | Should -Not -BeNullOrEmpty
        Get-Machine | Should -BeExactly $before
    }

    It 'asks where $ConfirmPreference is low, and -Confirm:$false overrules it' {
        $before = Get-Machine
        $null = Invoke-Unattended "`$global:ConfirmPreference = 'Low'; $Command"
        Get-Machine | Should -BeExactly $before
        (Invoke-Unattended "`$global:ConfirmPreference = 'Low'; $Command -WhatIf -Confirm:`$false").Errors | Should -BeNullOrEmpty
    }

    It 'does not ask by itself in a script' {
        (Get-Command -Name $Command).ScriptBlock.Attributes.Where({ $_ -is [System.Management.Automation.CmdletBindingAttribute] }).ConfirmImpact | Should -Not -Be 'High'
    }
}

Describe '<Command>, which only reads' -ForEach $reading {
    It 'has no -WhatIf and no -Confirm' {
        (Get-Command -Name $Command).Parameters.Keys | Should -Not -Contain 'WhatIf'
        (Get-Command -Name $Command).Parameters.Keys | Should -Not -Contain 'Confirm'
    }
}

Describe 'Stop-NetFlowDriver and Start-NetFlowDriver with -Confirm:$false' {
    BeforeEach { Start-NetFlowDriver }

    It 'do what they say, without a word' {
        (Invoke-Unattended '$ConfirmPreference = "Low"; Stop-NetFlowDriver -Confirm:$false').Errors | Should -BeNullOrEmpty
        Get-Machine | Should -Match '^stopped since ; .*pins: $'
        (Invoke-Unattended '$ConfirmPreference = "Low"; Start-NetFlowDriver -Confirm:$false').Errors | Should -BeNullOrEmpty
        Get-Machine | Should -Match '^running since .+; .*pins: .*netflow'
    }

    It 'do nothing more where it is done already' {
        $before = Get-Machine
        Start-NetFlowDriver -Confirm:$false
        Get-Machine | Should -BeExactly $before
        Stop-NetFlowDriver -Confirm:$false
        { Stop-NetFlowDriver -Confirm:$false -ErrorAction Stop } | Should -Not -Throw
    }
}
