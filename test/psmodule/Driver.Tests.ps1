BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    Start-NetFlowDriver
    function Get-State { (Invoke-CommandLine driver status --json).state }
}

AfterAll {
    Start-NetFlowDriver
}

Describe 'Get-NetFlowDriver' {
    It 'gives what the command line gives, field by field and in its order' {
        $driver = Get-NetFlowDriver
        $status = Invoke-CommandLine driver status --json
        $driver | Should -BeOfType 'NetFlow.DriverStatus'
        $names = $driver.PSObject.Properties.Name
        $names | Should -BeExactly @($status.PSObject.Properties.Name | ForEach-Object -Process { $_.Substring(0, 1).ToUpperInvariant() + $_.Substring(1) })
        foreach ($name in 'Driver', 'State', 'Version', 'LostEvents', 'UnattributedBytes') { $driver.$name | Should -BeExactly $status.$name -Because $name }
        $driver.Since.ToUniversalTime() | Should -BeExactly $status.Since.ToUniversalTime()
        # The module has its own copy of the BPF object.
        $found = ($driver.Requirements | ConvertTo-Json).Replace("$Root/dist/module/NetFlow", $Root)
        $found | Should -BeExactly ($status.requirements | Select-Object -Property @{ n = 'Name'; e = 'name' }, @{ n = 'Ok'; e = 'ok' }, @{ n = 'Detail'; e = 'detail' } | ConvertTo-Json)
    }

    It 'does not start it' {
        Stop-NetFlowDriver -Confirm:$false
        $driver = Get-NetFlowDriver
        $driver.State, $driver.Since | Should -Be 'stopped', $null
        Get-State | Should -Be 'stopped'
    }
}

Describe 'Start- and Stop-NetFlowDriver' {
    It 'do what they say, once or twice, and put nothing out' {
        foreach ($time in 1, 2) {
            Start-NetFlowDriver | Should -BeNullOrEmpty
            Get-State | Should -Be 'running'
        }
        foreach ($time in 1, 2) {
            Stop-NetFlowDriver -Confirm:$false | Should -BeNullOrEmpty
            Get-State | Should -Be 'stopped'
        }
    }
}

Describe 'Install- and Uninstall-NetFlowDriver' {
    It 'installs where systemd runs; elsewhere an error says why not' {
        Install-NetFlowDriver -ErrorAction SilentlyContinue -ErrorVariable problems
        if (Test-Path -Path /run/systemd/system) {
            $problems | Should -BeNullOrEmpty
            return
        }
        @($problems).Count | Should -Be 1
        $problems[0].FullyQualifiedErrorId | Should -Match '^NetFlow\.\w+,Install-NetFlowDriver$'
        $told = & $Node "$Root/bin/netflow.js" driver install 2>&1
        [string] $told | Should -BeExactly "netflow: $($problems[0].Exception.Message)"
    }

    It 'uninstalls what is there' {
        Start-NetFlowDriver
        Uninstall-NetFlowDriver -Confirm:$false -ErrorAction Stop
        Get-State | Should -Be 'stopped'
    }
}
