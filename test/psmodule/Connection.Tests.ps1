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

    It 'selects by <Key> <Value>' -ForEach @(
        @{ Key = 'RemotePort'; Value = { $application.Port }; Other = 1 }
        @{ Key = 'LocalPort'; Value = { (Get-ProcessConnection -Id $application.Id).LocalPort }; Other = 1 }
        @{ Key = 'RemoteAddress'; Value = { '127.0.0.0/8', '::1' }; Other = '10.0.0.0/8' }
        @{ Key = 'LocalAddress'; Value = { '127.0.0.1' }; Other = '127.0.0.2' }
        @{ Key = 'State'; Value = { 'Established' }; Other = 'listen' }
        @{ Key = 'Protocol'; Value = { 'TCP', 'udp' }; Other = 'sctp' }
    ) {
        $right, $wrong = @{ $Key = & $Value }, @{ $Key = $Other }
        (Get-ProcessConnection -Id $application.Id @right).ProcessId | Should -Be $application.Id
        (Get-ProcessTraffic -Id $application.Id | Get-ProcessConnection @right).ProcessId | Should -Be $application.Id
        Get-ProcessConnection -Id $application.Id @wrong -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'has the states and protocols of the command line, and refuses what is no address' {
        $help = [string] (& $Node "$Root/bin/netflow.js" connections --state x --protocol tcp 2>&1) + (& $Node "$Root/bin/netflow.js" connections --protocol x 2>&1)
        foreach ($name in 'State', 'Protocol') {
            $attributes = (Get-Command -Name Get-ProcessConnection).Parameters[$name].Attributes
            $values = ($attributes | Where-Object -FilterScript { $_ -is [System.Management.Automation.ValidateSetAttribute] }).ValidValues
            $help | Should -Match "--$($name.ToLowerInvariant()) expects one of $($values -join ', '), not"
        }
        Get-ProcessConnection -RemoteAddress 'example.org' -ErrorAction SilentlyContinue -ErrorVariable problems
        $problems.FullyQualifiedErrorId | Should -BeExactly 'NetFlow.InvalidArgument,Get-ProcessConnection'
    }

    It 'takes processes and traffic from the pipeline' {
        (Get-Process -Id $application.Id | Get-ProcessConnection).RemotePort | Should -Be $application.Port
        (Get-ProcessTraffic -Id $application.Id | Get-ProcessConnection).RemotePort | Should -Be $application.Port
        @() | Get-ProcessConnection | Should -BeNullOrEmpty
    }
}
