BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    $application = Start-Application -Sends 11 -Receives 22
}

AfterAll {
    Stop-Program $application.Process
}

Describe 'a process that is not there' {
    It 'is one error for each <What>, and the rest goes on' -ForEach @(
        @{ What = 'id'; Call = { Get-ProcessTraffic -Id 999999, $application.Id, 999998 -ErrorAction Continue }; Missing = 999998, 999999 }
        @{ What = 'name'; Call = { Get-ProcessTraffic -Name 'no such', (Get-ProcessTraffic -Id $application.Id).ProcessName, 'none' -ErrorAction Continue }; Missing = 'no such', 'none' }
    ) {
        $problems, $rows = (& $Call 2>&1).Where({ $_ -is [System.Management.Automation.ErrorRecord] }, 'Split')
        $rows.ProcessId | Should -Contain $application.Id
        @($problems.TargetObject | Sort-Object) | Should -Be @($Missing | Sort-Object)
        foreach ($problem in $problems) {
            $problem.FullyQualifiedErrorId | Should -BeExactly 'NetFlow.NotFound,Get-ProcessTraffic'
            $problem.CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $problem.Exception.Message | Should -Not -Match "`n"
        }
    }

    It 'is no error where a wildcard finds none' {
        Get-ProcessTraffic -Name 'no such*' -ErrorAction Stop | Should -BeNullOrEmpty
    }

    # What a preference says: Preference.Tests.ps1.
    It 'is an error that stops where -ErrorAction says so' {
        { Get-ProcessTraffic -Id 999999 -ErrorAction Stop } | Should -Throw -ErrorId 'NetFlow.NotFound,Get-ProcessTraffic'
    }

    It 'does not end the shell''s script otherwise' {
        $ErrorActionPreference = 'Continue' # the tests' own is Stop
        Get-ProcessTraffic -Id 999999 2> $null
        $? | Should -BeFalse
        Get-ProcessTraffic -Id 999999 -ErrorAction Ignore | Should -BeNullOrEmpty
    }
}

Describe 'an error of the next command in the pipeline' {
    It 'reaches the caller as it is' {
        { Get-ProcessTraffic -Id $application.Id | ForEach-Object -Process { throw [System.IO.FileNotFoundException]::new('x') } } | Should -Throw -ExceptionType ([System.IO.FileNotFoundException])
        { Get-ProcessTraffic -Id $application.Id -Continuous | ForEach-Object -Process { throw 'inner' } } | Should -Throw -ErrorId 'inner'
    }

    It 'ends the script that does not catch it' {
        $said = Invoke-Shell "Get-ProcessTraffic -Id $($application.Id) | ForEach-Object -Process { throw 'inner' }; 'went on'"
        $said | Should -Not -Contain 'went on'
    }
}

Describe 'values that are none' {
    It 'are refused by their parameters: <Call>' -ForEach @(
        @{ Call = { Get-ProcessTraffic -Id 0 } }
        @{ Call = { Get-ProcessTraffic -Id @() } }
        @{ Call = { Get-ProcessTraffic -Id -1 } }
        @{ Call = { Get-ProcessTraffic -Id 99999999999 } }
        @{ Call = { Get-ProcessTraffic -Id x } }
        @{ Call = { Get-ProcessTraffic -Name '' } }
        @{ Call = { Get-ProcessTraffic -Continuous -Interval 0.01 } }
        @{ Call = { Get-ProcessTraffic -Continuous -Interval ([double]::NaN) } }
        @{ Call = { Get-ProcessTraffic -Continuous -Count 0 } }
        @{ Call = { Get-ProcessTraffic -Continuous -Interval 1e9 } }
        @{ Call = { Get-ProcessTraffic -InputObject $null } }
        @{ Call = { Get-ProcessConnection -Id 0 } }
    ) {
        $Call | Should -Throw -ErrorId 'Parameter*'
    }

    It 'are refused together, which ends no script: <Call>' -ForEach @(
        @{ Call = { Get-ProcessTraffic -Count 2 -ErrorAction Continue } }
        @{ Call = { Get-ProcessTraffic -Interval 2 -ErrorAction Continue } }
    ) {
        (& $Call 2>&1).FullyQualifiedErrorId | Should -BeExactly 'NetFlow.InvalidArgument,Get-ProcessTraffic'
    }

    It 'are an error of the core where no parameter sees them' {
        Get-ProcessTraffic -Name '[z-a]' -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems.FullyQualifiedErrorId | Should -BeExactly 'NetFlow.InvalidArgument,Get-ProcessTraffic'
        $problems.CategoryInfo.Category | Should -Be 'InvalidArgument'
    }
}

Describe 'a shell that may not' {
    BeforeAll {
        # Another user may be able to read neither the checkout nor its tools.
        $folder = Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "netflow-module-$PID"
        $null = New-Item -Path $folder, "$folder/home" -ItemType Directory
        Copy-Item -Path "$Root/dist/module/NetFlow" -Destination $folder -Recurse
        $own = Get-ChildItem -Path (Split-Path -Path $Shell) -Recurse -Force -Filter 'pwsh.dll' | Where-Object -Property DirectoryName -Like -Value '*unix'
        Copy-Item -Path $own.DirectoryName -Destination "$folder/shell" -Recurse
        $readable = if (Test-Path -Path "$folder/NetFlow/dist/node") { "$folder/NetFlow/dist/node" } else { $Node }
        & chmod -R a+rX $folder
        & chmod 777 "$folder/home"
    }

    AfterAll {
        Remove-Item -Path $folder -Recurse -Force
    }

    It 'says that it takes root: PermissionDenied' {
        $script = "Import-Module $folder/NetFlow/NetFlow.psd1; foreach (`$call in { Get-ProcessTraffic }, { Get-ProcessConnection }, { Get-NetFlowDriver }, { Start-NetFlowDriver }, { Get-ProcessBandwidthLimit }, { Set-ProcessBandwidthLimit -Id `$PID -Upload 1MB }, { Remove-ProcessBandwidthLimit -All -Confirm:`$false }, { Update-ProcessBandwidthPolicy }) { & `$call 2> `$null; `$Error[0].FullyQualifiedErrorId + ' ' + `$Error[0].CategoryInfo.Category + ' ' + `$Error[0].Exception.Message }"
        $said = @(& setpriv --reuid 65534 --regid 65534 --clear-groups env "HOME=$folder/home" "TMPDIR=$folder/home" "NETFLOW_NODE=$readable" dotnet "$folder/shell/pwsh.dll" -NoProfile -NonInteractive -Command $script)
        $said.Count | Should -Be 8
        foreach ($line in $said) { $line | Should -Match '^NetFlow\.NotPermitted,\S+ PermissionDenied .*root' }
    }
}

Describe 'a driver that cannot start' {
    It 'is ResourceUnavailable, in the words of the command line' {
        # In a mount namespace of its own, where the kernel's types are hidden and no driver runs.
        $script = "Import-Module '$Manifest'; Get-ProcessTraffic -ErrorAction SilentlyContinue; `$Error[0].FullyQualifiedErrorId; [string] `$Error[0].CategoryInfo.Category; `$Error[0].Exception.Message"
        $inside = 'mount -t tmpfs none /sys/kernel/btf && mount -t tmpfs none /sys/fs/bpf && "$@"'
        $said = @(& unshare --mount sh -c $inside sh $Shell -NoProfile -NonInteractive -Command $script)
        $told = & unshare --mount sh -c $inside sh $Node "$Root/bin/netflow.js" list 2>&1
        $said[0] | Should -BeExactly 'NetFlow.DriverUnavailable,Get-ProcessTraffic'
        $said[1] | Should -Be 'ResourceUnavailable'
        [string] $told | Should -BeExactly "netflow: $($said[2])"
        $said[2] | Should -Match 'BTF'
    }
}

Describe 'a host that cannot start' {
    It 'says where it looked for Node.js, and finds it once it is there' {
        # Node.js may be in one of the usual places, or in the module: those are shown without it.
        $script = "Get-ProcessTraffic -ErrorAction SilentlyContinue; `$Error[0].FullyQualifiedErrorId; `$Error[0].Exception.Message; `$env:NETFLOW_NODE = '$TestDrive/node'; (Get-ProcessTraffic -Id $($application.Id)).UploadBytes"
        Copy-Item -Path $Node -Destination "$TestDrive/node"
        $null = New-Item -Path "$TestDrive/empty" -ItemType Directory
        $null = New-Item -Path "$TestDrive/empty/dotnet" -ItemType SymbolicLink -Value "$DotNet/dotnet" # for pwsh itself
        $hide = 'mount -t tmpfs none /mnt; for place in /usr/local/bin /usr/bin /opt/node/bin "$1"; do [ -e $place/node ] || continue; mkdir -p /mnt$place/upper /mnt$place/work; mknod /mnt$place/upper/node c 0 0; mount -t overlay none -o lowerdir=$place,upperdir=/mnt$place/upper,workdir=/mnt$place/work $place; done; shift; "$@"'
        $env:PATH, $path = "$TestDrive/empty", $env:PATH
        try { $said = @(& /usr/bin/unshare --mount /bin/sh -c "PATH=/usr/bin:/bin; $hide" sh "$Root/dist/module/NetFlow/dist" /usr/bin/env "PATH=$TestDrive/empty" $Shell -NoProfile -NonInteractive -Command "Import-Module '$Manifest'; $script") }
        finally { $env:PATH = $path }
        $said[0] | Should -BeExactly 'NetFlow.HostNotStarted,Get-ProcessTraffic'
        $said[1] | Should -Match "was not found in .*$TestDrive/empty, /usr/local/bin, /usr/bin.*: install Node.js 22 or later, or set NETFLOW_NODE"
        $said[2] | Should -Be 11
    }

    It 'says that NETFLOW_NODE is wrong: <What>' -ForEach @(
        @{ What = 'no file'; Value = '/nowhere/node'; Expected = 'NETFLOW_NODE says /nowhere/node, which is not a file' }
        @{ What = 'no program'; Value = '/etc/passwd'; Expected = "can't be started with /etc/passwd" }
        @{ What = 'another program'; Value = '/bin/false'; Expected = 'ended before it was ready \(exit code 1\)' }
    ) {
        $env:NETFLOW_NODE = $Value
        try { $said = Invoke-Shell "Get-ProcessTraffic -ErrorAction SilentlyContinue; `$Error[0].FullyQualifiedErrorId; [string] `$Error[0].CategoryInfo.Category; `$Error[0].Exception.Message" }
        finally { $env:NETFLOW_NODE = $null }
        $said[0] | Should -BeExactly 'NetFlow.HostNotStarted,Get-ProcessTraffic'
        $said[1] | Should -Be 'ResourceUnavailable'
        $said[2] | Should -Match $Expected
    }
}

Describe 'a shell in constrained language mode' {
    It 'is told so in one sentence, when it imports the module' {
        $state = [System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault()
        $state.LanguageMode = 'ConstrainedLanguage'
        $constrained = [powershell]::Create($state)
        try {
            $null = $constrained.AddScript("Import-Module '$Manifest'").Invoke()
            @($constrained.Streams.Error).Count | Should -Be 1
            [string] $constrained.Streams.Error[0] | Should -Match '^NetFlow requires a shell in full language mode, and this one is in ConstrainedLanguage mode: '
        }
        finally { $constrained.Dispose() }
    }
}
