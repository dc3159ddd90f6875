# What can be known of Windows PowerShell 5.1 without a Windows machine.
BeforeDiscovery {
    . $PSScriptRoot/support/Support.ps1
    $found = @(Get-Item -Path "$Root/NetFlow.psd1") + @(Get-ChildItem -Path "$Root/psmodule" -File -Recurse -Include '*.ps1', '*.psm1', '*.ps1xml', '*.help.txt' | Where-Object -Property FullName -NotMatch -Value 'node_modules')
    $files = @($found | ForEach-Object -Process { @{ Name = $_.Name; Path = $_.FullName } })
    $functions = @($files | Where-Object -FilterScript { $_.Name -like '*.ps1' })
    # What it has no name for, or takes for something else.
    $later = @(
        '$a ?? 1', '$a ??= 1', '$a ? 1 : 2', '${a}?.Length', '${a}?.ToString()', '${a}?[0]'
        'Get-Item a && Get-Item b', 'Get-Item a || Get-Item b', 'Get-Item a &'
        'function f { process { 1 } clean { 2 } }'
        'Get-Error', 'ForEach-Object -Parallel { 1 }', 'ForEach-Object -Process { 1 } -ThrottleLimit 3'
        'Sort-Object -Top 1', 'Get-Content -Path a -AsByteStream', 'Join-Path -Path a -ChildPath b -AdditionalChildPath c'
        'if ($IsLinux) { 1 }', '$PSStyle.Reset'
        '0b101', '10u', '2ul', '"`e[0m"', '"`u{1F600}"', '"a $("`e[0m")"'
        'param([ValidateRange("Positive")] $a)', 'param([ValidateNotNullOrWhiteSpace()] $a)', 'param([ArgumentCompletions("a")] $a)'
        'Get-Process | ? Id', 'Get-Process | % Id', 'Get-Process | sort Id', 'dir', '& sort a'
        "Test-Path -Path '/tmp/x'", 'Get-Content -Path "/proc/$id/stat"'
    )
    $assemblies = @(
        @{ Assembly = 'client/net472/NetFlow.Client.dll'; Framework = '.NETFramework,Version=v4.7.2'; Allowed = 'mscorlib', 'System', 'System.Core', 'System.Management.Automation' }
        @{ Assembly = 'server/net472/NetFlow.Server.dll'; Framework = '.NETFramework,Version=v4.7.2'; Allowed = 'mscorlib', 'System', 'System.Core' }
        @{ Assembly = 'client/netstandard2.0/NetFlow.Client.dll'; Framework = '.NETStandard,Version=v2.0'; Allowed = 'netstandard', 'System.Management.Automation' }
    )
}

BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    . $PSScriptRoot/support/Compatibility.ps1
    $folder = Split-Path -Path $Manifest
    $shipped = @(Get-ChildItem -Path $folder -File -Recurse -Force | ForEach-Object -Process { $_.FullName.Substring($folder.Length + 1) })
}

Describe 'the search for what Windows PowerShell 5.1 does not know' {
    It 'finds <_>' -ForEach $later {
        Find-Later $_ | Should -Not -BeNullOrEmpty
    }

    It 'finds nothing in what it knows' {
        Find-Later 'function Get-It { param([ValidateRange(1, 2)] [int] $Id = 1) foreach ($a in 1, 2L, 3KB, 0x10, 1.5) { if ($a -and $true -or $false) { $PSCmdlet.WriteVerbose("`t$a?") } }; Get-Process -Id $Id | Where-Object -Property Id -EQ -Value 1 | Sort-Object -Property Id -Descending }' | Should -BeNullOrEmpty
    }
}

Describe '<Name>' -ForEach $files {
    It 'has nothing that Windows PowerShell 5.1 does not know' {
        foreach ($code in Get-Script $Path) { Find-Later $code | Should -BeNullOrEmpty }
    }

    It 'is ASCII, which Windows PowerShell reads the same whatever the system''s encoding is' {
        @([System.IO.File]::ReadAllBytes($Path) | Where-Object -FilterScript { $_ -gt 126 -or ($_ -lt 32 -and $_ -notin 9, 10, 13) }).Count | Should -Be 0
    }
}

Describe '<Name>' -ForEach $functions {
    It 'holds one function, of its own name' {
        $tree = [System.Management.Automation.Language.Parser]::ParseFile($Path, [ref] $null, [ref] $null)
        @($tree.EndBlock.Statements).Count | Should -Be 1
        $tree.EndBlock.Statements[0].Name | Should -BeExactly ([System.IO.Path]::GetFileNameWithoutExtension($Path))
    }
}

Describe '<Assembly>' -ForEach $assemblies {
    It 'is for <Framework> and refers to nothing but that and PowerShell' {
        $read = Read-Assembly "$folder/dist/psmodule/$Assembly"
        $read.Framework | Should -BeExactly $Framework
        $read.References.Count | Should -BeGreaterThan 0
        @($read.References.Keys | Where-Object -FilterScript { $_ -notin $Allowed }) | Should -BeNullOrEmpty
        # That of PowerShell 5.1; later ones take it for theirs.
        if ($read.References.ContainsKey('System.Management.Automation')) { $read.References['System.Management.Automation'] | Should -Be ([version] '3.0.0.0') }
    }
}

Describe 'the client for the .NET Framework' {
    It 'is the same client: the same types with the same members' {
        $members = @((Read-Assembly "$folder/dist/psmodule/client/net472/NetFlow.Client.dll").Members)
        $members.Count | Should -BeGreaterThan 50
        $members | Should -BeExactly @((Read-Assembly "$folder/dist/psmodule/client/netstandard2.0/NetFlow.Client.dll").Members)
    }
}

Describe 'what is shipped' {
    It 'has a client for each edition and no other' {
        (Get-ChildItem -Path "$folder/dist/psmodule/client" -Directory).Name | Should -BeExactly 'net472', 'netstandard2.0'
    }

    It 'has no assembly that PowerShell or .NET brings' {
        @($shipped | Where-Object -FilterScript { $_ -match '\.dll$' -and $_ -notmatch '/(NetFlow\.(Client|Server)|EdgeJs|Microsoft\.Extensions\.DependencyModel)\.dll$' }) | Should -BeNullOrEmpty
    }

    It 'has no tests, sources or symbols' {
        @($shipped | Where-Object -FilterScript { $_ -match '\.(ts|cs|csproj|c|h|cc|pdb|map|gyp)$|\.Tests\.ps1$' }) | Should -BeNullOrEmpty
    }

    It 'has names that Windows takes, short enough to be put into a folder of modules' {
        @($shipped | Where-Object -FilterScript { $_.Length -gt 150 -or $_ -match '[<>:"|?*\\]|[. ](/|$)|(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.|/|$)' }) | Should -BeNullOrEmpty
        @($shipped | Group-Object | Where-Object -Property Count -GT -Value 1) | Should -BeNullOrEmpty
    }

    It 'has a manifest that is data, for tools that run nothing' {
        (Import-PowerShellDataFile -Path "$folder/NetFlow.psd1").RootModule | Should -BeExactly 'psmodule/NetFlow.psm1'
    }

    It 'gives way in a shell to another version, which has a host of its own' {
        $later = "$TestDrive/later/NetFlow"
        $null = New-Item -Path (Split-Path -Path $later) -ItemType Directory
        Copy-Item -Path $folder -Destination $later -Recurse
        (Get-Content -Path "$later/NetFlow.psd1") -replace "ModuleVersion = .*", "ModuleVersion = '99.0.0'" | Set-Content -Path "$later/NetFlow.psd1"
        $said = Invoke-Shell "`$null = Get-NetFlowDriver; Import-Module -Name '$later/NetFlow.psd1' -Force; (Get-NetFlowDriver).Driver; [System.IO.File]::ReadAllText(`"/proc/`$([NetFlow.Bridge]::HostProcessId)/cmdline`") -like '*later*'; `$Error.Count"
        $said[0] | Should -Match 'WARNING: This shell keeps a part of the NetFlow that it loaded first'
        $said[1..3] | Should -BeExactly 'ebpf', 'True', '0'
    }

    It 'says in one sentence that it is not built' {
        $null = New-Item -Path "$TestDrive/unbuilt" -ItemType Directory
        Copy-Item -Path "$Root/NetFlow.psd1", "$Root/psmodule" -Destination "$TestDrive/unbuilt" -Recurse -Exclude node_modules
        $said = Invoke-Shell '$Error[0].Exception.Message' -Path "$TestDrive/unbuilt/NetFlow.psd1"
        $said[-1] | Should -BeExactly 'NetFlow is not built here: run `npm run module`.'
    }

    It 'works where it was copied to, under a path with spaces' {
        $copy = "$TestDrive/some where/NetFlow"
        $null = New-Item -Path (Split-Path -Path $copy) -ItemType Directory
        Copy-Item -Path $folder -Destination $copy -Recurse
        Invoke-Shell '(Get-NetFlowDriver).Driver; (Get-Module -Name NetFlow).ModuleBase' -Path "$copy/NetFlow.psd1" | Should -BeExactly 'ebpf', $copy
    }
}
