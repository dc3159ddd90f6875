BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    # Sends what it is asked for, and says how much that was in all, headers included.
    $server = Start-Program $Node -e "
        const server = require('http').createServer((request, response) => response.end(Buffer.alloc(Number(request.url.slice(1)))));
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));
        process.stdin.resume().on('end', () => process.exit());"
    $url = "http://127.0.0.1:$($server.StandardOutput.ReadLine())"
    # curl's own count: what it read and wrote.
    $curl = '--silent', '--output', '/dev/null', '--write-out', '%{size_request} %{size_header} %{size_download}'
}

AfterAll {
    Stop-Program $server
}

Describe 'Measure-ProcessTraffic' {
    It 'gives what a program says that it transferred' {
        $measured = Measure-ProcessTraffic -ScriptBlock { $script:said = & curl @curl "$url/1234567" }
        $request, $header, $body = [long[]] $said.Split(' ')
        $body | Should -Be 1234567
        $measured | Should -BeOfType 'NetFlow.TrafficMeasurement'
        $measured.UploadBytes | Should -BeExactly $request
        $measured.DownloadBytes | Should -BeExactly ($header + $body)
        $measured.Processes | Should -Be 1
        $measured.ExitCode | Should -Be 0
        $measured.Command | Should -BeExactly '$script:said = & curl @curl "$url/1234567"'
        $measured.AverageDownloadSpeed | Should -BeGreaterThan 0
    }

    It 'counts the shell itself, and nothing from before' {
        Send-Loopback -Bytes 5000
        $measured = Measure-ProcessTraffic { Send-Loopback -Bytes 4321 }
        $measured.UploadBytes, $measured.DownloadBytes | Should -Be 8642, 8642
        $measured.Processes | Should -Be 0
        $measured.ExitCode | Should -BeNullOrEmpty
    }

    It 'counts children of children, and those that are still there' {
        $measured = Measure-ProcessTraffic { $script:application = Start-Application -Sends 999 -Receives 111 }
        try {
            # Client and server both belong to it.
            $measured.UploadBytes, $measured.DownloadBytes | Should -Be 1110, 1110
            $measured.Processes | Should -Be 2
        }
        finally { Stop-Program $application.Process }
    }

    It 'sums up programs that ran side by side and are gone' {
        $script:said = @()
        $measured = Measure-ProcessTraffic { $script:said = @(& sh -c 'for n in 1 2 3 4 5; do curl "$@" & done; wait' sh @curl "$url/77777`n".Trim() ) }
        $measured.DownloadBytes | Should -BeGreaterThan (5 * 77777)
        $measured.Processes | Should -Be 6
        ($measured.DownloadBytes - 5 * 77777) % 5 | Should -Be 0 -Because 'all five got the same header'
    }

    It 'keeps the exit code of the last program, for the caller as well' {
        (Measure-ProcessTraffic { & sh -c 'exit 7' }).ExitCode | Should -Be 7
        $LASTEXITCODE | Should -Be 7
        (Measure-ProcessTraffic { 1 }).ExitCode | Should -BeNullOrEmpty
        $LASTEXITCODE | Should -Be 7
    }

    It 'discards what the block puts out, and lets its warnings through' {
        $all = @(Measure-ProcessTraffic { 1; 'x'; Write-Warning -Message 'careful' } 3>&1)
        $all.Count | Should -Be 2
        [string] $all[0] | Should -Be 'careful'
        $all[1] | Should -BeOfType 'NetFlow.TrafficMeasurement'
    }

    It 'ends when the block throws, so that the next one can be measured' {
        { Measure-ProcessTraffic { throw 'out' } } | Should -Throw 'out'
        (Measure-ProcessTraffic { Send-Loopback -Bytes 10 }).UploadBytes | Should -Be 20
    }

    It 'is refused inside of another one, which it would spoil' {
        $outer = Measure-ProcessTraffic {
            Send-Loopback -Bytes 10
            $script:inner = Measure-ProcessTraffic { Send-Loopback -Bytes 10 } -ErrorAction SilentlyContinue -ErrorVariable script:problems
            & sh -c 'exit 0'
        }
        $inner | Should -BeNullOrEmpty
        $problems[0].FullyQualifiedErrorId | Should -Be 'NetFlow.Failed,Measure-ProcessTraffic'
        $outer.UploadBytes, $outer.Processes | Should -Be 20, 1
    }

    It 'measures again after the host was killed while it measured' {
        $null = Measure-ProcessTraffic { Stop-Process -Id ([NetFlow.Bridge]::HostProcessId) -Force } -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems.FullyQualifiedErrorId | Should -Be 'NetFlow.HostGone,Measure-ProcessTraffic'
        (Measure-ProcessTraffic { Send-Loopback -Bytes 10 }).UploadBytes | Should -Be 20
    }
}
