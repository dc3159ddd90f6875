BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    $ErrorActionPreference = 'Continue' # what is not terminating is to go on, however these tests are started
    Import-NetFlow
    Start-NetFlowDriver
    Clear-Limit
    $streams = [System.Collections.Generic.List[object]]::new()
    function Add-Stream { $stream = Start-Stream @args; $streams.Add($stream); $stream }
    function Copy-Program([string] $Name) { Copy-Item -LiteralPath $Node -Destination "$TestDrive/copy"; [System.IO.File]::Move("$TestDrive/copy", "$TestDrive/$Name"); "$TestDrive/$Name" }
}

Describe 'limits' {
    AfterEach {
        foreach ($stream in $streams) { Stop-Program $stream }
        $streams.Clear()
        Clear-Limit
    }

    Describe 'the speed of a process' {
        It 'is held to its limit at once, on open connections, and let go again' {
            $both = (Add-Stream send), (Add-Stream receive)
            foreach ($free in Measure-Stream $both 1) { $free | Should -BeGreaterThan 5MB }
            Set-ProcessBandwidthLimit -Id $both[0].Id -Upload 500KB
            Set-ProcessBandwidthLimit -Id $both[1].Id -Download 500KB
            foreach ($held in Measure-Stream $both) {
                $held | Should -BeLessThan 600KB
                $held | Should -BeGreaterThan 250KB
            }
            Remove-ProcessBandwidthLimit -Id $both.Id
            foreach ($free in Measure-Stream $both 1) { $free | Should -BeGreaterThan 5MB }
        }
    }

    Describe 'a rate' {
        It 'is <Expected> bytes per second where it is <Rate>' -ForEach @(
            @{ Rate = 1.5MB; Expected = 1572864 }
            @{ Rate = 5000L; Expected = 5000 }
            @{ Rate = '10mbit'; Expected = 1250000 }
            @{ Rate = 'none'; Expected = $null }
        ) {
            $limit = Set-ProcessBandwidthLimit -Id $PID -Upload $Rate -Download 1GB -PassThru
            $limit.UploadLimit | Should -BeExactly $Expected
            $limit.DownloadLimit | Should -BeExactly 1073741824
        }

        It 'is written as it is, without quotes' {
            (Set-ProcessBandwidthLimit -Id $PID -Upload 10mbit -Download 1mb -PassThru).UploadLimit | Should -BeExactly 1250000
            (Get-ProcessBandwidthLimit -Id $PID).DownloadLimit | Should -BeExactly 1048576
        }

        It 'means the same in a culture with a decimal comma' {
            $culture = [cultureinfo]::CurrentCulture
            try {
                [cultureinfo]::CurrentCulture = 'de-DE'
                (Set-ProcessBandwidthLimit -Id $PID -Upload 1.5KB -PassThru).UploadLimit | Should -BeExactly 1536
            }
            finally { [cultureinfo]::CurrentCulture = $culture }
        }

        It 'is refused where it is none: <_>' -ForEach '10Mbps', '', $null, 0, ([double]::NaN) {
            Set-ProcessBandwidthLimit -Id $PID -Upload $_ -ErrorAction SilentlyContinue -ErrorVariable problems
            @($problems).Count | Should -Be 1
            $problems[0].FullyQualifiedErrorId | Should -BeExactly 'NetFlow.InvalidArgument,Set-ProcessBandwidthLimit'
            $problems[0].CategoryInfo.Category | Should -Be 'InvalidArgument'
            Get-ProcessBandwidthLimit | Should -BeNullOrEmpty
        }

        It 'is refused once, with -WhatIf too, however many targets there are' {
            $said = @($PID, $PID, $PID | ForEach-Object -Process { [pscustomobject] @{ Id = $_ } } | Set-ProcessBandwidthLimit -Upload '10Mbps' -WhatIf 2>&1)
            $said.FullyQualifiedErrorId | Should -BeExactly 'NetFlow.InvalidArgument,Set-ProcessBandwidthLimit'
        }
    }

    Describe 'Set-ProcessBandwidthLimit' {
        It 'gives nothing, and the limit with -PassThru, as the command line has it, field by field and in its order' {
            $program = Copy-Program 'passthru'
            Set-ProcessBandwidthLimit -Id $PID -Upload 1MB | Should -BeNullOrEmpty
            $limits = @(Set-ProcessBandwidthLimit -Id $PID -Upload 1MB -PassThru) + @(Set-ProcessBandwidthLimit -LiteralPath $program -Download 2MB -Shared -PassThru)
            $listed = @(Invoke-CommandLine limit list --json)
            $listed.Count | Should -Be 2
            foreach ($limit in $limits) {
                $same = $listed | Where-Object -Property target -EQ -Value $limit.Target
                $names = $limit.PSObject.Properties.Name
                $names | Should -BeExactly @($same.PSObject.Properties.Name | ForEach-Object -Process { $_.Substring(0, 1).ToUpperInvariant() + $_.Substring(1) })
                foreach ($name in $names) { $limit.$name | Should -BeExactly $same.$name -Because $name }
            }
        }

        It 'has plain types' {
            $limit = Set-ProcessBandwidthLimit -Id $PID -Upload 1MB -PassThru
            $limit | Should -BeOfType 'NetFlow.ProcessBandwidthLimit'
            $limit.UploadLimit | Should -BeOfType [long]
            $limit.Processes | Should -BeOfType [long]
            $limit.ProcessId | Should -BeOfType [int]
            $limit.Shared | Should -BeOfType [bool]
            $limit.DownloadLimit, $limit.Path | Should -Be $null, $null
            $limit.Target, $limit.Source | Should -BeExactly 'process', 'local'
        }

        It 'leaves what is not given as it was' {
            Set-ProcessBandwidthLimit -Id $PID -Upload 1MB -Download 2MB
            Set-ProcessBandwidthLimit -Id $PID -Upload 3MB
            Set-ProcessBandwidthLimit -Id $PID -Download none
            $limit = Get-ProcessBandwidthLimit -Id $PID
            $limit.UploadLimit, $limit.DownloadLimit | Should -Be 3MB, $null
        }

        It 'makes a limit shared and not shared' {
            $program = Copy-Program 'switch'
            (Set-ProcessBandwidthLimit -Path $program -Upload 1MB -Shared -PassThru).Shared | Should -BeTrue
            (Set-ProcessBandwidthLimit -Path $program -Upload 2MB -PassThru).Shared | Should -BeTrue
            (Set-ProcessBandwidthLimit -Path $program -Shared:$false -PassThru).Shared | Should -BeFalse
        }

        It 'takes processes by <How>' -ForEach @(
            @{ How = 'an id that is given twice, once'; Set = { Set-ProcessBandwidthLimit -Id ($pair.Id + $pair.Id) -Upload 1MB } }
            @{ How = 'the alias ProcessId'; Set = { Set-ProcessBandwidthLimit -ProcessId $pair.Id -Upload 1MB } }
            @{ How = 'a name with a wildcard'; Set = { Set-ProcessBandwidthLimit -Name 'netflowsle?p' -Upload 1MB } }
            @{ How = 'a name by its place'; Set = { Set-ProcessBandwidthLimit NETFLOWSLEEP -Upload 1MB } }
            @{ How = 'processes in the pipeline'; Set = { Get-Process -Id $pair.Id | Set-ProcessBandwidthLimit -Upload 1MB } }
            @{ How = 'traffic'; Set = { $pair | ForEach-Object -Process { [NetFlow.ProcessTraffic] @{ ProcessId = $_.Id } } | Set-ProcessBandwidthLimit -Upload 1MB } }
            @{ How = 'objects with a property PID, as texts'; Set = { $pair | ForEach-Object -Process { [pscustomobject] @{ PID = [string] $_.Id } } | Set-ProcessBandwidthLimit -Upload 1MB } }
            @{ How = 'limits that they have'; Set = { Set-ProcessBandwidthLimit -Id $pair.Id -Upload 2MB -PassThru | Set-ProcessBandwidthLimit -Upload 1MB } }
        ) {
            Copy-Item -Path '/bin/sleep' -Destination "$TestDrive/netflowsleep"
            $pair = @((Start-Program "$TestDrive/netflowsleep" 100), (Start-Program "$TestDrive/netflowsleep" 100))
            foreach ($process in $pair) { $streams.Add($process) }
            & $Set
            $limits = @(Get-ProcessBandwidthLimit)
            @($limits.processId | Sort-Object) | Should -Be @($pair.Id | Sort-Object)
            $limits.uploadLimit | Should -Be 1048576, 1048576
        }
    }

    Describe 'a row of a CSV file' {
        It 'says what is not given, and an empty cell says nothing' {
            $one, $two = (Copy-Program 'first-row'), (Copy-Program 'second-row')
            Set-ProcessBandwidthLimit -LiteralPath $two -Download 5MB
            Set-Content -Path "$TestDrive/rows.csv" -Value 'Path,Upload,Download,Shared', "$one,1MB,10mbit,TRUE", "$two,none,,"
            Import-Csv -Path "$TestDrive/rows.csv" | Set-ProcessBandwidthLimit
            $limits = @(Get-ProcessBandwidthLimit | Sort-Object -Property Path | ForEach-Object -Process { "$($_.UploadLimit) $($_.DownloadLimit) $($_.Shared)" })
            $limits | Should -BeExactly '1048576 1250000 True', ' 5242880 False'
            Import-Csv -Path "$TestDrive/rows.csv" | Set-ProcessBandwidthLimit -Upload 3MB
            (Get-ProcessBandwidthLimit).UploadLimit | Should -Be 3MB, 3MB
        }

        It 'is one error where it says nothing or nonsense, and the others go on' {
            $rows = @{ Upload = ''; Download = $null }, @{ Upload = '10Mbps' }, @{ Upload = '1MB'; Shared = 'maybe' }, @{ Download = '1MB' } | ForEach-Object -Process { [pscustomobject] ($_ + @{ Id = $PID }) }
            $rows | Set-ProcessBandwidthLimit -ErrorAction SilentlyContinue -ErrorVariable problems
            $problems.FullyQualifiedErrorId | Should -BeExactly (@('NetFlow.InvalidArgument,Set-ProcessBandwidthLimit') * 3)
            (Get-ProcessBandwidthLimit).DownloadLimit, (Get-ProcessBandwidthLimit).UploadLimit | Should -Be 1MB, $null
        }
    }

    Describe 'a path' {
        BeforeAll {
            $null = New-Item -Path "$TestDrive/some where/br[1]" -ItemType Directory
            $folder = "$TestDrive/some where"
            foreach ($name in 'one', 'two', 'br[1]/three', "qu'ote") { [System.IO.File]::Copy('/bin/sleep', "$folder/$name") }
            $null = New-Item -Path "$folder/link" -ItemType SymbolicLink -Value "$folder/one"
        }

        AfterEach {
            Pop-Location -ErrorAction Ignore
        }

        It 'is found where it is given as <How>' -ForEach @(
            @{ How = 'a whole path'; Set = { Set-ProcessBandwidthLimit -Path "$folder/one" -Upload 1MB }; Expected = 'one' }
            @{ How = 'a path from the shell''s location'; Set = { Set-ProcessBandwidthLimit -Path one -Upload 1MB }; Expected = 'one' }
            @{ How = 'one with dots'; Set = { Set-ProcessBandwidthLimit -Path './br`[1`]/../two' -Upload 1MB }; Expected = 'two' }
            @{ How = 'one of a drive'; Set = { Set-ProcessBandwidthLimit -Path 'TestDrive:/some where/one' -Upload 1MB }; Expected = 'one' }
            @{ How = 'wildcards'; Set = { Set-ProcessBandwidthLimit -Path *o*, 'nothing*' -Upload 1MB }; Expected = 'one', 'two', "qu'ote" }
            @{ How = 'an escaped wildcard'; Set = { Set-ProcessBandwidthLimit -Path 'br`[1`]/three' -Upload 1MB }; Expected = 'br[1]/three' }
            @{ How = 'a literal path'; Set = { Set-ProcessBandwidthLimit -LiteralPath 'br[1]/three' -Upload 1MB }; Expected = 'br[1]/three' }
            @{ How = 'a link of root''s, which may lead elsewhere later'; Set = { Set-ProcessBandwidthLimit -Path link -Upload 1MB }; Expected = 'link' }
            @{ How = 'a file in the pipeline'; Set = { Get-ChildItem -File -Recurse -Filter 'thre*' | Set-ProcessBandwidthLimit -Upload 1MB }; Expected = 'br[1]/three' }
            @{ How = 'an object with a property Path'; Set = { [pscustomobject] @{ Path = 'two' } | Set-ProcessBandwidthLimit -Upload 1MB }; Expected = 'two' }
            @{ How = 'a limit from a CSV file'; Set = { [pscustomobject] @{ Target = 'path'; ProcessId = ''; Path = "$folder/two" } | Set-ProcessBandwidthLimit -Upload 1MB }; Expected = 'two' }
        ) {
            Push-Location -LiteralPath $folder
            & $Set
            @((Get-ProcessBandwidthLimit).path | Sort-Object) | Should -BeExactly @($Expected | ForEach-Object -Process { "$folder/$_" } | Sort-Object)
        }

        It 'is got, and removed, where it is given as <How>' -ForEach @(
            @{ How = 'a whole path'; Given = { @{ Path = "$folder/one" } }; Expected = 'one' }
            @{ How = 'a path from the shell''s location'; Given = { @{ Path = './two' } }; Expected = 'two' }
            @{ How = 'a link to it'; Given = { @{ Path = 'link' } }; Expected = 'one' }
            @{ How = 'wildcards'; Given = { @{ Path = 't?o', 'no*such' } }; Expected = 'two' }
            @{ How = 'wildcards in a folder'; Given = { @{ Path = 'br`[1`]/*' } }; Expected = 'br[1]/three' }
            @{ How = 'the end of paths'; Given = { @{ Path = '*/three', '*/one' } }; Expected = 'br[1]/three', 'one' }
        ) {
            Set-ProcessBandwidthLimit -LiteralPath "$folder/one", "$folder/two", "$folder/br[1]/three" -Upload 1MB
            Push-Location -LiteralPath $folder
            $given = & $Given
            $expected = @($Expected | ForEach-Object -Process { "$folder/$_" } | Sort-Object)
            @((Get-ProcessBandwidthLimit @given -ErrorAction Stop).Path | Sort-Object) | Should -BeExactly $expected
            Remove-ProcessBandwidthLimit @given -ErrorAction Stop
            @((Get-ProcessBandwidthLimit).path | Where-Object -FilterScript { $_ -in $expected }) | Should -BeNullOrEmpty
            @(Get-ProcessBandwidthLimit).Count | Should -Be (3 - $expected.Count)
        }

        It 'is removed by what it is, whatever it looks like' {
            Set-ProcessBandwidthLimit -LiteralPath "$folder/br[1]/three", "$folder/qu'ote" -Upload 1MB
            Remove-ProcessBandwidthLimit -LiteralPath "$folder/br[1]/three"
            (Get-ProcessBandwidthLimit).path | Should -BeExactly "$folder/qu'ote"
            Get-ProcessBandwidthLimit | Remove-ProcessBandwidthLimit
            Get-ProcessBandwidthLimit | Should -BeNullOrEmpty
        }

        It 'is warned of where it is not there yet' {
            Set-ProcessBandwidthLimit -LiteralPath "$folder/later" -Upload 1MB -WarningVariable said -WarningAction SilentlyContinue
            "$said" | Should -BeLike "There is no `"$folder/later`" yet*"
        }
    }

    Describe 'Get-ProcessBandwidthLimit' {
        It 'gives all limits, those of some processes, and nothing for an empty pipeline' {
            $program = Copy-Program 'all'
            Set-ProcessBandwidthLimit -Id $PID -Upload 1MB
            Set-ProcessBandwidthLimit -Path $program -Upload 1MB
            @(Get-ProcessBandwidthLimit).Count | Should -Be 2
            (Get-ProcessBandwidthLimit -Id $PID).ProcessId | Should -Be $PID
            (Get-Process -Id $PID | Get-ProcessBandwidthLimit).ProcessId | Should -Be $PID
            @(Get-ProcessBandwidthLimit | Get-ProcessBandwidthLimit).Count | Should -Be 2
            @() | Get-ProcessBandwidthLimit | Should -BeNullOrEmpty
        }

        It 'says nothing of a process that runs without a limit' {
            Get-ProcessBandwidthLimit -Id $PID -ErrorAction Stop | Should -BeNullOrEmpty
            (Get-Process | Get-ProcessBandwidthLimit -ErrorAction SilentlyContinue) | Should -BeNullOrEmpty
        }
    }

    Describe 'Remove-ProcessBandwidthLimit' {
        It 'removes what Get-ProcessBandwidthLimit gives, and puts nothing out' {
            $program = Copy-Program 'removed'
            Set-ProcessBandwidthLimit -Id $PID -Upload 1MB
            Set-ProcessBandwidthLimit -Path $program -Upload 1MB
            Get-ProcessBandwidthLimit | Where-Object -Property Target -EQ -Value path | Remove-ProcessBandwidthLimit | Should -BeNullOrEmpty
            (Get-ProcessBandwidthLimit).processId | Should -Be $PID
            Get-ProcessBandwidthLimit | Remove-ProcessBandwidthLimit
            Get-ProcessBandwidthLimit | Should -BeNullOrEmpty
        }

        It 'removes those of processes' {
            foreach ($remove in { Remove-ProcessBandwidthLimit -Id $PID }, { Get-Process -Id $PID | Remove-ProcessBandwidthLimit }) {
                Set-ProcessBandwidthLimit -Id $PID -Upload 1MB
                & $remove
                Get-ProcessBandwidthLimit | Should -BeNullOrEmpty
            }
        }

        It 'removes all with -All' {
            $program = Copy-Program 'everything'
            Set-ProcessBandwidthLimit -Id $PID -Upload 1MB
            Set-ProcessBandwidthLimit -Path $program -Upload 1MB
            Remove-ProcessBandwidthLimit -All -Confirm:$false
            Get-ProcessBandwidthLimit | Should -BeNullOrEmpty
        }
    }

    Describe 'what can have no limit, or has none' {
        It 'is one error for each, and the rest goes on: <Name>' -ForEach @(
            @{ Name = 'ids that no process has'; Command = 'Set-ProcessBandwidthLimit'; Call = { Set-ProcessBandwidthLimit -Id 999999, $PID, 999998 -Upload 1MB }; Missing = 999998, 999999 }
            @{ Name = 'names that no process has'; Command = 'Set-ProcessBandwidthLimit'; Call = { Set-ProcessBandwidthLimit -Name 'no such', 'none' -Upload 1MB; Set-ProcessBandwidthLimit -Id $PID -Upload 1MB }; Missing = 'no such', 'none' }
            @{ Name = 'drives that are not there'; Command = 'Set-ProcessBandwidthLimit'; Call = { Set-ProcessBandwidthLimit -Path 'nodrive:/x' -Upload 1MB; Set-ProcessBandwidthLimit -Id $PID -Upload 1MB }; Missing = 'nodrive:/x' }
            @{ Name = 'ids without a limit'; Command = 'Remove-ProcessBandwidthLimit'; Call = { Set-ProcessBandwidthLimit -Id $PID -Upload 1MB; Remove-ProcessBandwidthLimit -Id 999999, $PID; Set-ProcessBandwidthLimit -Id $PID -Upload 1MB }; Missing = 999999 }
            @{ Name = 'paths without a limit'; Command = 'Remove-ProcessBandwidthLimit'; Call = { Set-ProcessBandwidthLimit -Id $PID -Upload 1MB; Remove-ProcessBandwidthLimit -Path "$TestDrive/no such" }; Missing = '/no such' }
            @{ Name = 'ids that no process has, in Get-'; Command = 'Get-ProcessBandwidthLimit'; Call = { Set-ProcessBandwidthLimit -Id $PID -Upload 1MB; Get-ProcessBandwidthLimit -Id 999999, $PID }; Missing = 999999 }
            @{ Name = 'paths without a limit, in Get-'; Command = 'Get-ProcessBandwidthLimit'; Call = { Set-ProcessBandwidthLimit -Id $PID -Upload 1MB; Get-ProcessBandwidthLimit -Path "$TestDrive/no such" }; Missing = '/no such' }
        ) {
            $problems = @(& $Call 2>&1 | Where-Object -FilterScript { $_ -is [System.Management.Automation.ErrorRecord] })
            @($problems.TargetObject | ForEach-Object -Process { "$_".Replace([string] $TestDrive, '') } | Sort-Object) | Should -Be @($Missing | Sort-Object) -Because "the errors are: $($problems -join '; ')"
            foreach ($problem in $problems) {
                $problem.FullyQualifiedErrorId | Should -BeExactly "NetFlow.NotFound,$Command"
                $problem.CategoryInfo.Category | Should -Be 'ObjectNotFound'
                $problem.Exception.Message | Should -Not -Match "`n"
            }
            (Get-ProcessBandwidthLimit).processId | Should -Be $PID
        }

        It 'is no error where a wildcard finds none' {
            Set-ProcessBandwidthLimit -Name 'no such*' -Upload 1MB -ErrorAction Stop
            Set-ProcessBandwidthLimit -Path "$TestDrive/no such*" -Upload 1MB -ErrorAction Stop
            Remove-ProcessBandwidthLimit -Path '*no such*' -ErrorAction Stop
            Get-ProcessBandwidthLimit -Path '*no such*' -ErrorAction Stop | Should -BeNullOrEmpty
        }

        It 'is InvalidArgument where it is something else: <_>' -ForEach 'text', 5, 'env:/PATH' {
            $item = $_
            if ($item -like 'env:*') { Set-ProcessBandwidthLimit -Path $item -Upload 1MB -ErrorAction SilentlyContinue -ErrorVariable problems }
            else { $item | Set-ProcessBandwidthLimit -Upload 1MB -ErrorAction SilentlyContinue -ErrorVariable problems }
            $problems.FullyQualifiedErrorId | Should -BeExactly 'NetFlow.InvalidArgument,Set-ProcessBandwidthLimit'
            $problems.TargetObject | Should -Be $item
        }

        It 'is a process that has ended, whoever has its id now' {
            $sleeper = Start-Program '/bin/sleep' 100
            $process = Get-Process -Id $sleeper.Id
            Stop-Program $sleeper
            $exited = [NetFlow.ProcessTraffic] @{ ProcessId = $PID; Exited = $true }
            $process, $exited | Set-ProcessBandwidthLimit -Upload 1MB -ErrorAction SilentlyContinue -ErrorVariable problems
            $problems.FullyQualifiedErrorId | Should -BeExactly 'NetFlow.NotFound,Set-ProcessBandwidthLimit', 'NetFlow.NotFound,Set-ProcessBandwidthLimit'
            $problems.TargetObject | Should -Be $process.Id, $PID
            Get-ProcessBandwidthLimit | Should -BeNullOrEmpty
        }

        It 'is refused where it belongs to the kernel' {
            $kernel = (Get-Process -Name kthreadd -ErrorAction Ignore | Select-Object -First 1).Id
            if ($null -eq $kernel) { Set-ItResult -Skipped -Because 'no thread of the kernel is seen here'; return }
            Set-ProcessBandwidthLimit -Id $kernel -Upload 1MB -ErrorAction SilentlyContinue -ErrorVariable problems
            $problems.FullyQualifiedErrorId | Should -BeExactly 'NetFlow.InvalidArgument,Set-ProcessBandwidthLimit'
            $problems.TargetObject | Should -Be $kernel
        }
    }

    Describe 'parameters' {
        It 'are refused: <Call>' -ForEach @(
            @{ Call = { Set-ProcessBandwidthLimit -Id 0 -Upload 1MB } }
            @{ Call = { Set-ProcessBandwidthLimit -Id @() -Upload 1MB } }
            @{ Call = { Set-ProcessBandwidthLimit -Name '' -Upload 1MB } }
            @{ Call = { Set-ProcessBandwidthLimit -Path $null -Upload 1MB } }
            @{ Call = { Set-ProcessBandwidthLimit -InputObject $null -Upload 1MB } }
            @{ Call = { Set-ProcessBandwidthLimit -Id 1 -Path x -Upload 1MB } }
            @{ Call = { Remove-ProcessBandwidthLimit -All -Id 1 } }
            @{ Call = { Get-ProcessBandwidthLimit -Id 1 -Path x } }
        ) {
            $Call | Should -Throw -ErrorId '*,*-ProcessBandwidthLimit'
        }

        It 'are one error where they change nothing, and end no script' {
            foreach ($call in { Set-ProcessBandwidthLimit -Id $PID }, { Set-ProcessBandwidthLimit -Id $PID -PassThru }, { Get-Process -Id $PID | Set-ProcessBandwidthLimit }) {
                (& $call 2>&1).FullyQualifiedErrorId | Should -BeExactly 'NetFlow.InvalidArgument,Set-ProcessBandwidthLimit'
            }
        }
    }

    Describe 'a limit in a pipeline that does not end' {
        It 'is there before the next object comes' {
            $seen = $PID, $PID | ForEach-Object -Process { @(Invoke-CommandLine limit list --json).Count; [pscustomobject] @{ Id = $_ } } |
                ForEach-Object -Process { if ($_ -is [int]) { $_ } else { $_ | Set-ProcessBandwidthLimit -Upload 1MB } }
            $seen | Should -Be 0, 1
            Get-ProcessTraffic -Continuous -Interval 0.1 -Count 2 | Where-Object -Property ProcessId -EQ -Value $PID | Set-ProcessBandwidthLimit -Upload 2MB -ErrorAction Stop
        }
    }
}
