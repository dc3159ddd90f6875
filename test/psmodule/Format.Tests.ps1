BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    function Get-Lines($Text, $Width = 200) { @($Text | Out-String -Stream -Width $Width | ForEach-Object -Process { ($_ -replace '\e\[[0-9;]*m').TrimEnd() } | Where-Object -FilterScript { $_ }) }
}

Describe 'numbers for people' {
    It 'are those of the command line' {
        $numbers = 0, 1, 1023, 1024, 1025, 5000, 10239, 1230000, 1250000, 1572864, 102348, 1048575, 1048576, 123456789, 1073741823, 1099511627776, 9007199254740991
        $script = "import('$Root/dist/core/index.js').then((core) => [$($numbers -join ',')].forEach((n) => console.log([core.formatBytes(n), core.formatSpeed(n), core.formatRate(Math.min(n, 1e12))].join('|'))))"
        @($numbers | ForEach-Object -Process { "$([NetFlow.Units]::FormatBytes($_))|$([NetFlow.Units]::FormatSpeed($_))|$([NetFlow.Units]::FormatRate([System.Math]::Min([long] $_, 1000000000000)))" }) | Should -BeExactly @(& $Node -e $script)
    }
}

Describe 'the table of traffic' {
    It 'has human units and the columns of the command line' {
        $row = [NetFlow.ProcessTraffic] @{ ProcessId = 42; ProcessName = 'curl'; User = 'root'; UploadBytes = 1500000; DownloadBytes = 999; UploadSpeed = 1536; Connections = 3 }
        $time, $head, $rule, $line = Get-Lines $row
        $head.Trim() -split '\s+' | Should -Be 'Id', 'Name', 'User', 'Upload', 'Download', 'Up/s', 'Down/s', 'Conns'
        $line.Trim() -split '\s\s+' | Should -Be '42 curl', 'root', '1.4 MB', '999 B', '1.5 KB/s', '0 B/s', '3'
    }

    It 'has a list with everything' {
        $row = [NetFlow.ProcessTraffic] @{ ProcessId = 42; UploadLimit = 1MB }
        $lines = Get-Lines ($row | Format-List)
        $lines | Should -Contain 'UploadLimit   : 1MB'
        $lines | Should -Contain 'DownloadLimit : none'
        $lines.Count | Should -Be @($row.PSObject.Properties).Count
    }
}

Describe 'the table of limits' {
    It 'has human units, and says none where there is none' {
        $rows = [NetFlow.ProcessBandwidthLimit] @{ Target = 'path'; Path = '/opt/some where/nginx'; UploadLimit = 1MB; Shared = $true; Source = 'policy'; Processes = 12 },
        [NetFlow.ProcessBandwidthLimit] @{ Target = 'process'; ProcessId = 42; DownloadLimit = 1250000; Source = 'local'; Processes = 1 }
        $head, $rule, $lines = Get-Lines $rows
        $head.Trim() -split '\s\s+' -join '|' | Should -Match '^Target\|Id\|Up limit.Down limit.Shared.Source.Procs.Path$'
        $lines[0] | Should -Match '^path\s+1MB\s+none\s+True\s+policy\s+12 /opt/some where/nginx$'
        $lines[1] | Should -Match '^process\s+42\s+none\s+10mbit\s+False\s+local\s+1$'
    }

    It 'has a list with everything' {
        $lines = Get-Lines ([NetFlow.ProcessBandwidthLimit] @{ Target = 'path'; UploadLimit = 1MB } | Format-List)
        $lines | Should -Contain 'UploadLimit   : 1MB'
        $lines | Should -Contain 'DownloadLimit : none'
        $lines.Count | Should -Be 8
    }
}

Describe 'the other views' {
    It 'show addresses with their ports, whole, in 80 columns without wrapping, and the rest where there is room' {
        $rows = [NetFlow.ProcessConnection] @{ Protocol = 'tcp'; LocalAddress = '::1'; LocalPort = 80; RemoteAddress = '2a00:1450:4001:82b::200e'; RemotePort = 54321; State = 'established'; ProcessId = 4194304; ProcessName = 'a-name-that-is-too-long' },
        [NetFlow.ProcessConnection] @{ Protocol = 'udp'; LocalAddress = '0.0.0.0'; LocalPort = 53; RemoteAddress = '0.0.0.0'; RemotePort = 0; State = ''; ProcessName = 'named' }
        $narrow = Get-Lines $rows 80
        $narrow.Count | Should -Be 4
        $narrow[0].Trim() -split '\s+' | Should -Be 'Id', 'Name', 'Remote', 'Upload', 'Download'
        $narrow[2] | Should -Match "^4194304 a-name-that-is\u2026 \[2a00:1450:4001:82b::200e\]:54321 +0 B +0 B$"
        $narrow[3] | Should -Match '^ +0 named +on 0\.0\.0\.0:53 +0 B +0 B$'
        (Get-Lines $rows 200)[2] | Should -Match '0 B established\s+tcp\s+0 B/s\s+0 B/s \[::1\]:80$'
        $long = Get-Lines ([NetFlow.ProcessConnection] @{ RemoteAddress = '2001:db8:1111:2222:3333:4444:5555:6666'; RemotePort = 54321 }) 80
        -join $long[2, 3] | Should -Match '\[2001:db8:1111:2222:3333:4444:5555:666 .* 6\]:54321$'
    }

    It 'show a measurement and the driver as lists' {
        Get-Lines ([NetFlow.TrafficMeasurement] @{ Command = 'x'; UploadBytes = 2KB; DurationMs = 1234 })  | Should -Contain 'UploadBytes          : 2.0 KB'
        $lines = Get-Lines (Get-NetFlowDriver)
        $lines | Should -Contain 'Driver            : ebpf'
        $lines -join "`n" | Should -Match 'Requirements      : ok       administrator: root'
    }
}
