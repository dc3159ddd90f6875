BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    Start-NetFlowDriver
    function Get-Rule { @(Get-ProcessBandwidthLimit | Sort-Object -Property path | ForEach-Object -Process { "$($_.path) $($_.uploadLimit) $($_.downloadLimit) $($_.shared) $($_.source)" }) }
    function Set-Policy([string] $Name, [string[]] $Line) { Set-Content -LiteralPath "$TestDrive/$Name" -Value $Line; "$TestDrive/$Name" }

    # The same rules as CSV and as JSON, and what the command line says of them.
    $csv = Set-Policy 'rules.csv' 'Path,Upload,Download,Shared', '/opt/one/bin/one,1MB,10mbit,false', '"/opt/two, and more/two",none,500KB,true'
    $json = Set-Policy 'rules.json' '{"rules":[{"path":"/opt/one/bin/one","upload":"1MB","download":"10mbit","shared":false},{"path":"/opt/two, and more/two","upload":"none","download":512000,"shared":true}]}'
    $expected = '/opt/one/bin/one 1048576 1250000 False policy', '/opt/two, and more/two  512000 True policy'
}

AfterAll {
    Clear-Limit
}

Describe 'policies' {
    BeforeEach {
        Clear-Limit
    }

    Describe 'Import-ProcessBandwidthPolicy' {
        It 'makes the rules those of the file, and puts nothing out' {
            Import-ProcessBandwidthPolicy -Path $csv | Should -BeNullOrEmpty
            Get-Rule | Should -BeExactly $expected
        }

        It 'tells what it changes with -Verbose, and nothing where it changes nothing' {
            $said = [string] (Import-ProcessBandwidthPolicy -Path $csv -Verbose 4>&1)
            $said | Should -Match '/opt/one/bin/one: now upload 1MB, download 10mbit; before no rule'
            $said | Should -Match '/opt/two, and more/two: now upload none, download 500KB, shared; before no rule'
            [string] (Import-ProcessBandwidthPolicy -Path $csv -Verbose 4>&1) | Should -Not -Match '/opt/one'
        }

        It 'takes a path from the shell''s location, and one with wildcards as it is' {
            [System.IO.File]::Copy($csv, "$TestDrive/ru[1]es.csv")
            Push-Location -LiteralPath $TestDrive
            try {
                Import-ProcessBandwidthPolicy ./rules.csv
                Get-Rule | Should -BeExactly $expected
                Clear-Limit
                Import-ProcessBandwidthPolicy 'TestDrive:/ru[1]es.csv'
                Get-Rule | Should -BeExactly $expected
            }
            finally { Pop-Location }
        }

        It 'changes nothing where something is wrong, and says what' {
            Import-ProcessBandwidthPolicy -Path $csv
            $wrong = Set-Policy 'rate.csv' 'Path,Upload,Download,Shared', '/opt/three,1MB,1MB,false', '/opt/four,10Mbps,1MB,false'
            Import-ProcessBandwidthPolicy -Path $wrong -ErrorAction SilentlyContinue -ErrorVariable problems
            @($problems).Count | Should -Be 1
            $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NetFlow.InvalidArgument,Import-ProcessBandwidthPolicy'
            $problems[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
            $problems[0].Exception.Message | Should -Match '10Mbps'
            Get-Rule | Should -BeExactly $expected
        }
    }

    It 'say why a file can''t be written: <Why>' -ForEach @(
        @{ Why = 'ObjectNotFound'; Folder = '/none' }
        @{ Why = 'PermissionDenied'; Folder = '/sys' }
    ) {
        $problem = Export-ProcessBandwidthPolicy -Path $Folder/rules.csv -ErrorAction Continue 2>&1
        $problem.FullyQualifiedErrorId | Should -BeExactly 'NetFlow.Failed,Export-ProcessBandwidthPolicy'
        $problem.CategoryInfo.Category | Should -Be $Why
    }

    Describe 'Test-ProcessBandwidthPolicy' {
        It 'is a Boolean: whether the rules are those of the file' {
            Test-ProcessBandwidthPolicy -Path $csv | Should -BeFalse
            Import-ProcessBandwidthPolicy -Path $json
            foreach ($file in $csv, $json) {
                $equal = Test-ProcessBandwidthPolicy -Path $file
                $equal | Should -BeOfType [bool]
                $equal | Should -BeTrue
            }
        }

        It 'tells what differs with -Verbose, and changes nothing' {
            Import-ProcessBandwidthPolicy -Path $csv
            $other = Set-Policy 'differs.csv' 'Path,Upload,Download,Shared', '/opt/one/bin/one,2MB,10mbit,false'
            $said = @(Test-ProcessBandwidthPolicy -Path $other -Verbose 4>&1)
            $said[-1] | Should -BeFalse
            [string] $said | Should -Match '/opt/one/bin/one: expected upload 2MB.* /opt/two, and more/two: expected no rule'
            $differences = @(Test-ProcessBandwidthPolicy -Path $other -Detailed)
            $differences.Path | Should -BeExactly '/opt/one/bin/one', '/opt/two, and more/two'
            $differences[0].Expected, $differences[0].Actual | Should -BeExactly 'upload 2MB, download 10mbit', 'upload 1MB, download 10mbit'
            Test-ProcessBandwidthPolicy -Path $csv -Detailed | Should -BeNullOrEmpty
            Get-Rule | Should -BeExactly $expected
        }
    }

    Describe 'Export-ProcessBandwidthPolicy' {
        It 'writes what can be imported again' {
            Import-ProcessBandwidthPolicy -Path $csv
            Export-ProcessBandwidthPolicy -Path "$TestDrive/exported.json" | Should -BeNullOrEmpty
            Clear-Limit
            Import-ProcessBandwidthPolicy -Path "$TestDrive/exported.json"
            Get-Rule | Should -BeExactly $expected
        }

        It 'writes limits that were set by hand, and none of single processes' {
            Set-ProcessBandwidthLimit -LiteralPath '/opt/by hand' -Upload 1MB
            Set-ProcessBandwidthLimit -Id $PID -Upload 1MB
            Export-ProcessBandwidthPolicy -Path "$TestDrive/hand.csv"
            $rules = @(Import-Csv -LiteralPath "$TestDrive/hand.csv")
            $rules.Path | Should -BeExactly '/opt/by hand'
            $rules[0].PSObject.Properties.Name | Should -BeExactly 'Path', 'Upload', 'Download', 'Shared'
        }

        It 'replaces a file, in the shell''s location' {
            Push-Location -LiteralPath $TestDrive
            try {
                Set-Content -Path replaced.csv -Value 'old'
                Export-ProcessBandwidthPolicy replaced.csv
            }
            finally { Pop-Location }
            Get-Content -Path "$TestDrive/replaced.csv" -TotalCount 1 | Should -BeExactly 'Path,Upload,Download,Shared'
        }
    }

    Describe 'Update-ProcessBandwidthPolicy' {
        BeforeAll {
            $folder = '/etc/netflow/policy.d'
            $made = if (Test-Path -Path '/etc/netflow') { if (Test-Path -Path $folder) { "$folder/netflow-test.csv" } else { $folder } } else { '/etc/netflow' }
            $null = New-Item -Path $folder -ItemType Directory -Force
        }

        AfterAll {
            Remove-Item -Path "$folder/netflow-test.csv" -ErrorAction Ignore
            Update-ProcessBandwidthPolicy
            if ($made -notlike '*.csv') { Remove-Item -Path $made -Recurse }
        }

        It 'makes the rules those of the policy folder, and takes them back' {
            Copy-Item -Path $csv -Destination "$folder/netflow-test.csv"
            Update-ProcessBandwidthPolicy | Should -BeNullOrEmpty
            foreach ($rule in $expected) { Get-Rule | Should -Contain $rule }
            [string] (Update-ProcessBandwidthPolicy -Verbose 4>&1) | Should -Not -Match '/opt/one'
            # The folder itself, where nobody else has something in it.
            Remove-Item -Path $(if ($made -like '*.csv') { "$folder/netflow-test.csv" } else { $folder }) -Recurse
            [string] (Update-ProcessBandwidthPolicy -Verbose 4>&1) | Should -Match '/opt/one/bin/one: now no rule; before upload 1MB'
            foreach ($rule in $expected) { Get-Rule | Should -Not -Contain $rule }
            $null = New-Item -Path $folder -ItemType Directory -Force
        }
    }

    Describe 'a policy file that cannot be read' {
        It 'is an error, and no answer: <Command> <File>' -ForEach @(
            foreach ($command in 'Import', 'Test') {
                @{ Command = "$command-ProcessBandwidthPolicy"; File = 'no such.csv'; Category = 'ObjectNotFound' }
                @{ Command = "$command-ProcessBandwidthPolicy"; File = 'nodrive:/rules.csv'; Category = 'ObjectNotFound' }
                @{ Command = "$command-ProcessBandwidthPolicy"; File = 'env:/PATH'; Category = 'InvalidArgument' }
            }
            @{ Command = 'Export-ProcessBandwidthPolicy'; File = 'nodrive:/rules.csv'; Category = 'ObjectNotFound' }
            @{ Command = 'Export-ProcessBandwidthPolicy'; File = 'env:/PATH'; Category = 'InvalidArgument' }
        ) {
            & $Command -Path $File -ErrorAction SilentlyContinue -ErrorVariable problems | Should -BeNullOrEmpty
            @($problems).Count | Should -Be 1
            $problems[0].FullyQualifiedErrorId | Should -Match "^NetFlow\.\w+,$Command$"
            $problems[0].CategoryInfo.Category | Should -BeIn $Category
        }
    }
}
