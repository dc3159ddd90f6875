BeforeAll {
    . $PSScriptRoot/support/Support.ps1
    Import-NetFlow
    Start-NetFlowDriver
    $application = Start-Application -Sends 4321 -Receives 1234
}

AfterAll {
    Stop-Program $application.Process
}

Describe 'Get-ProcessConnection' {
    It 'gives the bytes that the application itself counted' {
        $connection = Get-ProcessConnection -Id $application.Id
        $connection.UploadBytes, $connection.DownloadBytes | Should -Be $application.Sent, $application.Received
        $connection.RemoteAddress, $connection.RemotePort | Should -Be '127.0.0.1', $application.Port
        $connection.Protocol, $connection.State | Should -Be 'tcp', 'established'
    }

    It 'gives what the command line gives, field by field and in its order' {
        Wait-Rest $application.Id
        $connection = Get-ProcessConnection -Id $application.Id
        $listed = Invoke-CommandLine connections --pid $application.Id --json
        $names = $connection.PSObject.Properties.Name
        $names | Should -BeExactly @($listed.PSObject.Properties.Name | ForEach-Object -Process { $_.Substring(0, 1).ToUpperInvariant() + $_.Substring(1) })
        foreach ($name in $names) { $connection.$name | Should -BeExactly $listed.$name -Because $name }
    }

    It 'has plain types' {
        $connection = Get-ProcessConnection -Id $application.Id
        $connection | Should -BeOfType 'NetFlow.ProcessConnection'
        foreach ($name in 'UploadBytes', 'DownloadBytes', 'UploadSpeed', 'DownloadSpeed') { $connection.$name | Should -BeOfType [long] -Because $name }
        foreach ($name in 'LocalPort', 'RemotePort', 'ProcessId') { $connection.$name | Should -BeOfType [int] -Because $name }
    }

    It 'takes processes and traffic from the pipeline' {
        (Get-Process -Id $application.Id | Get-ProcessConnection).RemotePort | Should -Be $application.Port
        (Get-ProcessTraffic -Id $application.Id | Get-ProcessConnection).RemotePort | Should -Be $application.Port
        @() | Get-ProcessConnection | Should -BeNullOrEmpty
    }
}
