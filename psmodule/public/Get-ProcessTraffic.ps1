function Get-ProcessTraffic {
    <#
    .SYNOPSIS
        Gets the traffic of each process.
    .DESCRIPTION
        Gets an object for each process that has sockets or traffic: the payload bytes that it sent and received through
        its TCP and UDP sockets since the driver started, and those of the last whole second. Headers and
        retransmissions are not counted. Starts the driver if it is not running.

        A process without sockets and traffic is left out. An id or a name without a process is an error; the others are
        returned all the same.
    .PARAMETER Id
        Gets the processes with these ids.
    .PARAMETER Name
        Gets the processes with these names. Wildcards are allowed.
    .PARAMETER InputObject
        Gets these processes, as Get-Process gives them.
    .PARAMETER Exited
        Also gets processes that have exited.
    .PARAMETER Continuous
        Gets a sample at every interval, until Ctrl+C or until Count samples.
    .PARAMETER Interval
        Seconds between two samples, 0.1 to 86400; the default is one second. Only with Continuous.
    .PARAMETER Count
        The number of samples; the default is no end. Only with Continuous.
    .INPUTS
        System.Diagnostics.Process, or objects with a property Id, ProcessId, PID, Name or ProcessName.
    .OUTPUTS
        NetFlow.ProcessTraffic. Time is when it was read; bytes and speeds (bytes per second) are integers; a limit is
        null if there is none.
    .EXAMPLE
        Get-ProcessTraffic

        Gets all processes that have sockets or traffic.
    .EXAMPLE
        Get-ProcessTraffic | Where-Object UploadSpeed -GT 1MB | Format-List ProcessId, UploadSpeed, Service, CommandLine

        Shows what sends more than a megabyte per second: the systemd unit, and the command line.
    .EXAMPLE
        Get-ProcessTraffic | Sort-Object -Property UploadSpeed -Descending | Select-Object -First 5

        Gets the five processes that send most at the moment.
    .EXAMPLE
        Get-ProcessTraffic | Sort-Object UploadSpeed -Descending | Select-Object -First 1 | Stop-Process -WhatIf

        Shows what would be stopped: the process that sends most, and no other of its name. Get-Process,
        Wait-Process and Debug-Process go by the name of what is piped to them, and mean all processes of that name: give
        them the id, as in Wait-Process -Id $traffic.ProcessId.
    .EXAMPLE
        Get-Process -Name p* | Get-ProcessTraffic

        Gets the traffic of the processes whose names begin with p.
    .EXAMPLE
        Get-ProcessTraffic -Continuous -Interval 0.5 -Count 2 | Export-Csv -NoTypeInformation -Path traffic.csv

        Writes two samples, half a second apart, to a file. Time is the first column. For an hour, give -Interval 60 and
        -Count 60.
    .LINK
        Get-ProcessConnection
    .LINK
        Measure-ProcessTraffic
    .LINK
        about_NetFlow
    #>
    [CmdletBinding(DefaultParameterSetName = 'Id')]
    [OutputType([NetFlow.ProcessTraffic])]
    param(
        [Parameter(ParameterSetName = 'Id', ValueFromPipelineByPropertyName)]
        [Alias('ProcessId', 'PID')]
        [ValidateNotNullOrEmpty()]
        [ValidateRange(1, [int]::MaxValue)]
        [ArgumentCompleter([NetFlow.ProcessCompleter])]
        [int[]] $Id,

        [Parameter(ParameterSetName = 'Name', Position = 0, ValueFromPipelineByPropertyName)]
        [Alias('ProcessName')]
        [ValidateNotNullOrEmpty()]
        [SupportsWildcards()]
        [ArgumentCompleter([NetFlow.ProcessCompleter])]
        [string[]] $Name,

        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)]
        [System.Diagnostics.Process[]] $InputObject,

        [switch] $Exited,

        [switch] $Continuous,

        [ValidateRange(0.1, 86400)]
        [double] $Interval = 1,

        [ValidateRange(1, [int]::MaxValue)]
        [int] $Count
    )

    begin {
        [NetFlow.Preferences]::Inherit($PSCmdlet, $ExecutionContext.SessionState)
        $isWrong = -not $Continuous -and ($PSBoundParameters.ContainsKey('Interval') -or $PSBoundParameters.ContainsKey('Count'))
        if ($isWrong) {
            $message = 'Interval and Count apply to Continuous only: give Continuous as well, or leave them out.'
            $PSCmdlet.WriteError([NetFlow.NetFlowException]::new('INVALID_ARGUMENT', $message, $null, $null).ErrorRecord)
        }
        $filter = [NetFlow.ProcessFilter]::new($MyInvocation.ExpectingInput)
    }

    process {
        $filter.Add($PSCmdlet.ParameterSetName, $PSBoundParameters)
    }

    end {
        if ($isWrong -or $filter.IsNothing) { return }
        $PSCmdlet.WriteVerbose("Asking the host for the traffic of $filter")
        $call = if ($Continuous) { [NetFlow.Bridge]::WatchTraffic($filter, $Exited, $Interval, $Count) }
        else { [NetFlow.Bridge]::GetTraffic($filter, $Exited) }
        try { $call.Read($PSCmdlet) }
        finally { $call.Dispose() }
    }
}
