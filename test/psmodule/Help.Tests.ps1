BeforeDiscovery {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    $commands = Get-Command -Module NetFlow | ForEach-Object -Process { @{ Name = $_.Name; Command = $_ } }
    $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
    $parameters = $commands | ForEach-Object -Process {
        $command = $_
        $command.Command.Parameters.Keys | Where-Object -FilterScript { $_ -notin $common } | ForEach-Object -Process { @{ Name = $command.Name; Parameter = $_ } }
    }
    $examples = $commands | ForEach-Object -Process {
        $name = $_.Name
        (Get-Help -Name $name -Full).examples.example | ForEach-Object -Process { @{ Name = $name; Code = $_.code; Title = $_.code.Split("`n")[0] } }
    }
}

BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    # What each command puts out, to be compared with what it says that it does.
    $outputs = @{
        'Get-ProcessTraffic' = { Get-ProcessTraffic -Id $PID, $application.Id }
        'Get-ProcessConnection' = { Get-ProcessConnection -Id $application.Id }
        'Measure-ProcessTraffic' = { Measure-ProcessTraffic { } }
        'Get-NetFlowDriver' = { Get-NetFlowDriver }
        'Start-NetFlowDriver' = { Start-NetFlowDriver }
        'Stop-NetFlowDriver' = { Stop-NetFlowDriver -Confirm:$false }
        'Install-NetFlowDriver' = { Install-NetFlowDriver -WhatIf }
        'Uninstall-NetFlowDriver' = { Uninstall-NetFlowDriver -WhatIf }
        'Set-ProcessBandwidthLimit' = { Set-ProcessBandwidthLimit -Id $application.Id -Upload 1MB -PassThru }
        'Get-ProcessBandwidthLimit' = { Set-ProcessBandwidthLimit -Id $application.Id -Upload 1MB; Get-ProcessBandwidthLimit }
        'Remove-ProcessBandwidthLimit' = { Set-ProcessBandwidthLimit -Id $application.Id -Upload 1MB; Remove-ProcessBandwidthLimit -Id $application.Id }
        'Export-ProcessBandwidthPolicy' = { Export-ProcessBandwidthPolicy -Path "$TestDrive/limits.csv" }
        'Import-ProcessBandwidthPolicy' = { Export-ProcessBandwidthPolicy -Path "$TestDrive/limits.csv"; Import-ProcessBandwidthPolicy -Path "$TestDrive/limits.csv" }
        'Test-ProcessBandwidthPolicy' = { Export-ProcessBandwidthPolicy -Path "$TestDrive/limits.csv"; Test-ProcessBandwidthPolicy -Path "$TestDrive/limits.csv" }
        'Update-ProcessBandwidthPolicy' = { Update-ProcessBandwidthPolicy -WhatIf }
    }
    $application = Start-Application
}

AfterAll {
    Stop-Program $application.Process
    Start-NetFlowDriver
    Clear-Limit
}

Describe 'the module' {
    It 'exports exactly the functions that have a file in public' {
        $files = (Get-ChildItem -Path "$Root/psmodule/public" -Filter '*.ps1').BaseName | Sort-Object
        @((Get-Command -Module NetFlow).Name | Sort-Object) | Should -Be @($files)
        @((Test-ModuleManifest -Path $Manifest).ExportedFunctions.Keys | Sort-Object) | Should -Be @($files)
    }

    It 'loads every file of private and public' {
        $files = foreach ($folder in 'private', 'public') { Get-ChildItem -Path "$Root/psmodule/$folder" -Filter '*.ps1' | ForEach-Object -Process { ". `$PSScriptRoot/$folder/$($_.Name)" } }
        @(Get-Content -Path "$Root/psmodule/NetFlow.psm1" | Where-Object -FilterScript { $_ -like '. *' } | Sort-Object) | Should -Be @($files | Sort-Object)
    }

    It 'has a section for every cmdlet in its documentation, and for nothing else' {
        $sections = Get-Content -Path "$Root/docs/powershell.md" | Where-Object -FilterScript { $_ -match '^## \w+-\w+$' } | ForEach-Object -Process { $_.Substring(3) }
        @($sections | Sort-Object) | Should -Be @((Get-Command -Module NetFlow).Name | Sort-Object)
    }

    It 'has the version of the package' {
        (Test-ModuleManifest -Path $Manifest).Version | Should -Be (Get-Content -Path "$Root/package.json" -Raw | ConvertFrom-Json).version
    }

    It 'has a page about itself' {
        (Get-Help -Name about_NetFlow | Out-String) | Should -Match 'Get-ProcessTraffic'
    }
}

Describe '<Name>' -ForEach $commands {
    It 'has an approved verb and a singular noun' {
        (Get-Verb).Verb | Should -Contain $Command.Verb
        $Command.Noun | Should -Not -Match 's$'
    }

    It 'has help: synopsis, description, two examples with an explanation, links' {
        $help = Get-Help -Name $Name -Full
        $help.Synopsis | Should -Match '^[A-Z].{15,}\.$'
        ($help.Description | Out-String).Length | Should -BeGreaterThan 60
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        foreach ($example in $help.examples.example) { ($example.remarks | Out-String).Trim() | Should -Match '\w+ \w+' -Because $example.code }
        @($help.relatedLinks.navigationLink).Count | Should -BeGreaterOrEqual 1
    }

    It 'puts out what it says' {
        $declared = @($Command.OutputType.Type | Where-Object -FilterScript { $_ -ne [void] })
        $objects = @(& $outputs[$Name])
        $objects.Count -gt 0 | Should -Be ($declared.Count -gt 0)
        foreach ($object in $objects) { $object.GetType() | Should -BeIn $declared }
    }
}

Describe 'the help of a parameter' {
    It 'says what it is: <Name> -<Parameter>' -ForEach $parameters {
        ((Get-Help -Name $Name -Parameter $Parameter).description | Out-String).Trim() | Should -Match '(?s)^[A-Z].{5,}\.$'
    }
}

Describe 'an example' {
    BeforeAll {
        Start-NetFlowDriver
        Push-Location -Path $TestDrive
        'limits.csv', 'limits.json' | ForEach-Object -Process { Export-ProcessBandwidthPolicy -Path $_ }
    }

    AfterAll {
        Pop-Location
    }

    It 'runs without an error, and would change what it says: <Title>' -ForEach $examples {
        $ErrorActionPreference = 'Stop'
        $WhatIfPreference = $true
        { & ([scriptblock]::Create($Code)) } | Should -Not -Throw
    }
}
