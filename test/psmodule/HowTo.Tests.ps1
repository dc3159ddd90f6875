BeforeDiscovery {
    . $PSScriptRoot/support/Support.ps1
    $blocks = Get-ChildItem -Path "$Root/docs/how-to" -Filter '*.md' | ForEach-Object -Process {
        $page = $_.Name
        [regex]::Matches((Get-Content -Path $_.FullName -Raw), '(?ms)^```powershell\n(.*?)^```') | ForEach-Object -Process { @{ Page = $page; Code = $_.Groups[1].Value; Title = $_.Groups[1].Value.Split("`n")[0] } }
    }
}

BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    Start-NetFlowDriver
    $application = Start-Application
    Push-Location -Path $TestDrive
    # What only Windows has: what a task is made of, and what is registered.
    foreach ($name in 'New-ScheduledTaskPrincipal', 'New-ScheduledTaskAction', 'New-ScheduledTaskTrigger') { Set-Item -Path "function:global:$name" -Value { "$args" } }
    function global:Register-ScheduledTask { $global:registered += @("$args") }
    $global:registered = @()
}

AfterAll {
    Pop-Location
    Stop-Program $application.Process
    Clear-Limit
    Remove-Item -Path 'function:global:*ScheduledTask*'
    Remove-Variable -Name registered -Scope Global
}

Describe 'the pages in docs/how-to' {
    It 'say what runs without an error: <Page>, <Title>' -ForEach $blocks {
        $ErrorActionPreference = 'Stop'
        if ($Code -match 'Stop-Process') { $WhatIfPreference = $true; $Code = $Code -replace '-Confirm' }
        { & ([scriptblock]::Create(($Code -replace '-Interval 60 -Count 60', '-Interval 0.1 -Count 6'))) } | Should -Not -Throw
    }

    It 'have limited by policy, and made tasks for both hours' {
        (Get-ProcessBandwidthLimit -Path /usr/bin/rsync).Source | Should -Be 'policy'
        @($registered | Sort-Object).Count | Should -Be 2
        @($registered | Sort-Object)[0] | Should -Match 'Backup limit 1800.*Remove-ProcessBandwidthLimit.* 18:00'
        @(Import-Csv -Path traffic.csv | Where-Object -Property ProcessId -EQ -Value $application.Id).Count | Should -Be 6
    }
}
